//! What a call gives: answers in every form on stdout or in files, and the one line on stderr.

mod harness;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use genesys_token::error::{Category, Error};
use genesys_token::time::Timestamp;
use harness::{Call, Done, cached};
use loopback_login_server::{Answer, Behaviour, CLIENT_ID, LoginServer};
use serde_json::Value;
use tempfile::TempDir;

const DAY: Duration = Duration::from_secs(86_400);

fn dir() -> TempDir {
    tempfile::tempdir().expect("a temporary directory")
}

fn server() -> LoginServer {
    LoginServer::start(Behaviour::default())
}

fn handing_out(token: &str) -> LoginServer {
    LoginServer::start(Behaviour { token: Some(token.to_owned()), ..Behaviour::default() })
}

fn read(path: impl AsRef<Path>) -> String {
    fs::read_to_string(path).expect("a file")
}

#[cfg(unix)]
fn mode(path: impl AsRef<Path>) -> u32 {
    use std::os::unix::fs::PermissionsExt as _;
    fs::metadata(path).expect("it is there").permissions().mode() & 0o7777
}

#[cfg(unix)]
fn set_mode(path: impl AsRef<Path>, mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("it is ours");
}

fn names(dir: impl AsRef<Path>) -> Vec<String> {
    let entries = fs::read_dir(dir).expect("a directory");
    let mut names: Vec<_> =
        entries.map(|entry| entry.expect("an entry").file_name().into_string().expect("UTF-8")).collect();
    names.sort();
    names
}

/// `NAME=value` lines.
fn line(text: &str, name: &str) -> String {
    let found: Vec<_> = text.lines().filter_map(|line| line.strip_prefix(name)?.strip_prefix('=')).collect();
    assert_eq!(found.len(), 1, "{name} in {text}");
    found[0].to_owned()
}

mod get {
    use super::*;

    fn format(server: &LoginServer, format: &str) -> String {
        let cache = dir();
        let done = Call::new("get", server, cache.path()).args(["--format", format]).run();
        assert_eq!(done.code, 0, "{done:?}");
        assert_eq!(done.stderr.lines().count(), 1, "{done:?}");
        done.stdout
    }

