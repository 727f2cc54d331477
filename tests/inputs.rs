//! What a call is told: flags over environment over defaults, and what it does not take.

mod harness;

use std::fs;
use std::path::Path;

use genesys_token::error::{Category, Error};
use harness::{Call, Done};
use loopback_login_server::{Behaviour, CLIENT_ID, CLIENT_SECRET, LoginServer, Proxy, ProxyBehaviour};
use tempfile::TempDir;

const OTHER_ID: &str = "99999999-8888-7777-6666-555555555555";
/// Shaped as Genesys' own: 43 characters of base64url.
const OTHER_SECRET: &str = "Zk3vQ9_xT1-bYp0LwR7sHn5mUe2dGc8JaKf6iOtXy4B";

fn dir() -> TempDir {
    tempfile::tempdir().expect("a temporary directory")
}

fn server() -> LoginServer {
    LoginServer::start(Behaviour::default())
}

fn write(dir: &Path, name: &str, content: impl AsRef<[u8]>) -> String {
    let path = dir.join(name);
    fs::write(&path, content).expect("a file can be written");
    path.into_os_string().into_string().expect("a UTF-8 path")
}

/// The error of a call that must fail before it asks anybody.
#[track_caller]
fn refused(call: Call, category: Category, says: &str) -> Error {
    let done = call.args(["--error-format", "json"]).run();
    done.keeps_to_itself([OTHER_SECRET]);
    let error = done.refused();
    assert_eq!(error.category, category, "{error:?}");
    assert!(error.message.contains(says), "{says} is not in {error:?}");
    error
}

mod the_credential {
    use super::*;

    fn without_secret(server: &LoginServer, cache: &Path) -> Call {
        Call::new("get", server, cache).without("GENESYSCLOUD_OAUTHCLIENT_SECRET")
    }

    #[test]
    fn may_come_from_a_file_or_from_stdin_with_or_without_a_newline() {
        for content in
            [CLIENT_SECRET.to_owned(), format!("{CLIENT_SECRET}\n"), format!("{CLIENT_SECRET}\r\n")]
        {
            let (server, dir) = (server(), dir());
            let path = write(dir.path(), "secret", &content);
            let file =
                without_secret(&server, &dir.path().join("file")).args(["--client-secret-file", &path]);
            let stdin =
                without_secret(&server, &dir.path().join("stdin")).args(["--client-secret-file", "-"]);
            let done = [file.run(), stdin.stdin(&content).run()];
            assert_eq!([done[0].token(), done[1].token()], server.tokens()[..]);
            for done in done {
                assert!(!done.stderr.contains("newline"), "normal in a file: {done:?}");
            }
        }
    }

    #[test]
    fn by_flag_wins_over_the_environment() {
        let (server, dir) = (server(), dir());
        server.add_client(OTHER_ID, OTHER_SECRET);
        let path = write(dir.path(), "secret", OTHER_SECRET);
        let call = Call::new("get", &server, &dir.path().join("cache"));
        let done = call.args(["--client-id", OTHER_ID, "--client-secret-file", &path]).run();
        assert_eq!(done.token(), server.tokens()[0]);
        assert!(done.stderr.contains("client 9999…5555"), "{done:?}");
    }

    #[test]
    fn with_a_newline_in_the_environment_works_with_a_warning() {
        let (server, dir) = (server(), dir());
        let call = Call::new("get", &server, dir.path());
        let done = call.credential(&format!("{CLIENT_ID}\n"), &format!("{CLIENT_SECRET}\r\n")).run();
        assert_eq!(done.token(), server.tokens()[0]);
        for name in ["GENESYSCLOUD_OAUTHCLIENT_ID", "GENESYSCLOUD_OAUTHCLIENT_SECRET"] {
            assert!(done.stderr.contains(name), "{name} is not in {done:?}");
        }
        done.keeps_to_itself(server.tokens());
    }

