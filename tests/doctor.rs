//! `doctor`: each broken set-up is made for real, and its first failed check has to name the cause.

mod harness;

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use genesys_token::client::{Client, ClientId};
use genesys_token::doctor::{Candidate, Deadline, candidates, exit_code, find_region, report};
use genesys_token::login::Route;
use genesys_token::region::REGIONS;
use genesys_token::secret::Secret;
use genesys_token::time::SystemClock;
use harness::refused::basic;
use harness::{Call, Done};
use loopback_login_server::{
    Answer, Behaviour, BlackHole, CLIENT_ID, CLIENT_SECRET, Certificate, ExpiresIn, LoginServer, Proxy,
    ProxyBehaviour, VerifyAnswer, refused_url,
};
use serde_json::Value;
use tempfile::TempDir;

fn dir() -> TempDir {
    tempfile::tempdir().expect("a temporary directory")
}

fn server() -> LoginServer {
    LoginServer::start(Behaviour::default())
}

fn answering(answer: Answer) -> LoginServer {
    LoginServer::start(Behaviour::answering(answer))
}

fn refusing(error: &str, description: &str) -> LoginServer {
    answering(Answer::OAuthError {
        status: 400,
        error: error.to_owned(),
        description: description.to_owned(),
    })
}

fn doctor(server: &LoginServer, cache: &Path) -> Call {
    Call::new("doctor", server, cache).args(["--timeout", "3s"])
}

/// The findings of a call, checked against the schema in docs/, with nothing secret in them: neither the credential
/// it was given nor a token that `server` gave.
#[track_caller]
fn findings(server: &LoginServer, call: Call) -> (Done, Value) {
    let secrets: Vec<String> = call
        .environment()
        .into_iter()
        .filter(|(name, _)| name == "GENESYSCLOUD_OAUTHCLIENT_SECRET")
        .map(|(_, value)| value.to_string_lossy().trim().to_owned())
        .chain(server.tokens())
        .collect();
    let done = call.args(["--format", "json", "-vv"]).run();
    let json: Value = serde_json::from_str(&done.stdout).unwrap_or_else(|_| panic!("JSON: {done:?}"));
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/doctor.schema.json");
    let schema = serde_json::from_slice(&fs::read(path).expect("the schema")).expect("JSON");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let problems: Vec<String> = validator.iter_errors(&json).map(|error| error.to_string()).collect();
    assert!(problems.is_empty(), "{problems:?}: {done:?}");
    // As a failed call, whose answer may hold no token either.
    Done { code: 1, ..done.clone() }.keeps_to_itself(secrets.into_iter().chain(server.tokens()));
    (done, json)
}

/// Fails unless the first failed check is `name`, and says `what` in its detail, cause or fix.
#[track_caller]
fn assert_first(server: &LoginServer, call: Call, name: &str, code: i32, what: &[&str]) {
    let (done, json) = findings(server, call);
    let checks = json["checks"].as_array().expect("a list");
    let first = checks.iter().find(|check| check["status"] == "failed").unwrap_or_else(|| panic!("{done:?}"));
    assert_eq!(first["name"], name, "{first}");
    for what in what {
        assert!(first.to_string().contains(what), "{what} is not in {first}");
    }
    assert_eq!(done.code, code, "{first}");
    assert_eq!(json["ok"], false);
}

#[test]
fn a_good_set_up_is_all_well() {
    for server in [server(), LoginServer::start_tls(Behaviour::default(), Certificate::Good)] {
        let cache = dir();
        let (done, json) = findings(&server, doctor(&server, cache.path()));
        let checks = json["checks"].as_array().expect("a list");
        let odd: Vec<&Value> = checks.iter().filter(|check| check["status"] != "ok").collect();
        assert!(odd.is_empty(), "{odd:?}");
        assert_eq!((done.code, &json["ok"]), (0, &true.into()));
        for name in
            ["credential", "region", "network", "tls", "token", "clock", "lifetime", "api", "cache", "locks"]
        {
            assert!(checks.iter().any(|check| check["name"] == name), "{name}: {json}");
        }
        let text = doctor(&server, cache.path()).run();
        assert!(text.stdout.lines().all(|line| line.starts_with("✓ ")), "{}", text.stdout);
        for token in server.tokens() {
            assert!(!done.stdout.contains(&token) && !text.stdout.contains(&token), "{done:?}");
        }
        let last = server.log().pop().expect("a request");
        assert_eq!(last.method, "DELETE", "its own token is ended again");
    }
}

