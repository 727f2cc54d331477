//! Fewer scopes than asked for.

use super::*;

fn granting(scope: &str) -> (LoginServer, Done) {
    let server = LoginServer::start(Behaviour { scope: Some(scope.to_owned()), ..Behaviour::default() });
    let cache = cache();
    let call = Call::new("get", &server, cache.path()).args(["--scope", "analytics routing:readonly"]);
    let done = call.args(["--format", "json"]).run();
    (server, done)
}

#[test]
fn narrower_than_asked_for_are_a_warning_with_the_difference() {
    let (_server, done) = granting("analytics");
    let json: serde_json::Value = serde_json::from_str(done.token()).expect("JSON");
    assert_eq!(json["scope"], "analytics");
    assert!(done.stderr.contains("not granted of the scopes asked for: routing:readonly"), "{done:?}");
    assert_eq!(done.stderr.lines().count(), 1, "{done:?}");
}

#[test]
fn that_cover_what_was_asked_for_are_no_warning() {
    let (_server, done) = granting("routing architect analytics");
    assert_eq!(done.code, 0);
    assert!(!done.stderr.contains("granted"), "{done:?}");
}

#[test]
fn too_long_for_the_cache_are_left_out_and_the_token_is_cached() {
    let scope = Some("a".repeat(65_200));
    let (server, cache) = (LoginServer::start(Behaviour { scope, ..Behaviour::default() }), cache());
    let done = Call::new("get", &server, cache.path()).run();
    assert_eq!(done.token(), server.tokens()[0]);
    assert!(done.stderr.contains("the answer's scope makes no sense, so it is left out"), "{done:?}");
    assert!(done.stderr.len() < 500, "{done:?}");
    let again = Call::new("get", &server, cache.path()).run();
    assert_eq!((again.token(), server.token_requests()), (server.tokens()[0].as_str(), 1));
}