    #[test]
    fn of_an_unusual_shape_is_a_warning_and_no_refusal() {
        let (server, dir) = (server(), dir());
        server.add_client("my-client", "long-but-not-of-genesys");
        let done =
            Call::new("get", &server, dir.path()).credential("my-client", "long-but-not-of-genesys").run();
        assert_eq!(done.token(), server.tokens()[0]);
        assert!(done.stderr.contains("unusual client id"), "{done:?}");
        assert!(done.stderr.contains("client secret"), "{done:?}");
        assert_eq!(done.stderr.lines().count(), 1, "{done:?}");
        done.keeps_to_itself(["long-but-not-of-genesys"]);
    }

    #[test]
    fn that_is_missing_is_named_with_the_flag_and_the_variable() {
        let (id, secret) = ("GENESYSCLOUD_OAUTHCLIENT_ID", "GENESYSCLOUD_OAUTHCLIENT_SECRET");
        for (name, flag) in [(id, "--client-id"), (secret, "--client-secret-file")] {
            for call in [
                Call::bare("get").credential(CLIENT_ID, CLIENT_SECRET).without(name),
                Call::bare("get").credential(CLIENT_ID, CLIENT_SECRET).env(name, ""),
                Call::bare("bind").credential(CLIENT_ID, CLIENT_SECRET).without(name).args(["--dir", "x"]),
            ] {
                let error = refused(call, Category::Credentials, name);
                assert!(error.message.contains(flag), "{error:?}");
            }
        }
    }

    #[test]
    fn with_a_character_that_none_has_is_refused_with_its_position_and_never_its_value() {
        let (head, tail) = OTHER_SECRET.split_at(10);
        for (character, says) in [
            (" ", "a space at character 11"),
            ("\t", "a tab at character 11"),
            ("\n", "a newline at character 11"),
            ("\r", "a carriage return at character 11"),
            ("\u{1b}", "a control character at character 11"),
            ("\u{a0}", "a no-break space at character 11"),
            ("\u{200b}", "an invisible character at character 11"),
        ] {
            let odd = format!("{head}{character}{tail}");
            for (id, secret) in [(CLIENT_ID, odd.as_str()), (odd.as_str(), CLIENT_SECRET)] {
                let done = Call::bare("get").credential(id, secret).args(["--error-format", "json"]).run();
                done.keeps_to_itself([head, tail]);
                let error = done.refused();
                assert_eq!(error.category, Category::Credentials);
                assert!(error.message.contains(says), "{says} is not in {error:?}");
            }
        }
    }

    #[test]
    fn that_is_only_a_newline_is_refused_as_empty() {
        refused(
            Call::bare("get").credential("\n", CLIENT_SECRET),
            Category::Credentials,
            "client id is empty",
        );
        refused(
            Call::bare("get").credential(CLIENT_ID, "\n"),
            Category::Credentials,
            "client secret is empty",
        );
    }

    #[test]
    fn with_id_and_secret_in_one_is_refused() {
        let both = format!("{CLIENT_ID}:{OTHER_SECRET}");
        refused(Call::bare("get").credential(&both, CLIENT_SECRET), Category::Credentials, "a colon");
    }

    #[cfg(unix)]
    #[test]
    fn that_is_not_text_is_malformed() {
        use std::os::unix::ffi::OsStrExt as _;
        let bytes = std::ffi::OsStr::from_bytes(b"\xff\xfe-secret");
        for name in ["GENESYSCLOUD_OAUTHCLIENT_ID", "GENESYSCLOUD_OAUTHCLIENT_SECRET"] {
            let call = Call::bare("get").credential(CLIENT_ID, CLIENT_SECRET).env(name, bytes);
            refused(call, Category::Credentials, name);
        }
        let dir = dir();
        let path = write(dir.path(), "secret", b"\xff\xfe-secret");
        let call = Call::bare("get").args(["--client-id", CLIENT_ID, "--client-secret-file", &path]);
        refused(call, Category::Credentials, "not text");
    }