#[test]
fn the_fingerprint_is_what_its_one_liner_computes() {
    let (server, cache) = (server(), dir());
    let (_, json) = findings(&server, doctor(&server, cache.path()));
    let check =
        json["checks"].as_array().expect("a list").iter().find(|check| check["name"] == "fingerprint");
    let detail = check.expect("a fingerprint")["detail"].as_str().expect("text").to_owned();
    let (shown, rest) = detail.split_once(',').expect("a fingerprint, and how");
    let one_liner = rest.split_once("by: ").expect("a one-liner").1.split_once(" (").expect("its reason").0;
    let mut shell = std::process::Command::new("sh");
    let output = shell.args(["-c", one_liner]).env("ID", CLIENT_ID).env("SECRET", CLIENT_SECRET).output();
    assert_eq!(String::from_utf8(output.expect("sh").stdout).expect("text").trim(), shown);
    assert!(!basic().contains(shown));
}

mod the_credential {
    use super::*;

    fn with(id: &str, secret: &str, what: &[&str]) {
        let (server, cache) = (server(), dir());
        assert_first(&server, doctor(&server, cache.path()).credential(id, secret), "credential", 3, what);
        assert_eq!(server.token_requests(), 0, "it is not even sent");
    }

    #[test]
    fn is_missing() {
        let (server, cache) = (server(), dir());
        let call = doctor(&server, cache.path()).without("GENESYSCLOUD_OAUTHCLIENT_SECRET");
        assert_first(
            &server,
            call,
            "credential",
            3,
            &["no client secret", "set GENESYSCLOUD_OAUTHCLIENT_ID"],
        );
        let call = doctor(&server, cache.path()).without("GENESYSCLOUD_OAUTHCLIENT_SECRET");
        let call = call.env("JENKINS_URL", "https://ci.example.com/");
        assert_first(&server, call, "credential", 3, &["in Jenkins, Credentials, update the entry"]);
    }

    #[test]
    fn is_in_a_file_that_is_not_there() {
        let (server, cache) = (server(), dir());
        let call = doctor(&server, cache.path()).args(["--client-secret-file", "/no/such/file"]);
        assert_first(&server, call, "credential", 3, &["cannot read the client secret from /no/such/file"]);
    }

    #[test]
    fn is_swapped() {
        with(&CLIENT_SECRET.replace("loopback-s", "0oopback-s"), CLIENT_ID, &["look swapped"]);
    }

    #[test]
    fn is_a_pasted_header() {
        with(CLIENT_ID, &format!("Basic {}", basic()), &["a space", "whole Authorization header"]);
    }

    #[test]
    fn is_base64_of_both() {
        with(CLIENT_ID, &basic(), &["looks like base64 of id and secret"]);
    }

    #[test]
    fn is_in_quotes() {
        with(CLIENT_ID, &format!("\"{CLIENT_SECRET}\""), &["is in quotes"]);
    }

    #[test]
    fn has_a_line_break_of_base64() {
        let basic = basic();
        with(CLIENT_ID, &format!("{}\n{}", &basic[..76], &basic[76..]), &["broken output of base64"]);
    }

    #[test]
    fn with_a_newline_at_its_end_is_a_warning_since_other_tools_send_it() {
        let (server, cache) = (server(), dir());
        let call = doctor(&server, cache.path()).credential(CLIENT_ID, &format!("{CLIENT_SECRET}\n"));
        let (done, json) = findings(&server, call);
        assert_eq!(done.code, 0);
        let warning =
            json["checks"].as_array().expect("a list").iter().find(|check| check["status"] == "warning");
        assert!(warning.expect("a warning").to_string().contains("trailing newline"), "{json}");
    }
}

