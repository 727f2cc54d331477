//! What the login server says.

use super::*;

#[test]
fn does_not_know_the_client() {
    let (server, cache) = (server(), dir());
    let call = doctor(&server, cache.path())
        .credential("99999999-8888-7777-6666-555555555555", CLIENT_SECRET)
        .env("GENESYSCLOUD_REGION", "eu-west-1");
    let what =
        ["invalid_client: client not found", "asked was eu-west-1, mypurecloud.ie, but at", "--find-region"];
    assert_first(&server, call, "token", 4, &what);
}

#[test]
fn knows_another_secret() {
    let (server, cache) = (server(), dir());
    let call = doctor(&server, cache.path()).credential(CLIENT_ID, &"x".repeat(43));
    assert_first(&server, call, "token", 4, &["authentication failed", "the secret is wrong or was rotated"]);
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
        assert_first(&server, call, "token", 4, &["leave the scope out: --scope, GENESYS_TOKEN_SCOPE", what]);
    }
}

#[test]
fn limits_us() {
    let (server, cache) = (answering(Answer::RateLimitedFor(Duration::from_secs(60))), dir());
    assert_first(&server, doctor(&server, cache.path()), "token", 5, &["asked too often", "share one cache"]);
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
    assert_first(&server, call, "lifetime", 7, &["tokens live 5m 0s", "asks for 20m 0s", "token duration"]);
}