    #[test]
    fn in_a_file_that_can_not_be_read_is_missing() {
        let dir = dir();
        let large = write(dir.path(), "large", "x".repeat(100_000));
        let nowhere = dir.path().join("nowhere").display().to_string();
        for path in [large, nowhere, dir.path().display().to_string()] {
            let call = Call::bare("get").args(["--client-id", CLIENT_ID, "--client-secret-file", &path]);
            refused(call, Category::Credentials, &path);
        }
    }

    #[test]
    fn given_in_the_wrong_place_is_never_repeated() {
        let rows: [&[&str]; 8] = [
            &[OTHER_SECRET],
            &["--timeout", OTHER_SECRET],
            &["--client-secret", OTHER_SECRET],
            &[&format!("--client-secret={OTHER_SECRET}")],
            &["--client-id", CLIENT_ID, "--client-secret-file", OTHER_SECRET],
            &["--region", OTHER_SECRET],
            &["--client-id", OTHER_SECRET],
            &[&format!("--login-url=https://{CLIENT_ID}:{OTHER_SECRET}@login.mypurecloud.com")],
        ];
        for flags in rows {
            for (verb, form) in [("get", "text"), ("get", "json"), ("doctor", "text")] {
                let done = Call::bare(verb).args(["--error-format", form]).args(flags).run();
                assert!((1..=3).contains(&done.code), "{done:?}");
                done.keeps_to_itself([OTHER_SECRET]);
            }
        }
    }

    #[test]
    fn given_in_the_wrong_variable_is_never_repeated() {
        for variable in [
            "GENESYSCLOUD_REGION",
            "GENESYS_TOKEN_TIMEOUT",
            "GENESYS_TOKEN_MIN_TTL",
            "GENESYS_TOKEN_VERIFY",
            "GENESYS_TOKEN_CA_CERT",
            "GENESYS_TOKEN_LOGIN_URL",
        ] {
            for (verb, secret) in [("get", "60s"), ("get", OTHER_SECRET), ("doctor", OTHER_SECRET)] {
                let call = Call::bare(verb).args(["--client-id", CLIENT_ID]).env(variable, OTHER_SECRET);
                let done = call.env("GENESYSCLOUD_OAUTHCLIENT_SECRET", secret).run();
                assert_ne!(done.code, 0, "{variable}: {done:?}");
                done.keeps_to_itself([OTHER_SECRET]);
            }
        }
    }

    #[test]
    fn that_is_a_word_is_left_in_answers() {
        let done = Call::bare("regions").env("GENESYSCLOUD_OAUTHCLIENT_SECRET", "mypurecloud").run();
        assert!(done.stdout.contains("login.mypurecloud.com"), "{done:?}");
    }

    #[test]
    fn has_no_flag_for_the_secret_itself() {
        let done = Call::bare("get").args(["--client-secret", OTHER_SECRET]).run();
        assert_eq!(done.code, 2);
        assert!(done.stderr.contains("--client-secret-file"), "it says which one there is: {done:?}");
    }

    #[test]
    fn can_not_come_from_the_stdin_of_the_command() {
        let call = Call::bare("exec").args(["--client-id", CLIENT_ID, "--client-secret-file", "-"]);
        let done = call.args(["--error-format", "json", "--", "true"]).stdin(CLIENT_SECRET).run();
        assert_eq!(done.refused().category, Category::Usage);
    }
}

mod the_region {
    use super::*;

    /// Which login and API host a call would ask, by the tunnel that it wants.
    fn hosts(call: Call) -> (String, String) {
        let (proxy, dir) = (Proxy::start(ProxyBehaviour::Refuse407), dir());
        let call =
            call.credential(CLIENT_ID, CLIENT_SECRET).cache(dir.path()).env("HTTPS_PROXY", proxy.url());
        let error = call.args(["--error-format", "json"]).run().refused();
        assert_eq!(error.category, Category::Unavailable, "{error:?}");
        (proxy.connects().remove(0), error.message)
    }