mod the_way {
    use super::*;

    #[test]
    fn has_a_misspelled_region() {
        let (server, cache) = (server(), dir());
        let call = doctor(&server, cache.path()).env("GENESYSCLOUD_REGION", "eu-cetnral-1");
        assert_first(&server, call, "region", 2, &["unknown region", "did you mean eu-central-1"]);
    }

    #[test]
    fn has_a_region_and_a_login_url_of_another() {
        let (server, cache) = (server(), dir());
        let call = doctor(&server, cache.path()).login_url("https://login.mypurecloud.de");
        let call = call.env("GENESYSCLOUD_REGION", "eu-west-1");
        assert_first(
            &server,
            call,
            "region",
            2,
            &["the region is eu-west-1, and the login URL of eu-central-1"],
        );
    }

    #[test]
    fn leads_to_the_api_host() {
        let (server, cache) = (server(), dir());
        let call = doctor(&server, cache.path()).login_url("https://api.mypurecloud.de");
        assert_first(&server, call, "region", 2, &["is an API host", "begins with login."]);
    }

    #[test]
    fn has_a_name_without_an_address() {
        let (server, cache) = (server(), dir());
        let call = doctor(&server, cache.path()).login_url("https://login.invalid");
        assert_first(&server, call, "network", 6, &["there is no address for login.invalid"]);
    }

    #[test]
    fn ends_where_nobody_listens() {
        let (server, cache) = (server(), dir());
        let call = doctor(&server, cache.path()).login_url(&refused_url());
        assert_first(&server, call, "network", 6, &["no connection to 127.0.0.1", "refused"]);
    }

    #[test]
    fn ends_at_a_proxy_that_is_down() {
        let cache = dir();
        let server = LoginServer::start_tls(Behaviour::default(), Certificate::Good);
        let call = doctor(&server, cache.path()).env("HTTPS_PROXY", refused_url());
        assert_first(&server, call, "network", 6, &["the proxy", "refused"]);
    }

    #[test]
    fn has_a_proxy_that_wants_a_login() {
        let (cache, proxy) = (dir(), Proxy::start(ProxyBehaviour::Refuse407));
        let server = LoginServer::start_tls(Behaviour::default(), Certificate::Good);
        let call = doctor(&server, cache.path()).env("HTTPS_PROXY", proxy.url());
        assert_first(&server, call, "token", 6, &["HTTP 407", "put user and password into HTTPS_PROXY"]);
    }

    #[test]
    fn has_a_proxy_whose_url_is_none() {
        let cache = dir();
        let server = LoginServer::start_tls(Behaviour::default(), Certificate::Good);
        for proxy in ["http://[:secret-pass@", "socks5://127.0.0.1:1080"] {
            let call = doctor(&server, cache.path()).env("HTTPS_PROXY", proxy);
            assert_first(&server, call, "proxy", 2, &["HTTPS_PROXY is not the URL of an HTTP proxy"]);
        }
    }

    #[test]
    fn ends_at_a_certificate_that_does_not_hold() {
        for (certificate, what) in [
            (Certificate::Expired, "expired"),
            (Certificate::SelfSigned, "UnknownIssuer"),
            (Certificate::WrongHost, "not valid for name"),
        ] {
            let (server, cache) = (LoginServer::start_tls(Behaviour::default(), certificate), dir());
            assert_first(
                &server,
                doctor(&server, cache.path()),
                "tls",
                6,
                &[what, "the server shows a certificate for", "private CA", "--ca-cert"],
            );
            assert_eq!(server.log().len(), 0);
        }
    }

    #[test]
    fn ends_at_a_certificate_of_a_stranger() {
        let (stranger, cache) = (LoginServer::start_tls(Behaviour::default(), Certificate::Good), dir());
        let server = LoginServer::start_tls(Behaviour::default(), Certificate::Good);
        let call = doctor(&server, cache.path()).env("GENESYS_TOKEN_CA_CERT", stranger.ca_file());
        assert_first(&server, call, "tls", 6, &["by CN=loopback CA", "held against"]);
    }

