//! The one line on stderr.

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