    #[test]
    fn may_be_spelled_in_many_ways_and_decides_the_login_host() {
        for text in [
            "eu-central-1",
            "EU_Central_1",
            "mypurecloud.de",
            "api.mypurecloud.de",
            "LOGIN.mypurecloud.de",
            "https://apps.mypurecloud.de/directory/#/admin",
            "https://api.mypurecloud.de:443/",
        ] {
            let (host, message) = hosts(Call::bare("get").env("GENESYSCLOUD_REGION", text));
            assert_eq!(host, "login.mypurecloud.de:443", "{text}");
            assert!(message.contains("login.mypurecloud.de"), "{message}");
        }
    }

    #[test]
    fn is_us_east_1_when_none_is_given_and_the_flag_wins_over_the_variable() {
        assert_eq!(hosts(Call::bare("get")).0, "login.mypurecloud.com:443");
        assert_eq!(hosts(Call::bare("get").env("GENESYSCLOUD_REGION", "")).0, "login.mypurecloud.com:443");
        let both = Call::bare("get").env("GENESYSCLOUD_REGION", "nonsense").args(["--region", "ap-south-1"]);
        assert_eq!(hosts(both).0, "login.aps1.pure.cloud:443");
    }

    #[test]
    fn decides_what_the_body_of_a_block_sees() {
        let (server, dir) = (server(), dir());
        let call = Call::new("get", &server, dir.path()).without("GENESYS_TOKEN_API_URL");
        let done = call.args(["--region", "apse2", "--format", "env"]).run();
        assert_eq!(done.code, 0, "{done:?}");
        assert!(done.stdout.contains("export GENESYSCLOUD_REGION='ap-southeast-2'\n"), "{done:?}");
        let api = "export GENESYSCLOUD_API_REGION='https://api.mypurecloud.com.au'\n";
        assert!(done.stdout.contains(api), "{done:?}");
    }

    #[test]
    fn that_is_unknown_is_a_usage_error_that_offers_the_nearest() {
        for (text, offer) in [
            ("eu-cental-1", "eu-central-1"),
            ("mypurecloud.dee", "mypurecloud.de"),
            ("login.eu-central-1.pure.cloud", "mypurecloud.de"),
            (" eu-central-1", "white space"),
            ("mars-north-1", "genesys-token regions"),
            ("https://evil-mypurecloud.de", "genesys-token regions"),
        ] {
            let call = Call::bare("get").credential(CLIENT_ID, CLIENT_SECRET).args(["--region", text]);
            let error = refused(call, Category::Usage, "unknown region");
            assert!(error.hint.contains(offer), "{offer} is not in {error:?}");
        }
    }
}

mod a_server_url {
    use super::*;

    #[test]
    fn by_flag_wins_over_the_variable_and_the_line_says_which_set_a_host_that_is_not_genesys() {
        let (server, other, dir) = (server(), server(), dir());
        let call = Call::new("get", &server, dir.path());
        let done = call.args(["--login-url", &other.login_url(), "--api-url", &other.api_url()]).run();
        assert_eq!((done.token(), server.log().len()), (other.tokens()[0].as_str(), 0));
        for flag in ["--login-url", "--api-url"] {
            let says = format!("127.0.0.1 is not Genesys' own host, set by {flag}");
            assert!(done.stderr.contains(&says), "{done:?}");
        }
        let done = Call::new("get", &server, dir.path()).run();
        for variable in ["GENESYS_TOKEN_LOGIN_URL", "GENESYS_TOKEN_API_URL"] {
            let says = format!("127.0.0.1 is not Genesys' own host, set by {variable}");
            assert!(done.stderr.contains(&says), "{done:?}");
        }
        assert_eq!(done.stderr.lines().count(), 1, "{done:?}");
    }