    #[test]
    fn has_a_ca_file_that_is_none() {
        let cache = dir();
        let server = LoginServer::start_tls(Behaviour::default(), Certificate::Good);
        let call = doctor(&server, cache.path()).env("GENESYS_TOKEN_CA_CERT", "/no/such/ca.pem");
        assert_first(&server, call, "tls", 2, &["cannot use /no/such/ca.pem"]);
    }

    #[test]
    fn ends_where_no_tls_is_spoken() {
        let (server, cache) = (server(), dir());
        let call = doctor(&server, cache.path()).login_url(&server.login_url().replace("http:", "https:"));
        assert_first(&server, call, "tls", 6, &["does not speak TLS as it should"]);
    }
}

mod the_server {
    use super::*;

    #[test]
    fn does_not_know_the_client() {
        let (server, cache) = (server(), dir());
        let call = doctor(&server, cache.path())
            .credential("99999999-8888-7777-6666-555555555555", CLIENT_SECRET)
            .env("GENESYSCLOUD_REGION", "eu-west-1");
        let what = [
            "invalid_client: client not found",
            "asked was eu-west-1, mypurecloud.ie, but at",
            "--find-region",
        ];
        assert_first(&server, call, "token", 4, &what);
    }

    #[test]
    fn knows_another_secret() {
        let (server, cache) = (server(), dir());
        let call = doctor(&server, cache.path()).credential(CLIENT_ID, &"x".repeat(43));
        assert_first(
            &server,
            call,
            "token",
            4,
            &["authentication failed", "the secret is wrong or was rotated"],
        );
    }

    #[test]
    fn has_the_client_under_another_grant() {
        let (server, cache) = (refusing("unauthorized_client", "not this grant"), dir());
        assert_first(
            &server,
            doctor(&server, cache.path()),
            "token",
            4,
            &["grant type must be Client Credentials"],
        );
    }

    #[test]
    fn knows_no_such_scope() {
        for (scope, what) in [
            ("login:read routing:write", "there is only :readonly"),
            ("routing:queue:edit", "looks like a role permission"),
        ] {
            let (server, cache) = (refusing("invalid_scope", "unknown scope"), dir());
            let call = doctor(&server, cache.path()).env("GENESYS_TOKEN_SCOPE", scope);
            assert_first(
                &server,
                call,
                "token",
                4,
                &["leave the scope out: --scope, GENESYS_TOKEN_SCOPE", what],
            );
        }
    }

    #[test]
    fn limits_us() {
        let (server, cache) = (answering(Answer::RateLimitedFor(Duration::from_secs(60))), dir());
        assert_first(
            &server,
            doctor(&server, cache.path()),
            "token",
            5,
            &["asked too often", "share one cache"],
        );
    }

    #[test]
    fn has_trouble() {
        let unavailable = Answer::Status(503, "<html>".to_owned(), "text/html".to_owned());
        let (server, cache) = (answering(unavailable), dir());
        assert_first(&server, doctor(&server, cache.path()), "token", 6, &["HTTP 503"]);
    }

    #[test]
    fn is_a_web_page() {
        let page = Answer::Status(200, "<html>log in</html>".to_owned(), "text/html".to_owned());
        let (server, cache) = (answering(page), dir());
        assert_first(&server, doctor(&server, cache.path()), "token", 6, &["web page", "captive portal"]);
    }

    #[test]
    fn is_silent() {
        let (server, hole, cache) = (server(), BlackHole::start(), dir());
        let call = Call::bare("doctor").credential(CLIENT_ID, CLIENT_SECRET).cache(cache.path());
        let call = call.login_url(&hole.url()).args(["--timeout", "1s"]);
        assert_first(&server, call, "token", 6, &["did not answer in time"]);
    }

    #[test]
    fn has_another_time() {
        for (ahead, how) in [(3_600, "behind"), (-3_600, "ahead of")] {
            let (server, cache) =
                (LoginServer::start(Behaviour { clock_ahead: ahead, ..Behaviour::default() }), dir());
            assert_first(&server, doctor(&server, cache.path()), "clock", 6, &[how, "let NTP set"]);
        }
    }