    #[test]
    fn prints_the_bare_token_a_header_or_a_curl_config() {
        let server = handing_out("a-token");
        assert_eq!(format(&server, "token"), "a-token\n");
        assert_eq!(format(&server, "header"), "Authorization: Bearer a-token\n");
        assert_eq!(format(&server, "curl"), "header = \"Authorization: Bearer a-token\"\n");
        let server = handing_out(r#"a\"b"#);
        assert_eq!(format(&server, "curl"), "header = \"Authorization: Bearer a\\\\\\\"b\"\n");
    }

    #[test]
    fn prints_json_with_exactly_its_six_fields() {
        let cache = dir();
        let server = LoginServer::start(Behaviour {
            token: Some("a-token".to_owned()),
            scope: Some("routing".to_owned()),
            ..Behaviour::default()
        });
        for source in ["fetched", "reused"] {
            let done = Call::new("get", &server, cache.path()).args(["--format", "json"]).run();
            assert_eq!(done.stdout.lines().count(), 1);
            let json: Value = serde_json::from_str(done.token()).expect("JSON");
            let fields: Vec<_> = json.as_object().expect("an object").keys().map(String::as_str).collect();
            let expected = ["access_token", "expires_at", "expires_in", "scope", "source", "token_type"];
            assert_eq!(fields, expected);
            assert_eq!(json["access_token"], "a-token");
            assert_eq!(json["token_type"], "Bearer");
            assert_eq!(json["scope"], "routing");
            assert_eq!(json["source"], source);
            let at = Timestamp::parse_rfc3339(json["expires_at"].as_str().expect("text")).expect("RFC 3339");
            let left = at.since(cached::now());
            assert!(left > Duration::from_secs(86_000) && left < DAY, "{json}");
            assert!(
                json["expires_in"].as_u64().is_some_and(|left| (86_000..86_400).contains(&left)),
                "{json}"
            );
        }
    }

    #[cfg(unix)]
    #[test]
    fn prints_export_lines_that_a_shell_reads_back_as_they_were() {
        let token = r#"it's"a$(token)`with`\everything"#;
        let lines = format(&handing_out(token), "env");
        assert!(lines.lines().all(|line| line.starts_with("export ")), "{lines}");
        let script = r#"eval "$1"; printf '%s' "$GENESYSCLOUD_ACCESS_TOKEN $GENESYSCLOUD_REGION""#;
        let shell =
            std::process::Command::new("sh").args(["-c", script, "sh", &lines]).output().expect("a shell");
        assert_eq!(String::from_utf8_lossy(&shell.stdout), format!("{token} us-east-1"));
    }

    #[cfg(unix)]
    #[test]
    fn writes_a_private_file_in_place_of_whatever_was_there() {
        let (server, dir) = (handing_out("a-token"), dir());
        let path = dir.path().join("token");
        fs::write(&path, "older and much longer than the token").expect("a file");
        set_mode(&path, 0o644);
        let before = fs::File::open(&path).expect("a file");
        let call = Call::new("get", &server, &dir.path().join("cache")).args(["--format", "header"]);
        let done = call.args(["--output".as_ref(), path.as_os_str()]).run();
        assert_eq!((done.code, done.stdout.as_str()), (0, ""), "{done:?}");
        assert_eq!(read(&path), "Authorization: Bearer a-token\n");
        assert_eq!(mode(&path), 0o600);
        let old = std::io::read_to_string(before).expect("the old file");
        assert_eq!(old, "older and much longer than the token", "never a mixture");
        assert_eq!(names(dir.path()), ["cache", "token"]);
    }

    #[test]
    fn says_so_when_the_file_can_not_be_written() {
        let (server, dir) = (server(), dir());
        let nowhere = dir.path().join("no/such/dir/token");
        for (path, category) in [(dir.path(), Category::Usage), (&nowhere, Category::Internal)] {
            let call = Call::new("get", &server, &dir.path().join("cache")).args(["--error-format", "json"]);
            let done = call.args(["-q".as_ref(), "--output".as_ref(), path.as_os_str()]).run();
            done.keeps_to_itself(server.tokens());
            let error = done.refused();
            assert_eq!(error.category, category, "{error:?}");
            assert!(error.message.contains(path.to_str().expect("UTF-8")), "{error:?}");
        }
    }

    #[test]
    fn is_content_with_a_reader_who_has_gone() {
        let behaviour = Behaviour { delay: Duration::from_millis(200), ..Behaviour::default() };
        let (server, cache) = (LoginServer::start(behaviour), dir());
        let mut child = Call::new("get", &server, cache.path()).start();
        drop(child.stdout.take());
        let done = Done::from(child.wait_with_output().expect("it ends"));
        assert_eq!(done.code, 0, "{done:?}");
        assert!(!done.stderr.contains("error"), "{done:?}");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn says_so_when_the_answer_can_not_be_written() {
        let script = r#""$0" regions >/dev/full"#;
        let shell = std::process::Command::new("sh").args(["-c", script, harness::PROGRAM]).output();
        let done = Done::from(shell.expect("a shell"));
        assert_eq!(done.code, 1, "{done:?}");
        assert!(done.stderr.contains("cannot write the answer"), "{done:?}");
    }
}

mod the_line {
    use super::*;

    /// What the line says after the client.
    #[track_caller]
    fn said(done: &Done) -> &str {
        assert_eq!(done.code, 0, "{done:?}");
        let line = done.stderr.strip_suffix('\n').filter(|line| !line.contains('\n'));
        line.unwrap_or_else(|| panic!("one line: {done:?}"))
    }

    #[track_caller]
    fn assert_said(done: &Done, verb: &str, why: &str) {
        let line = said(done);
        let begin = format!("genesys-token: {verb} token of client 1111…5555 at ");
        assert!(line.starts_with(&begin), "{line}");
        let told = line.split("; warning").next().unwrap_or_default();
        assert!(told.ends_with(why), "{why:?} does not end {told:?}");
    }

    #[test]
    fn says_where_the_token_came_from_and_why() {
        let (server, cache) = (server(), dir());
        let call = || Call::new("get", &server, cache.path());
        assert_said(&call().run(), "fetched", "23h 59m left (no entry)");
        assert_said(&call().run(), "reused", "23h 59m left");
        assert_said(&call().args(["--force-refresh"]).run(), "fetched", "(forced)");
        server.kill_all_tokens();
        assert_said(&call().args(["--verify"]).run(), "fetched", "(not alive)");
        assert_said(&call().args(["--min-ttl", "23h59m58s"]).run(), "fetched", "m left (expires in 23h 59m)");
    }

    #[test]
    fn says_how_long_was_left() {
        let (server, cache) = (server(), dir());
        let store = cached::store(cache.path(), &server.login_url());
        cached::put(&store, "old", DAY.saturating_sub(Duration::from_secs(270)), DAY);
        let done = Call::new("get", &server, cache.path()).run();
        assert!(said(&done).contains("(expires in 4m "), "{done:?}");
        cached::put(&store, "old", DAY, DAY);
        assert_said(&Call::new("get", &server, cache.path()).run(), "fetched", "(expired)");
    }

    #[test]
    fn warns_of_an_api_host_that_does_not_say_whether_the_token_is_alive() {
        let (server, cache) = (server(), dir());
        Call::new("get", &server, cache.path()).run();
        server.set(Behaviour {
            verify_answer: loopback_login_server::VerifyAnswer::Status(503),
            ..Behaviour::default()
        });
        let done = Call::new("get", &server, cache.path()).args(["--verify"]).run();
        assert_said(&done, "reused", "left");
        assert!(done.stderr.contains("the API host answered HTTP 503"), "{done:?}");
    }

    #[test]
    fn of_an_error_is_followed_by_its_hint() {
        let done = Call::bare("get").run();
        let lines: Vec<_> = done.stderr.lines().collect();
        assert_eq!(lines.len(), 2, "{done:?}");
        assert!(lines[0].starts_with("genesys-token: error: no client id"), "{done:?}");
        assert!(lines[1].starts_with("  hint: "), "{done:?}");
        assert_eq!((done.code, done.stdout.as_str()), (3, ""));
    }
}

mod bind {
    use super::*;

    fn bind(server: &LoginServer, root: &Path, target: &Path) -> Call {
        Call::new("bind", server, &root.join("cache")).args(["--dir".as_ref(), target.as_os_str()])
    }

    #[test]
    fn prints_six_lines_of_which_none_is_secret() {
        let (server, root) = (handing_out("a-token-of-the-server"), dir());
        let target = root.path().join("tmp/block");
        let done = bind(&server, root.path(), &target).args(["--region", "eu-central-1"]).run();
        assert_eq!(done.code, 0, "{done:?}");
        let path = |name: &str| target.join(name).display().to_string();
        let expected = [
            ("GENESYS_TOKEN_FILE", path("token")),
            ("GENESYS_HEADERS_FILE", path("headers")),
            ("GENESYS_CURL_CONFIG", path("curlrc")),
            ("GENESYSCLOUD_REGION", "eu-central-1".to_owned()),
            ("GENESYSCLOUD_API_REGION", server.api_url()),
        ];
        for (name, value) in &expected {
            assert_eq!(&line(&done.stdout, name), value);
        }
        let expires = line(&done.stdout, "GENESYS_TOKEN_EXPIRES_AT");
        assert!(expires.ends_with('Z') && expires.len() == 20, "{expires}");
        let left = Timestamp::parse_rfc3339(&expires).expect("RFC 3339").since(cached::now());
        assert!(left > Duration::from_secs(86_000), "{expires}");
        assert_eq!(done.stdout.lines().count(), 6, "{done:?}");
        assert!(!done.stdout.contains("a-token"), "{done:?}");
        done.keeps_to_itself(server.tokens());
        assert_eq!(read(target.join("token")), "a-token-of-the-server\n");
        assert_eq!(read(target.join("headers")), "Authorization: Bearer a-token-of-the-server\n");
        assert_eq!(read(target.join("curlrc")), "header = \"Authorization: Bearer a-token-of-the-server\"\n");
    }

    #[cfg(unix)]
    #[test]
    fn makes_everything_private() {
        let (server, root) = (server(), dir());
        let target = root.path().join("block");
        assert_eq!(bind(&server, root.path(), &target).run().code, 0);
        assert_eq!(mode(&target), 0o700);
        let mut expected = vec![".genesys-token", "curlrc", "headers", "token"];
        assert_eq!(names(&target), expected);
        for name in expected.drain(..) {
            assert_eq!(mode(target.join(name)), 0o600, "{name}");
        }
    }

    #[test]
    fn prints_absolute_paths_for_a_relative_directory() {
        let (server, root) = (server(), dir());
        let name = format!("../{}/block", root.path().file_name().expect("a name").display());
        let call = Call::new("bind", &server, &root.path().join("cache")).args(["--dir", &name]);
        let done = call.inside(root.path()).run();
        assert_eq!(done.code, 0, "{done:?}");
        let file = PathBuf::from(line(&done.stdout, "GENESYS_TOKEN_FILE"));
        assert!(file.is_absolute() && file.is_file(), "{}", file.display());
    }

    #[test]
    fn refuses_a_directory_that_exists_and_leaves_it_alone() {
        let (server, root) = (server(), dir());
        let target = root.path().join("block");
        fs::create_dir(&target).expect("a directory");
        fs::write(target.join("token"), "somebody else's").expect("a file");
        let done = bind(&server, root.path(), &target).args(["-q", "--error-format", "json"]).run();
        let error = done.refused();
        assert_eq!(error.category, Category::Usage);
        assert!(error.message.contains("exists already"), "{error:?}");
        assert_eq!(
            (names(&target), read(target.join("token"))),
            (vec!["token".into()], "somebody else's".into())
        );
    }

    #[cfg(unix)]
    #[test]
    fn leaves_nothing_behind_when_there_is_no_token() {
        let (server, root) = (LoginServer::start(Behaviour::answering(Answer::EmptyBody)), dir());
        let target = root.path().join("tmp/block");
        assert_eq!(bind(&server, root.path(), &target).run().code, 6);
        assert!(!target.exists());
    }

    #[test]
    fn refuses_a_name_that_would_break_its_lines() {
        let (server, root) = (server(), dir());
        let target = root.path().join("a\nGENESYSCLOUD_REGION=x");
        let done = bind(&server, root.path(), &target).args(["-q", "--error-format", "json"]).run();
        assert_eq!(done.refused().category, Category::Usage);
    }

    #[cfg(unix)]
    #[test]
    fn carries_the_program_itself_when_told_to() {
        let (server, root) = (server(), dir());
        let target = root.path().join("block");
        assert_eq!(bind(&server, root.path(), &target).args(["--carry-helper"]).run().code, 0);
        assert_eq!(
            (mode(target.join("bin")), names(target.join("bin"))),
            (0o700, vec!["genesys-token".into()])
        );
        let carried = std::process::Command::new(target.join("bin/genesys-token")).arg("--version").output();
        assert!(carried.expect("it runs").status.success());
    }

    #[cfg(unix)]
    #[test]
    fn prunes_what_killed_builds_left_and_nothing_else() {
        use std::os::unix::fs::symlink;
        let (server, root) = (server(), dir());
        let parent = root.path().join("tmp");
        fs::create_dir(&parent).expect("a directory");
        let ago = |days: u32| cached::now().minus(DAY * days).rfc3339();
        let make = |name: &str, marker: &str, mode: u32| {
            let dir = parent.join(name);
            fs::create_dir(&dir).expect("a directory");
            for file in ["token", "headers", "curlrc"] {
                fs::write(dir.join(file), "x").expect("a file");
            }
            if !marker.is_empty() {
                fs::write(dir.join(".genesys-token"), marker).expect("a file");
                set_mode(dir.join(".genesys-token"), 0o600);
            }
            set_mode(&dir, mode);
            dir
        };
        make("dead", &ago(2), 0o700);
        let carrying = make("dead-with-helper", &ago(30), 0o700);
        fs::create_dir(carrying.join("bin")).expect("a directory");
        fs::write(carrying.join("bin/genesys-token"), "x").expect("a file");
        let alive = make("expired-today", &ago(0), 0o700);
        let unmarked = make("unmarked", "", 0o700);
        let garbled = make("garbled", "yesterday", 0o700);
        let open = make("open-to-others", &ago(2), 0o777);
        let fuller = make("with-a-file-of-its-own", &ago(2), 0o700);
        fs::create_dir(fuller.join("bin")).expect("a directory");
        fs::write(fuller.join("notes"), "x").expect("a file");
        fs::write(fuller.join("bin/other"), "x").expect("a file");
        let installed = root.path().join("opt");
        fs::create_dir(&installed).expect("a directory");
        fs::write(installed.join("genesys-token"), "x").expect("a file");
        symlink(&installed, make("with-a-linked-bin", &ago(2), 0o700).join("bin")).expect("a link");
        let target = root.path().join("elsewhere");
        fs::rename(make("elsewhere", &ago(2), 0o700), &target).expect("it moves");
        symlink(&target, parent.join("link")).expect("a link");
        fs::write(parent.join("file"), "x").expect("a file");

        assert_eq!(bind(&server, root.path(), &parent.join("block")).run().code, 0);
        let left = [
            "block",
            "expired-today",
            "file",
            "garbled",
            "link",
            "open-to-others",
            "unmarked",
            "with-a-file-of-its-own",
            "with-a-linked-bin",
        ];
        assert_eq!(names(&parent), left);
        assert_eq!(names(&installed), ["genesys-token"]);
        for untouched in [&alive, &garbled, &open, &target] {
            assert_eq!(names(untouched).len(), 4, "{}", untouched.display());
        }
        assert_eq!(names(&unmarked).len(), 3);
        assert_eq!(
            (names(&fuller), names(fuller.join("bin"))),
            (vec!["bin".into(), "notes".into()], vec!["other".to_owned()])
        );
    }
}

mod for_the_step {
    use super::*;

    fn step(server: &LoginServer, root: &Path) -> Call {
        let target = root.join("block");
        Call::new("bind", server, &root.join("cache")).args([
            "--for-step".as_ref(),
            "1".as_ref(),
            "--dir".as_ref(),
            target.as_os_str(),
        ])
    }

    /// The error in the one line of an answer that tells of one.
    #[track_caller]
    fn told(done: &Done, category: Category) -> Error {
        assert_eq!(done.code, 0, "{done:?}");
        assert_eq!(done.stdout.lines().count(), 1, "{done:?}");
        let json = line(&done.stdout, "GENESYS_TOKEN_ERROR");
        let error: Error = serde_json::from_str(&json).expect("JSON");
        assert_eq!(error.category, category, "{error:?}");
        assert!(!error.hint.is_empty(), "{error:?}");
        done.keeps_to_itself([""; 0]);
        error
    }

    #[test]
    fn an_answer_is_the_same_lines() {
        let (server, root) = (server(), dir());
        let done = step(&server, root.path()).run();
        assert_eq!((done.code, done.stdout.lines().count()), (0, 6), "{done:?}");
        assert!(Path::new(&line(&done.stdout, "GENESYS_TOKEN_FILE")).is_file());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn an_answer_that_nobody_gets_leaves_no_directory() {
        let (server, root) = (server(), dir());
        let script = format!("exec {} bind --for-step 1 --dir \"$BLOCK\" >/dev/full", harness::PROGRAM);
        let call = Call::shell(&script, &server, &root.path().join("cache"));
        let done = call.env("BLOCK", root.path().join("block")).run();
        assert_eq!(done.code, 1, "{done:?}");
        assert_eq!(names(root.path()), ["cache"]);
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        step(&server, root.path()).into_command().stdout(writer).status().expect("it starts");
        assert_eq!(names(root.path()), ["cache"]);
    }

    #[test]
    fn a_life_longer_than_time_itself_is_an_error_like_any_other() {
        let (server, root) = (server(), dir());
        let call = || step(&server, root.path()).args(["--min-ttl", "18446744073709551615"]);
        told(&call().run(), Category::Lifetime);
        told(&call().run(), Category::Lifetime);
    }

    #[test]
    fn every_error_is_a_line_of_the_answer() {
        let (server, root) = (server(), dir());
        let refusal = Answer::OAuthError {
            status: 400,
            error: "invalid_client".to_owned(),
            description: "client not found\nline two".to_owned(),
        };
        let call = || step(&server, root.path());
        told(&call().without("GENESYSCLOUD_OAUTHCLIENT_SECRET").run(), Category::Credentials);
        told(&call().args(["--region", "mars"]).run(), Category::Usage);
        told(&call().args(["--min-ttl", "30h"]).run(), Category::Lifetime);
        server.set(Behaviour::answering(refusal));
        let error = told(&call().args(["--force-refresh"]).run(), Category::Rejected);
        assert!(error.message.contains("client not found line two"), "{error:?}");
        server.set(Behaviour::answering(Answer::TooManyRequests { retry_after: Some("90".to_owned()) }));
        let error = told(&call().args(["--force-refresh"]).run(), Category::RateLimited);
        assert!(error.retry_after.is_some_and(|wait| wait > 60), "{error:?}");
        fs::create_dir(root.path().join("block")).expect("a directory");
        told(&call().run(), Category::Usage);
    }

    #[test]
    fn arguments_that_this_program_does_not_know_are_told_too() {
        let (server, root) = (server(), dir());
        told(&step(&server, root.path()).args(["--of-a-newer-step"]).run(), Category::Usage);
        told(&Call::bare("bind").args(["--for-step", "1"]).run(), Category::Usage);
        told(&Call::bare("bind").args(["--for-step=one", "--dir", "x"]).run(), Category::Usage);
        let other = Call::bare("bind").args(["--for-step", "2", "--dir", "x"]).run();
        let error = told(&other, Category::Usage);
        assert!(error.message.contains("protocol 2"), "{error:?}");
    }
}

mod the_bound_token {
    use super::*;

    struct Block {
        dir: TempDir,
        expires_at: String,
    }

    impl Block {
        fn new(content: &str, left: Duration) -> Self {
            let dir = dir();
            fs::write(dir.path().join("token"), content).expect("a file");
            #[cfg(unix)]
            set_mode(dir.path().join("token"), 0o600);
            Self { dir, expires_at: cached::now().plus(left).rfc3339() }
        }

        fn token() -> Self {
            Self::new("the-bound-token\n", Duration::from_secs(600))
        }

        fn file(&self) -> PathBuf {
            self.dir.path().join("token")
        }

        fn call(&self, verb: &str) -> Call {
            Call::bare(verb)
                .env("GENESYS_TOKEN_FILE", self.file())
                .env("GENESYS_TOKEN_EXPIRES_AT", &self.expires_at)
                .env("GENESYSCLOUD_REGION", "eu-central-1")
                .env("GENESYSCLOUD_API_REGION", "https://api.mypurecloud.de")
        }

        #[track_caller]
        fn refused(&self, flags: &[&str], category: Category) -> Error {
            let done = self.call("get").args(["--error-format", "json"]).args(flags).run();
            done.keeps_to_itself(["the-bound-token"]);
            let error = done.refused();
            assert_eq!(error.category, category, "{flags:?}: {error:?}");
            error
        }
    }

    #[test]
    fn answers_get_without_the_secret() {
        let block = Block::token();
        assert_eq!(block.call("get").run().token(), "the-bound-token");
        let header = block.call("get").args(["--format", "header"]).run();
        assert_eq!(header.stdout, "Authorization: Bearer the-bound-token\n");
        let done = block.call("get").args(["--format", "json"]).run();
        let json: Value = serde_json::from_str(done.token()).expect("JSON");
        assert_eq!(
            (&json["source"], &json["expires_at"]),
            (&"bound".into(), &block.expires_at.as_str().into())
        );
        assert!(done.stderr.starts_with("genesys-token: reused the bound token, 9m "), "{done:?}");
        assert_eq!(done.stderr.lines().count(), 1, "{done:?}");
    }

    #[cfg(unix)]
    #[test]
    fn answers_exec_and_passes_the_rest_of_the_block_through() {
        let block = Block::token();
        let script = r#"echo "$GENESYSCLOUD_ACCESS_TOKEN" >"$OUT"; \
            echo "$GENESYSCLOUD_REGION $GENESYSCLOUD_API_REGION $GENESYS_TOKEN_EXPIRES_AT $GENESYSCLOUD_ACCESS_TOKEN""#;
        let out = block.dir.path().join("out");
        let done = block.call("exec").env("OUT", &out).args(["--", "sh", "-c", script]).run();
        assert_eq!(done.code, 0, "{done:?}");
        assert_eq!(read(out), "the-bound-token\n");
        let expected = format!("eu-central-1 https://api.mypurecloud.de {} ****\n", block.expires_at);
        assert_eq!(done.stdout, expected);
    }

    #[test]
    fn gives_way_to_a_credential() {
        let (server, cache, block) = (server(), dir(), Block::token());
        let done = Call::new("get", &server, cache.path()).env("GENESYS_TOKEN_FILE", block.file()).run();
        assert_eq!(done.token(), server.tokens()[0]);
    }

    #[test]
    fn that_ends_too_soon_says_what_to_do() {
        for (block, flags) in [
            (Block::new("the-bound-token\n", Duration::ZERO), &[][..]),
            (Block::token(), &["--min-ttl", "20m"][..]),
        ] {
            let error = block.refused(flags, Category::Lifetime);
            assert!(error.hint.contains("refresh: true"), "{error:?}");
        }
        let block = Block::token();
        let done = block.call("exec").env("GENESYS_TOKEN_MIN_TTL", "20m").args(["--", "true"]).run();
        assert_eq!(done.code, 7, "{done:?}");
    }

    #[test]
    fn can_be_no_other_token() {
        let block = Block::token();
        for flags in [
            &["--scope", "routing"][..],
            &["--force-refresh"],
            &["--client-id", "99999999-8888-7777-6666-555555555555"],
            &["--region", "us-west-2"],
            &["--login-url", "https://login.mypurecloud.ie"],
            &["--api-url", "https://api.mypurecloud.ie"],
        ] {
            let error = block.refused(flags, Category::Credentials);
            assert!(error.message.contains(flags[0]), "{error:?}");
        }
        let same = block.call("get").args(["--region", "EU_CENTRAL_1"]).run();
        assert_eq!(same.token(), "the-bound-token");
    }

    #[test]
    fn whose_end_is_garbled_is_not_used() {
        let block = Block::token();
        let call = block.call("get").env("GENESYS_TOKEN_EXPIRES_AT", "tomorrow");
        let error = call.args(["--error-format", "json"]).run().refused();
        assert_eq!(error.category, Category::Credentials);
        assert!(error.message.contains("GENESYS_TOKEN_EXPIRES_AT"), "{error:?}");
    }

    #[test]
    fn is_not_asked_for_by_bind() {
        let block = Block::token();
        let done = block.call("bind").args(["--dir", "x", "--error-format", "json"]).run();
        assert_eq!(done.refused().category, Category::Credentials);
    }

    #[test]
    fn is_one_clean_token_of_a_sensible_length() {
        let rows = [
            "",
            "\n",
            "the-bound-token other",
            "the-bound-token\nother\n",
            "the-bound-tökén",
            " the-bound-token",
        ];
        let long = "x".repeat(20_000);
        for content in rows.into_iter().chain([long.as_str()]) {
            let block = Block::new(content, Duration::from_secs(600));
            let error = block.refused(&[], Category::Credentials);
            assert!(error.message.contains("cannot use the bound token"), "{content:?}: {error:?}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn is_in_a_private_regular_file() {
        use std::os::unix::fs::symlink;
        let block = Block::token();
        for mode in [0o644, 0o640, 0o604, 0o622] {
            set_mode(block.file(), mode);
            block.refused(&[], Category::Credentials);
        }
        let block = Block::token();
        fs::rename(block.file(), block.dir.path().join("moved")).expect("it moves");
        block.refused(&[], Category::Credentials);
        fs::create_dir(block.file()).expect("a directory");
        block.refused(&[], Category::Credentials);
        fs::remove_dir(block.file()).expect("it is empty");
        let fifo = std::process::Command::new("mkfifo").args(["-m", "600"]).arg(block.file()).status();
        assert!(fifo.expect("mkfifo").success());
        block.refused(&[], Category::Credentials);
        fs::remove_file(block.file()).expect("it is ours");
        symlink("/dev/zero", block.file()).expect("a link");
        block.refused(&[], Category::Credentials);
    }

    #[test]
    fn is_checked_when_asked_to() {
        let (server, cache) = (server(), dir());
        let token = Call::new("get", &server, cache.path()).run().token().to_owned();
        let block = Block::new(&token, Duration::from_secs(600));
        let call = || {
            let call = block.call("get").env("GENESYSCLOUD_API_REGION", server.api_url());
            call.args(["--verify", "--error-format", "json"])
        };
        assert_eq!(call().run().token(), token);
        let said = call().run().stderr;
        assert!(said.contains("not Genesys' own host, set by GENESYSCLOUD_API_REGION"), "{said}");
        let nobody = call().without("GENESYSCLOUD_API_REGION").run();
        assert_eq!(nobody.token(), token);
        assert!(nobody.stderr.contains("cannot tell whether the token is alive"), "{nobody:?}");
        server.kill_all_tokens();
        let error = call().run().refused();
        assert_eq!(error.category, Category::Lifetime);
        assert!(error.hint.contains("refresh: true"), "{error:?}");
        assert_eq!(server.verify_requests(), 3);
    }
}

mod generated {
    use super::*;

    fn answer(call: Call) -> String {
        let done = call.run();
        assert_eq!((done.code, done.stderr.as_str()), (0, ""));
        done.stdout
    }

    #[test]
    fn completions_know_every_verb_and_flag() {
        for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
            let script = answer(Call::bare("completions").args([shell]));
            for word in ["regions", "client-secret-file", "for-step", "keep-credentials"] {
                assert!(script.contains(word), "{word} is not in {shell}");
            }
        }
    }

    #[test]
    fn completions_of_bash_are_a_script() {
        let script = answer(Call::bare("completions").args(["bash"]));
        let Ok(bash) = std::process::Command::new("bash").args(["-n", "-c", &script]).output() else {
            return;
        };
        assert!(bash.status.success(), "{}", String::from_utf8_lossy(&bash.stderr));
    }

    #[test]
    fn the_man_page_names_every_verb_flag_and_variable() {
        let page = answer(Call::bare("man")).replace("\\-", "-");
        assert!(page.contains(".TH"), "{page}");
        for word in [
            "--client-secret-file",
            "--for-step",
            "--no-masking",
            "completions",
            "GENESYSCLOUD_OAUTHCLIENT_ID",
            "GENESYSCLOUD_OAUTHCLIENT_SECRET",
            "GENESYSCLOUD_REGION",
            "GENESYS_TOKEN_LOGIN_URL",
            "GENESYS_TOKEN_API_URL",
            "GENESYS_TOKEN_SCOPE",
            "GENESYS_TOKEN_CACHE_DIR",
            "GENESYS_TOKEN_MIN_TTL",
            "GENESYS_TOKEN_VERIFY",
            "GENESYS_TOKEN_TIMEOUT",
            "GENESYS_TOKEN_CA_CERT",
            "SSL_CERT_FILE",
            "GENESYS_TOKEN_LOG",
        ] {
            assert!(page.contains(word), "{word} is not in the man page");
        }
    }

    #[test]
    fn regions_are_a_table_for_people_and_json_for_scripts() {
        let table = answer(Call::bare("regions"));
        let row = table.lines().find(|row| row.starts_with("eu-central-1 ")).expect("a row");
        let columns: Vec<_> = row.split_whitespace().collect();
        assert_eq!(columns, ["eu-central-1", "mypurecloud.de", "login.mypurecloud.de", "api.mypurecloud.de"]);
        let json: Value =
            serde_json::from_str(&answer(Call::bare("regions").args(["--format", "json"]))).expect("JSON");
        let rows = json.as_array().expect("an array");
        assert_eq!(rows.len() + 1, table.lines().count());
        assert_eq!(rows[0]["region"], "us-east-1");
        assert_eq!(rows[0]["login_url"], "https://login.mypurecloud.com");
    }

    #[test]
    fn answers_need_no_reader() {
        for verb in [&["man"][..], &["completions", "bash"], &["regions"]] {
            let mut child = Call::bare(verb[0]).args(&verb[1..]).start();
            drop(child.stdout.take());
            let done = Done::from(child.wait_with_output().expect("it ends"));
            assert_eq!((done.code, done.stderr.as_str()), (0, ""), "{verb:?}");
        }
    }

    #[test]
    fn answers_know_no_client() {
        let cache = dir();
        for verb in ["man", "regions"] {
            let done = Call::bare(verb).credential(CLIENT_ID, "x").cache(&cache.path().join("cache")).run();
            assert_eq!(done.code, 0);
        }
        assert!(names(cache.path()).is_empty());
    }
}
