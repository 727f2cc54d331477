//! What must never be seen: the secret, the token and the Basic header, whatever is said and wherever it is written.

mod harness;

use std::fs;
use std::path::{Path, PathBuf};

use harness::refused::{basic, spellings};
use harness::{Call, Done, together};
use loopback_login_server::{Answer, Behaviour, CLIENT_ID, CLIENT_SECRET, Certificate, LoginServer};
use tempfile::TempDir;

fn dir() -> TempDir {
    tempfile::tempdir().expect("a temporary directory")
}

fn server() -> LoginServer {
    LoginServer::start(Behaviour::default())
}

/// Every file below `dir`.
fn files(dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir).expect("a directory").map(|entry| entry.expect("an entry").path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// Fails if a file below `dir`, or its name, holds one of `values` or the credential, in any spelling.
#[track_caller]
fn assert_sealed(dir: &Path, values: &[String]) {
    let ours = [CLIENT_SECRET.to_owned(), basic()];
    let spellings: Vec<String> = values.iter().chain(&ours).flat_map(|value| spellings(value)).collect();
    let files = files(dir);
    assert!(!files.is_empty(), "nothing to look at");
    for path in files {
        let content = fs::read(&path).expect("a file");
        for spelling in &spellings {
            let found = content.windows(spelling.len()).any(|window| window == spelling.as_bytes());
            assert!(!found, "{spelling} is in {}", path.display());
            assert!(!path.display().to_string().contains(spelling), "{}", path.display());
        }
    }
}

mod the_log {
    use super::*;

    #[test]
    fn of_every_verb_is_silent_about_them_however_much_it_says() {
        let (server, dir) = (server(), dir());
        let path = |name: &str| dir.path().join(name).into_os_string().into_string().expect("UTF-8");
        let (output, block) = (path("output"), path("block"));
        let rows: [(&str, &[&str]); 6] = [
            ("get", &["--output", &output]),
            ("get", &["--output", &output, "--verify"]),
            ("get", &["--output", &output, "--force-refresh", "--scope", "routing"]),
            ("bind", &["--dir", &block]),
            ("exec", &["--", "env"]),
            ("exec", &["--no-masking", "--", "true"]),
        ];
        for (verb, flags) in rows {
            let call = Call::new(verb, &server, &dir.path().join("cache"));
            let call = call.env("RUST_LOG", "trace").env("RUST_BACKTRACE", "full");
            let done = call.args(["-vv"]).args(flags).run();
            assert_eq!(done.code, 0, "{done:?}");
            assert!(done.stderr.lines().count() > 1, "{done:?}");
            done.keeps_to_itself(server.tokens());
            for token in server.tokens() {
                assert!(!done.stdout.contains(&token), "{verb}: {done:?}");
            }
        }
    }

    #[test]
    fn names_the_client_by_its_ends_only() {
        let (server, dir) = (server(), dir());
        let done = Call::new("get", &server, dir.path()).args(["-vv"]).run();
        assert!(!done.stderr.contains(CLIENT_ID), "{done:?}");
    }

    #[test]
    fn of_tls_keys_is_not_written() {
        let dir = dir();
        let server = LoginServer::start_tls(Behaviour::default(), Certificate::Good);
        let keys = dir.path().join("keys");
        let call = Call::new("get", &server, &dir.path().join("cache")).env("SSLKEYLOGFILE", &keys);
        assert_eq!(call.run().token(), server.tokens()[0]);
        assert!(!keys.exists());
    }
}

mod a_panic {
    use super::*;
    use genesys_token::client::{Client, ClientId};
    use genesys_token::commands::{self, World};
    use genesys_token::env::Env;
    use genesys_token::exec::CoreLimit;
    use genesys_token::output::format::Answer;
    use genesys_token::random::SystemRandom;
    use genesys_token::secret::Secret;
    use genesys_token::time::{Clock as _, SystemClock};
    use genesys_token::token::Token;
    use std::io::{Read as _, Write};
    use std::process::{Command, Stdio};

    /// Says everything there is to say of the token that it is given, and panics.
    struct Panicking;
    impl Write for Panicking {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            let value = Secret::new(String::from_utf8(bytes.to_vec()).expect("text"));
            let client = Client {
                id: ClientId::clean(CLIENT_ID).expect("an id").0,
                secret: Secret::from(CLIENT_SECRET),
            };
            let (basic, now) = (client.basic_credentials(), SystemClock::start().now());
            let answer = Answer {
                token: value.clone(),
                expires_at: Some(now),
                scope: None,
                source: "fetched",
                region: None,
                api_url: None,
            };
            let token = Token { value, lifetime: None, scope: None };
            panic!("{token:?} {answer:?} {client:?} {basic:?}");
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    const CACHE: &str = "GENESYS_TOKEN_TESTS_CACHE";
    const LOGIN: &str = "GENESYS_TOKEN_TESTS_LOGIN";

    /// A process of its own: this very test, told where the server is.
    #[test]
    fn in_the_middle_of_a_call_shows_none() {
        if let Ok(login) = std::env::var(LOGIN) {
            return fetch_and_panic(&login);
        }
        let (server, dir) = (server(), dir());
        let mut command = Command::new(std::env::current_exe().expect("a path"));
        command.args(["--exact", "a_panic::in_the_middle_of_a_call_shows_none", "--nocapture"]);
        command.env(LOGIN, server.login_url()).env(CACHE, dir.path()).env("RUST_BACKTRACE", "full");
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
        let (mut stdout, mut stderr) = (String::new(), String::new());
        child.stderr.take().expect("a pipe").read_to_string(&mut stderr).expect("text");
        child.stdout.take().expect("a pipe").read_to_string(&mut stdout).expect("text");
        let code = child.wait().expect("it ends").code().unwrap_or(-1);
        assert!(stderr.contains("panicked at") && stderr.contains("****"), "{stderr}");
        assert_eq!(server.token_requests(), 1);
        Done { code, stdout, stderr }.keeps_to_itself(server.tokens());
    }

    fn fetch_and_panic(login: &str) {
        let variable = |name: &str| match name {
            "GENESYSCLOUD_OAUTHCLIENT_ID" => Some(CLIENT_ID.into()),
            "GENESYSCLOUD_OAUTHCLIENT_SECRET" => Some(CLIENT_SECRET.into()),
            "GENESYS_TOKEN_LOGIN_URL" => Some(login.into()),
            "GENESYS_TOKEN_CACHE_DIR" => std::env::var_os(CACHE),
            _ => None,
        };
        let mut world = World {
            env: Env::new(&variable),
            stdin: &mut std::io::empty(),
            stdout: &mut Panicking,
            stderr: &mut std::io::stderr(),
            clock: &SystemClock::start(),
            random: &SystemRandom::default(),
            core_limit: CoreLimit::default(),
        };
        commands::run(["genesys-token", "get", "-vv"].map(Into::into), &mut world);
    }
}

mod the_cache {
    use super::*;

    #[test]
    fn holds_tokens_under_seal() {
        let (server, dir) = (server(), dir());
        for flags in [&[][..], &["--force-refresh"], &["--scope", "routing"]] {
            assert_eq!(Call::new("get", &server, dir.path()).args(flags).run().code, 0);
        }
        assert_eq!(server.tokens().len(), 3);
        assert_sealed(dir.path(), &server.tokens());
    }

    #[test]
    fn holds_no_scope_that_repeats_them() {
        let token = "a-token-that-is-said-twice";
        for scope in [token.to_owned(), format!("routing {CLIENT_SECRET}"), basic()] {
            let (token, scope) = (Some(token.to_owned()), Some(scope));
            let server = LoginServer::start(Behaviour { token, scope, ..Behaviour::default() });
            let dir = dir();
            assert_eq!(Call::new("get", &server, dir.path()).run().code, 0);
            assert_sealed(dir.path(), &server.tokens());
        }
    }

    #[test]
    fn holds_refusals_under_seal() {
        let description = format!("no client {CLIENT_ID}:{CLIENT_SECRET}, header Basic {}", basic());
        let answer = Answer::OAuthError { status: 400, error: "invalid_client".to_owned(), description };
        let (server, dir) = (LoginServer::start(Behaviour::answering(answer)), dir());
        assert_eq!(Call::new("get", &server, dir.path()).run().code, 4);
        assert_sealed(dir.path(), &["invalid_client".to_owned()]);
    }

    #[cfg(unix)]
    #[test]
    fn is_closed_to_others_and_holds_no_rests() {
        use std::os::unix::fs::PermissionsExt as _;
        let (server, dir) = (server(), dir());
        let cache = dir.path().join("cache");
        assert_eq!(Call::new("get", &server, &cache).run().code, 0);
        let mode = |path: &Path| fs::metadata(path).expect("it is there").permissions().mode() & 0o7777;
        assert_eq!(mode(&cache), 0o700);
        for path in files(&cache) {
            assert_eq!(mode(&path), 0o600, "{}", path.display());
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            assert!(!name.starts_with(".writing-"), "{name}");
        }
    }
}

mod the_process_table {
    use super::*;

    #[cfg(target_os = "linux")]
    #[test]
    fn shows_neither_them_nor_hands_the_secret_on() {
        let (server, dir) = (server(), dir());
        let out = dir.path().join("out");
        // Into a file, since output is masked.
        let script = r#"cat "/proc/$$/cmdline" "/proc/$PPID/cmdline" >"$OUT"; env >>"$OUT.env""#;
        let call = Call::new("exec", &server, &dir.path().join("cache")).env("OUT", &out);
        assert_eq!(call.args(["--", "sh", "-c", script]).run().code, 0);
        let token = &server.tokens()[0];
        let arguments = fs::read_to_string(&out).expect("the command wrote it");
        assert!(arguments.contains("genesys-token"), "{arguments}");
        let environment = fs::read_to_string(dir.path().join("out.env")).expect("the command wrote it");
        assert!(environment.contains(&format!("GENESYSCLOUD_ACCESS_TOKEN={token}\n")), "{environment}");
        for value in [CLIENT_SECRET, &basic()] {
            for spelling in spellings(value) {
                assert!(!arguments.contains(&spelling), "{arguments}");
                assert!(!environment.contains(&spelling), "{environment}");
            }
        }
        assert!(!arguments.contains(token.as_str()), "{arguments}");
    }
}

mod an_error {
    use super::*;

    /// What calls of every form say when the server behaves like this.
    fn behaving(behaviour: Behaviour) -> Vec<Done> {
        let forms: [(&str, &[&str]); 3] = [
            ("get", &["-vv"]),
            ("get", &["--error-format", "json"]),
            ("bind", &["--for-step", "1", "--dir", "x"]),
        ];
        let (server, dir) = (LoginServer::start(behaviour), dir());
        let call = |(verb, flags): (_, &[_])| {
            let call = Call::new(verb, &server, dir.path()).args(["--no-cache", "--timeout", "1s"]);
            call.without("GENESYS_TOKEN_CACHE_DIR").args(flags)
        };
        together(forms.map(call))
    }

    fn answering(answer: Answer) -> Vec<Done> {
        behaving(Behaviour::answering(answer))
    }

    fn refusing(status: u16, error: &str, description: &str) -> Vec<Done> {
        let (error, description) = (error.to_owned(), description.to_owned());
        answering(Answer::OAuthError { status, error, description })
    }

    /// Fails if any of these calls says the secret or the Basic header, broken up or not.
    #[track_caller]
    fn assert_silent(done: &[Done]) {
        for done in done {
            assert!(done.stderr.len() + done.stdout.len() > 100, "it says something: {done:?}");
            done.keeps_to_itself([""; 0]);
            let text = [done.stdout.as_str(), done.stderr.as_str()].concat();
            let joined: String = text.chars().filter(char::is_ascii_graphic).collect();
            let unpadded = basic().trim_end_matches('=').to_owned();
            for value in [CLIENT_SECRET, &unpadded] {
                assert!(!joined.contains(value), "{value} is in {done:?}");
            }
        }
    }

    #[test]
    fn does_not_repeat_the_secret_of_a_refusal_that_quotes_it() {
        for quote in [CLIENT_SECRET.to_owned(), format!("{CLIENT_ID}:{CLIENT_SECRET}")] {
            for status in [400, 401, 403, 503] {
                assert_silent(&refusing(status, "invalid_client", &format!("bad request: {quote}!")));
            }
        }
    }

    #[test]
    fn does_not_repeat_the_basic_header_however_it_is_padded() {
        let basic = basic();
        for quote in
            [format!("Basic {basic}"), basic.trim_end_matches('=').to_owned(), basic.replace('=', "%3D")]
        {
            assert_silent(&refusing(400, "invalid_client", &quote));
        }
    }

    #[test]
    fn does_not_repeat_what_is_broken_up() {
        let basic = basic();
        for by in ["\n", "\r\n ", "\u{0}", " "] {
            assert_silent(&refusing(400, "invalid_client", &[&basic[..76], by, &basic[76..]].concat()));
            let secret = [&CLIENT_SECRET[..20], by, &CLIENT_SECRET[20..]].concat();
            assert_silent(&refusing(400, "invalid_client", &secret));
        }
    }

    #[test]
    fn does_not_repeat_what_hides_behind_invisible_characters() {
        for by in ["\u{200b}", "\u{feff}", "\u{202e}", "\u{ad}", "\u{fe0f}", "\u{e0020}"] {
            let secret = [&CLIENT_SECRET[..20], by, &CLIENT_SECRET[20..]].concat();
            assert_silent(&refusing(400, "invalid_client", &secret));
        }
    }

    #[test]
    fn does_not_repeat_what_is_cut_in_the_middle() {
        // The text is cut at 300 characters; what was sent is struck out before that.
        let text = ["x".repeat(270), CLIENT_SECRET.to_owned()].concat();
        for done in refusing(400, "invalid_client", &text) {
            assert!(!done.stderr.contains(&CLIENT_SECRET[..12]), "{done:?}");
        }
    }

    #[test]
    fn does_not_repeat_an_error_code_that_is_the_request() {
        for error in [CLIENT_SECRET.to_owned(), basic()] {
            assert_silent(&refusing(400, &error, ""));
        }
    }

    #[test]
    fn does_not_repeat_a_page_that_echoes_the_request() {
        let page = format!("<html>Authorization: Basic {}\n{CLIENT_SECRET}</html>", basic());
        for status in [200, 403, 404, 502] {
            assert_silent(&answering(Answer::Status(status, page.clone(), "text/html".to_owned())));
        }
    }

    #[test]
    fn does_not_repeat_where_a_redirect_leads_to() {
        for location in [
            format!("https://{CLIENT_SECRET}.evil.example/"),
            format!("https://{CLIENT_ID}:{CLIENT_SECRET}@evil.example/"),
            format!("https://evil.example/{CLIENT_SECRET}?basic={}", basic()),
            format!("{CLIENT_SECRET}:x"),
        ] {
            assert_silent(&answering(Answer::Redirect(location)));
        }
    }

    #[test]
    fn does_not_repeat_a_token_type_that_is_the_request() {
        for token_type in [CLIENT_SECRET.to_owned(), basic()] {
            assert_silent(&behaving(Behaviour { token_type, ..Behaviour::default() }));
        }
    }

    #[test]
    fn does_not_show_the_token_of_an_answer_that_is_refused() {
        let token = "the-token-in-an-answer-that-is-refused";
        let body = format!(r#"{{"access_token":"{token}","token_type":"{token}"}}"#);
        let twice = format!(r#"{{"access_token":"{token}" "{token}"}}"#);
        for (status, body) in [(200, &body), (200, &twice), (403, &body), (502, &body)] {
            for done in answering(Answer::Status(status, body.clone(), "application/json".to_owned())) {
                assert!(!(done.stdout.contains(token) || done.stderr.contains(token)), "{done:?}");
            }
        }
    }
}
