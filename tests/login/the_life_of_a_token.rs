//! `expires_in`, and `--min-ttl`.

use super::*;

/// Two calls, one after the other, of a server whose tokens live like this.
fn twice(expires_in: ExpiresIn) -> (LoginServer, [Done; 2]) {
    let server = LoginServer::start(Behaviour { expires_in, ..Behaviour::default() });
    let cache = cache();
    let done = [(); 2].map(|()| Call::new("get", &server, cache.path()).args(["--format", "json"]).run());
    (server, done)
}

#[test]
fn that_nobody_can_tell_is_no_reason_to_keep_the_token_back_but_to_cache_it_never() {
    let raw = |text: &str| ExpiresIn::Raw(serde_json::from_str(text).expect("JSON"));
    let rows = [
        (ExpiresIn::Missing, "the answer has no expires_in"),
        (raw("null"), "the answer has no expires_in"),
        (ExpiresIn::Seconds(0), "expires_in makes no sense"),
        (ExpiresIn::Seconds(-5), "expires_in makes no sense"),
        (ExpiresIn::Seconds(i64::MAX), "expires_in makes no sense"),
        (ExpiresIn::Text("tomorrow".to_owned()), "expires_in makes no sense"),
        (raw("[3600]"), "expires_in makes no sense"),
        (raw("1e300"), "expires_in makes no sense"),
    ];
    for (expires_in, says) in rows {
        let (server, done) = twice(expires_in);
        assert_eq!(server.token_requests(), 2, "{says}");
        for (done, token) in done.iter().zip(server.tokens()) {
            let json: serde_json::Value = serde_json::from_str(done.token()).expect("JSON");
            assert_eq!(json["access_token"], token.as_str());
            assert_eq!((&json["expires_in"], &json["expires_at"]), (&().into(), &().into()));
            assert!(done.stderr.contains(says), "{done:?}");
            assert!(done.stderr.contains("not cached"), "{done:?}");
            assert_eq!(done.stderr.lines().count(), 1, "{done:?}");
        }
    }
}

#[test]
fn may_be_a_number_in_a_string() {
    let (server, done) = twice(ExpiresIn::Text("3600".to_owned()));
    assert_eq!(server.token_requests(), 1);
    let json: serde_json::Value = serde_json::from_str(done[0].token()).expect("JSON");
    assert!(json["expires_in"].as_u64().is_some_and(|left| (3_500..=3_600).contains(&left)), "{json}");
    assert!(!done[0].stderr.contains("expires_in"), "{done:?}");
}

#[test]
fn shorter_than_asked_for_is_an_error_of_its_own_with_both_numbers() {
    let server =
        LoginServer::start(Behaviour { expires_in: ExpiresIn::Seconds(600), ..Behaviour::default() });
    let cache = cache();
    let call = Call::new("get", &server, cache.path()).args(["--min-ttl", "20m"]);
    let done = call.args(["--error-format", "json"]).run();
    done.keeps_to_itself(server.tokens());
    let error = done.refused();
    assert_eq!(error.category, Category::Lifetime);
    assert!(error.message.contains("20m 0s") && error.message.contains("10m 0s"), "{error:?}");
    assert_eq!(server.token_requests(), 1);
}