    #[test]
    fn is_https_or_loopback_and_carries_nothing_else() {
        for (url, says) in [
            ("http://login.mypurecloud.com", "is not https"),
            ("http://127.0.0.1.evil.example", "is not https"),
            ("http://localhost.evil.example", "is not https"),
            ("http://0.0.0.0", "is not https"),
            ("http://[::ffff:10.0.0.1]", "is not https"),
            ("ftp://login.mypurecloud.com", "is not https"),
            ("https://user:hunter2-hunter2@login.mypurecloud.com", "user name or password"),
            ("https://login.mypurecloud.com?token=hunter2-hunter2", "query or a fragment"),
            ("https://login.mypurecloud.com/#x", "query or a fragment"),
            ("login.mypurecloud.com", "is not a URL"),
            ("https://", "is not a URL"),
            ("file:///etc/passwd", ""),
        ] {
            for (flag, variable) in
                [("--login-url", "GENESYS_TOKEN_LOGIN_URL"), ("--api-url", "GENESYS_TOKEN_API_URL")]
            {
                let call = || Call::bare("get").credential(CLIENT_ID, CLIENT_SECRET);
                for (call, source) in
                    [(call().args([flag, url]), flag), (call().env(variable, url), variable)]
                {
                    let error = refused(call, Category::Usage, source);
                    assert!(error.message.contains(says), "{says} is not in {error:?}");
                    assert!(!error.message.contains("hunter2"), "{error:?}");
                }
            }
        }
    }

    #[test]
    fn may_be_plain_http_on_this_very_machine() {
        let (server, dir) = (server(), dir());
        let port = server.login_url().rsplit(':').next().expect("a port").to_owned();
        for host in ["localhost", "127.0.0.1"] {
            let url = format!("http://{host}:{port}");
            let done = Call::new("get", &server, dir.path()).login_url(&url).run();
            assert_eq!(Some(done.token()), server.tokens().last().map(String::as_str), "{host}");
        }
    }
}

mod a_setting {
    use super::*;

    fn call() -> Call {
        Call::bare("get").credential(CLIENT_ID, CLIENT_SECRET)
    }

    #[test]
    fn that_makes_no_sense_is_a_usage_error_that_names_it() {
        for (variable, value) in [
            ("GENESYS_TOKEN_TIMEOUT", "soon"),
            ("GENESYS_TOKEN_TIMEOUT", "-5"),
            ("GENESYS_TOKEN_MIN_TTL", "20 minutes"),
            ("GENESYS_TOKEN_MIN_TTL", "99999999999999999999999d"),
            ("GENESYS_TOKEN_VERIFY", "maybe"),
            ("GENESYS_TOKEN_LOG", "loud"),
        ] {
            refused(call().env(variable, value), Category::Usage, variable);
        }
        for (flag, value) in [("--timeout", "soon"), ("--min-ttl", "20 minutes"), ("--verify=x", "")] {
            let flags = [flag, value].into_iter().filter(|part| !part.is_empty());
            refused(call().args(flags), Category::Usage, flag.split('=').next().unwrap_or_default());
        }
        refused(call().args(["--scope", "a\"b"]), Category::Usage, "scope");
    }

    #[test]
    fn that_is_empty_counts_as_unset() {
        let (server, dir) = (server(), dir());
        let names = [
            "GENESYSCLOUD_REGION",
            "GENESYS_TOKEN_SCOPE",
            "GENESYS_TOKEN_MIN_TTL",
            "GENESYS_TOKEN_VERIFY",
            "GENESYS_TOKEN_TIMEOUT",
            "GENESYS_TOKEN_CA_CERT",
            "SSL_CERT_FILE",
            "GENESYS_TOKEN_LOG",
            "HTTPS_PROXY",
            "http_proxy",
            "NO_PROXY",
            "GENESYS_TOKEN_FILE",
        ];
        let call = names.iter().fold(Call::new("get", &server, dir.path()), |call, name| call.env(name, ""));
        assert_eq!(call.run().token(), server.tokens()[0]);
        assert_eq!(server.log()[0].body, "grant_type=client_credentials");
    }