    #[test]
    fn gives_tokens_that_live_too_short() {
        let behaviour = Behaviour { expires_in: ExpiresIn::Seconds(300), ..Behaviour::default() };
        let (server, cache) = (LoginServer::start(behaviour), dir());
        let call = doctor(&server, cache.path()).args(["--min-ttl", "20m"]);
        assert_first(
            &server,
            call,
            "lifetime",
            7,
            &["tokens live 5m 0s", "asks for 20m 0s", "token duration"],
        );
    }
}

mod the_api_host {
    use super::*;

    #[test]
    fn is_down() {
        let (server, cache) = (server(), dir());
        let call = doctor(&server, cache.path()).env("GENESYS_TOKEN_API_URL", refused_url());
        assert_first(&server, call, "api", 6, &["cannot reach the API host", "allow the API host as well"]);
    }

    #[test]
    fn does_not_take_the_token() {
        let (server, other, cache) = (server(), server(), dir());
        let call = doctor(&server, cache.path()).env("GENESYS_TOKEN_API_URL", other.api_url());
        assert_first(&server, call, "api", 6, &["bad.credentials", "of two regions"]);
    }

    #[test]
    fn is_another_server() {
        let verify_answer = VerifyAnswer::Status(200);
        let (server, cache) =
            (LoginServer::start(Behaviour { verify_answer, ..Behaviour::default() }), dir());
        assert_first(
            &server,
            doctor(&server, cache.path()),
            "api",
            6,
            &["not about the token", "captive portal"],
        );
    }

    #[test]
    fn is_not_trusted() {
        let (server, cache) = (server(), dir());
        let other = LoginServer::start_tls(Behaviour::default(), Certificate::SelfSigned);
        let call = doctor(&server, cache.path()).env("GENESYS_TOKEN_API_URL", other.api_url());
        let call = call.env("GENESYS_TOKEN_CA_CERT", other.ca_file());
        assert_first(&server, call, "api", 6, &["cannot trust the API host", "UnknownIssuer"]);
    }

    #[test]
    fn that_repeats_the_token_is_not_repeated() {
        for status in [200, 401, 403, 500] {
            let verify_answer = VerifyAnswer::Echo(status);
            let (server, cache) =
                (LoginServer::start(Behaviour { verify_answer, ..Behaviour::default() }), dir());
            let (done, _) = findings(&server, doctor(&server, cache.path()));
            let text = doctor(&server, cache.path()).run();
            for token in server.tokens() {
                // Nor a good part of it.
                for part in [&token[..16], &token[40..56], &token[70..]] {
                    assert!(!done.stdout.contains(part) && !text.stdout.contains(part), "{status}: {done:?}");
                }
            }
        }
    }

    #[test]
    fn does_not_take_this_address() {
        let verify_answer = VerifyAnswer::Code(401, "ip.not.authorized".to_owned());
        let (server, cache) =
            (LoginServer::start(Behaviour { verify_answer, ..Behaviour::default() }), dir());
        assert_first(
            &server,
            doctor(&server, cache.path()),
            "api",
            6,
            &["ip.not.authorized", "certain addresses"],
        );
    }
}

#[cfg(unix)]
mod the_cache {
    use super::*;
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    #[test]
    fn is_open_to_others() {
        let (server, cache) = (server(), dir());
        fs::set_permissions(cache.path(), fs::Permissions::from_mode(0o777)).expect("it is ours");
        let what = ["is writable by other users", "name a directory of the caller's own"];
        assert_first(&server, doctor(&server, cache.path()), "cache", 1, &what);
    }

    #[test]
    fn is_a_link() {
        let (server, cache) = (server(), dir());
        let link = cache.path().join("link");
        symlink(cache.path(), &link).expect("a link");
        assert_first(&server, doctor(&server, &link), "cache", 1, &["no cache", "link"]);
        fs::remove_file(&link).expect("it is ours");
        fs::create_dir(&link).expect("a directory");
        fs::set_permissions(&link, fs::Permissions::from_mode(0o700)).expect("it is ours");
        assert_eq!(findings(&server, doctor(&server, &link)).0.code, 0, "a directory in its place is fine");
    }

