//! `get`: the token in every form, on stdout or in a file.

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
        assert!(json["expires_in"].as_u64().is_some_and(|left| (86_000..86_400).contains(&left)), "{json}");
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