    #[test]
    fn by_flag_wins_over_its_variable_even_when_that_makes_no_sense() {
        let (server, dir) = (server(), dir());
        let call = Call::new("get", &server, Path::new("/dev/null"))
            .env("GENESYS_TOKEN_TIMEOUT", "soon")
            .env("GENESYS_TOKEN_MIN_TTL", "soon")
            .env("GENESYS_TOKEN_SCOPE", "analytics")
            .env("GENESYS_TOKEN_CA_CERT", "/nonexistent")
            .env("GENESYS_TOKEN_LOG", "loud")
            .env("GENESYS_TOKEN_VERIFY", "maybe");
        let cache = dir.path().join("cache");
        let done = call
            .args(["--timeout", "20s", "--min-ttl", "1m", "--scope", "routing", "--verify", "-v"])
            .args(["--ca-cert".into(), server_certificate(dir.path())])
            .args(["--cache-dir".as_ref(), cache.as_os_str()])
            .run();
        assert_eq!(done.token(), server.tokens()[0]);
        assert!(server.log()[0].body.ends_with("&scope=routing"), "{:?}", server.log());
        assert!(fs::read_dir(cache).expect("the cache of the flag").count() > 0);
    }

    /// Any certificate in PEM form.
    fn server_certificate(dir: &Path) -> std::ffi::OsString {
        let tls = LoginServer::start_tls(Behaviour::default(), loopback_login_server::Certificate::Good);
        let pem = fs::read(tls.ca_file()).expect("the CA file");
        write(dir, "ca.pem", pem).into()
    }

    #[test]
    fn in_the_arguments_that_is_unknown_is_a_usage_error_in_the_form_asked_for() {
        let rows: [&[&str]; 6] = [
            &["--tpyo"],
            &["stray"],
            &["--format", "yaml"],
            &["--no-cache", "--cache-dir", "x"],
            &["-q", "-v"],
            &["--timeout"],
        ];
        for flags in rows {
            for json in [&["--error-format", "json"][..], &["--error-format=json"][..]] {
                let done = Call::bare("get").args(json).args(flags).run();
                assert_eq!(done.refused().category, Category::Usage);
            }
            let done = Call::bare("get").args(flags).run();
            assert_eq!((done.code, done.stdout.as_str()), (2, ""));
            assert!(done.stderr.starts_with("genesys-token: error: "), "{done:?}");
        }
    }

    #[test]
    fn of_the_command_is_none_of_ours() {
        let done = Call::bare("exec").args(["--tpyo", "--", "sh", "--error-format=json"]).run();
        assert_eq!(done.code, 2);
        assert!(done.stderr.starts_with("genesys-token: error: "), "in text: {done:?}");
    }

    #[test]
    fn is_missing_when_there_is_no_verb_or_an_unknown_one_or_no_command() {
        let verbs =
            [Call::bare("gte"), Call::bare("exec"), Call::bare("exec").args(["--"]), Call::bare("bind")];
        for call in verbs {
            let done = call.run();
            assert_eq!((done.code, done.stdout.as_str()), (2, ""), "{done:?}");
        }
    }

    #[test]
    fn for_help_or_version_is_an_answer() {
        for flag in ["--help", "-h", "--version", "-V"] {
            let Done { code, stdout, stderr } = Call::bare(flag).run();
            assert_eq!((code, stderr.as_str()), (0, ""), "{flag}");
            assert!(stdout.contains("genesys-token"), "{flag}: {stdout}");
        }
        for verb in ["get", "bind", "exec", "regions", "completions", "man"] {
            let Done { code, stdout, stderr } = Call::bare(verb).args(["--help"]).run();
            assert_eq!((code, stderr.as_str()), (0, ""), "{verb}");
            assert!(stdout.contains("Usage: genesys-token"), "{verb}: {stdout}");
        }
    }
}