    #[test]
    fn can_not_be_written() {
        let (server, cache) = (server(), dir());
        // As on a full disk: no file may grow at all.
        let script = format!(
            "ulimit -f 0; trap '' XFSZ; exec {} doctor --format json --timeout 3s | cat",
            harness::PROGRAM
        );
        let done = Call::shell(&script, &server, cache.path()).run();
        let json: Value = serde_json::from_str(&done.stdout).unwrap_or_else(|_| panic!("{done:?}"));
        let checks = json["checks"].as_array().expect("a list").clone();
        let first = checks.iter().find(|check| check["status"] == "failed").expect("a failed check");
        assert_eq!(first["name"], "cache", "{json}");
        assert!(first.to_string().contains("cannot write into"), "{first}");
    }

    #[test]
    fn has_no_place() {
        let (server, cache) = (server(), dir());
        let call = doctor(&server, cache.path()).without("GENESYS_TOKEN_CACHE_DIR").env("HOME", "/");
        assert_first(&server, call, "cache", 1, &["HOME is not usable"]);
    }
}

mod the_program {
    use super::*;

    #[test]
    fn is_told_what_makes_no_sense() {
        for variable in
            ["GENESYS_TOKEN_TIMEOUT", "GENESYS_TOKEN_VERIFY", "GENESYS_TOKEN_LOG", "GENESYS_TOKEN_MIN_TTL"]
        {
            let (server, cache) = (server(), dir());
            let call = Call::new("doctor", &server, cache.path()).env(variable, "maybe");
            let json: Value =
                serde_json::from_str(&call.args(["--format", "json"]).run().stdout).expect("JSON");
            let first = &json["checks"].as_array().expect("a list")[1];
            assert_eq!((&first["name"], &first["status"]), (&"settings".into(), &"failed".into()), "{json}");
            assert!(first.to_string().contains(variable), "{first}");
            assert_eq!(server.token_requests(), 0);
        }
    }

    #[test]
    fn ends_in_time_however_slowly_the_server_shakes_hands() {
        let cache = dir();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("https://localhost:{}", listener.local_addr().expect("an address").port());
        std::thread::spawn(move || {
            use std::io::Write as _;
            for stream in listener.incoming().flatten() {
                std::thread::spawn(move || {
                    let mut stream = stream;
                    // The head of a long record, and then a byte now and then.
                    let mut alive = stream.write_all(&[0x16, 3, 3, 0x3f, 0xff]).is_ok();
                    while alive {
                        std::thread::sleep(Duration::from_millis(50));
                        alive = stream.write_all(&[0]).is_ok();
                    }
                });
            }
        });
        let server = server();
        let before = Instant::now();
        let call = Call::new("doctor", &server, cache.path()).login_url(&url).args(["--timeout", "1s"]);
        assert_first(&server, call.without("GENESYS_TOKEN_CA_CERT"), "tls", 6, &["did not end in time"]);
        // Not a measure of speed: the server itself would go on for half an hour.
        assert!(before.elapsed() < Duration::from_secs(30), "{:?}", before.elapsed());
    }

    #[test]
    fn is_of_another_release_than_the_step() {
        let (server, cache) = (server(), dir());
        let call = doctor(&server, cache.path()).args(["--for-step", "99"]);
        assert_first(&server, call, "program", 2, &["of different releases"]);
    }
}

mod find_region_ {
    use super::*;

    /// Eighteen login servers, of which one knows the client.
    fn regions(home: Option<usize>, delay: Duration) -> (Vec<LoginServer>, Vec<Candidate>, Client) {
        let (id, secret) = ("99999999-8888-7777-6666-555555555555", "y".repeat(43));
        let servers: Vec<LoginServer> =
            REGIONS.iter().map(|_| LoginServer::start(Behaviour { delay, ..Behaviour::default() })).collect();
        if let Some(home) = home {
            servers[home].add_client(id, &secret);
        }
        let candidate = |(region, server): (_, &LoginServer)| Candidate {
            region,
            login_url: server.login_url(),
            api_url: server.api_url(),
        };
        let candidates = REGIONS.iter().zip(&servers).map(candidate).collect();
        let client =
            Client { id: ClientId::clean(id).expect("an id").0, secret: Secret::from(secret.as_str()) };
        (servers, candidates, client)
    }

    fn ask(client: &Client, candidates: &[Candidate]) -> (String, u8) {
        let route = Route { plain: true, ..Route::default() };
        let clock = SystemClock::start();
        let deadline = Deadline { clock: &clock, timeout: Duration::from_secs(10) };
        let findings = find_region(client, &route, candidates, &deadline);
        (report(&client.id, &findings), exit_code(&findings))
    }

    #[test]
    fn names_the_one_that_knows_the_client_and_ends_its_token() {
        let delay = Duration::from_secs(1);
        let (servers, candidates, client) = regions(Some(8), delay);
        let before = Instant::now();
        let (text, code) = ask(&client, &candidates);
        // Not a measure of speed: one after the other they would take eighteen times the delay.
        assert!(before.elapsed() < delay * 4, "{:?}", before.elapsed());
        assert_eq!(code, 0);
        assert_eq!(text, "✓ eu-central-1 (mypurecloud.de) knows client 9999…5555 and gave a token\n");
        assert!(servers.iter().all(|server| server.token_requests() == 1));
        assert_eq!(servers[8].log().last().expect("a request").method, "DELETE");
    }

    #[test]
    fn tells_a_wrong_secret_from_a_wrong_region() {
        let (servers, candidates, client) = regions(None, Duration::ZERO);
        let (text, code) = ask(&client, &candidates);
        assert_eq!(code, 4);
        assert_eq!(text, "✗ none of the 18 regions that answered knows client 9999…5555\n");
        servers[3].add_client(client.id.as_str(), "another");
        let (text, code) = ask(&client, &candidates);
        assert_eq!(code, 0);
        assert!(
            text.starts_with("! ca-central-1 (cac1.pure.cloud) seems to know client 9999…5555: "),
            "{text}"
        );
    }

    #[test]
    fn goes_on_without_those_that_do_not_answer() {
        let (_servers, mut candidates, client) = regions(Some(0), Duration::ZERO);
        candidates[5].login_url = refused_url();
        let (text, code) = ask(&client, &candidates);
        assert_eq!((code, text.lines().count()), (0, 2), "{text}");
        assert!(text.contains("- mx-central-1 (mxc1.pure.cloud) did not say: cannot reach"), "{text}");
    }

    #[test]
    fn takes_a_gateway_s_refusal_for_no_answer() {
        let (servers, candidates, client) = regions(None, Duration::ZERO);
        let answer =
            Answer::OAuthError { status: 403, error: "access_denied".to_owned(), description: String::new() };
        for server in &servers {
            server.set(Behaviour::answering(answer.clone()));
        }
        let (text, code) = ask(&client, &candidates);
        assert_eq!(code, 6, "{text}");
        assert!(text.ends_with("✗ no region could be asked: check the network and the proxy\n"), "{text}");
    }

    #[test]
    fn sends_no_credential_that_can_not_be_right_and_uses_no_proxy_that_is_none() {
        for (call, code) in [
            (Call::bare("doctor").credential(CLIENT_ID, &basic()), 3),
            (Call::bare("doctor").credential(CLIENT_ID, CLIENT_SECRET).env("HTTPS_PROXY", "socks5://x"), 2),
            (Call::bare("doctor").credential(CLIENT_ID, CLIENT_SECRET).env("SSL_CERT_FILE", "/no/file"), 2),
        ] {
            let done = call.args(["--find-region", "--error-format", "json"]).run();
            assert_eq!(done.code, code, "{done:?}");
            done.refused();
        }
    }

    #[test]
    fn asks_genesys_own_hosts_and_no_other() {
        let all = candidates();
        assert_eq!(all.len(), 18);
        for Candidate { login_url, api_url, .. } in all {
            for url in [login_url, api_url] {
                let host = url.strip_prefix("https://").expect("https");
                assert!(genesys_token::region::is_genesys_host(host), "{host}");
            }
        }
    }
}