mod the_log {
    use super::*;

    fn with(flags: &[&str], variable: &str) -> String {
        let (server, dir) = (server(), dir());
        let done = Call::new("get", &server, dir.path()).env("GENESYS_TOKEN_LOG", variable).args(flags).run();
        assert_eq!(done.token(), server.tokens()[0]);
        done.keeps_to_itself(server.tokens());
        done.stderr
    }

    #[test]
    fn is_one_line_unless_less_or_more_is_asked_for() {
        assert_eq!(with(&[], "").lines().count(), 1);
        assert_eq!(with(&["-q"], "debug"), "");
        assert_eq!(with(&[], "quiet"), "");
        assert!(with(&[], "verbose").lines().count() > 1);
        assert!(with(&["-v"], "quiet").lines().count() > 1);
        assert!(with(&["-vv"], "").lines().count() > 1);
    }

    #[test]
    fn is_silent_about_everything_but_errors() {
        let done = Call::bare("get").args(["-q"]).run();
        assert_eq!(done.code, 3);
        assert!(done.stderr.contains("no client id"), "{done:?}");
    }
}

mod the_cache_directory {
    use super::*;

    fn call(server: &LoginServer) -> Call {
        Call::new("get", server, Path::new("")).without("GENESYS_TOKEN_CACHE_DIR")
    }

    #[test]
    fn is_the_users_own() {
        let (server, home) = (server(), dir());
        for _ in 0..2 {
            assert_eq!(call(&server).env("HOME", home.path()).run().token(), server.tokens()[0]);
        }
        if cfg!(target_os = "linux") {
            assert!(home.path().join(".cache/genesys-token").is_dir());
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn is_below_workspace_tmp_when_there_is_no_home() {
        for home in [None, Some(""), Some("/"), Some("/nonexistent")] {
            let (server, tmp) = (server(), dir());
            let new = || {
                let call = call(&server).env("WORKSPACE_TMP", tmp.path());
                home.into_iter().fold(call, |call, home| call.env("HOME", home))
            };
            assert_eq!([new().run().token(), new().run().token()], [&server.tokens()[0]; 2], "{home:?}");
            assert!(tmp.path().join("genesys-token-cache").is_dir());
        }
    }

    #[cfg(unix)]
    #[test]
    fn that_can_not_be_used_is_named_and_stops_nobody() {
        use std::os::unix::fs::{PermissionsExt as _, symlink};
        let dir = dir();
        let open = dir.path().join("open");
        fs::create_dir(&open).expect("a directory");
        fs::set_permissions(&open, fs::Permissions::from_mode(0o777)).expect("it is ours");
        let link = dir.path().join("link");
        fs::create_dir(dir.path().join("target")).expect("a directory");
        symlink(dir.path().join("target"), &link).expect("a link");
        let file = dir.path().join("file");
        fs::write(&file, "").expect("a file");
        for path in [open, link, file] {
            let server = server();
            let done = Call::new("get", &server, &path).run();
            assert_eq!(done.token(), server.tokens()[0]);
            assert!(done.stderr.contains(&format!("no cache: {}", path.display())), "{done:?}");
            assert_eq!(done.stderr.lines().count(), 1, "{done:?}");
        }
        assert_eq!(fs::read_dir(dir.path().join("target")).expect("a directory").count(), 0);
    }

    #[test]
    fn is_left_alone_when_no_cache_is_wanted() {
        let (server, dir) = (server(), dir());
        for _ in 0..2 {
            let done = Call::new("get", &server, dir.path()).args(["--no-cache"]).run();
            assert_eq!(Some(done.token()), server.tokens().last().map(String::as_str));
        }
        assert_eq!(server.token_requests(), 2);
        assert_eq!(fs::read_dir(dir.path()).expect("a directory").count(), 0);
    }
}
