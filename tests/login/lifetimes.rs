//! `expires_in`, and `--min-ttl`.

use super::*;

fn expiring(expires_in: ExpiresIn) -> Scene {
    Scene::with(Behaviour { expires_in, ..Behaviour::default() })
}

fn get_json(scene: &Scene) -> Call {
    scene.get().args(["--format", "json"]).stdout("{*}\n")
}

/// The answer of `call` in JSON.
#[track_caller]
fn answer(call: Call) -> serde_json::Value {
    serde_json::from_str(call.success().token()).expect("JSON")
}

#[test]
fn a_token_of_unknown_lifetime_is_provided_with_a_warning_and_never_cached() {
    let raw = |text: &str| ExpiresIn::Raw(serde_json::from_str(text).expect("JSON"));
    let rows = [
        (ExpiresIn::Missing, "the answer has no expires_in"),
        (raw("null"), "the answer has no expires_in"),
        (ExpiresIn::Seconds(0), "the answer's expires_in makes no sense"),
        (ExpiresIn::Seconds(-5), "the answer's expires_in makes no sense"),
        (ExpiresIn::Seconds(i64::MAX), "the answer's expires_in makes no sense"),
        (ExpiresIn::Text("tomorrow".to_owned()), "the answer's expires_in makes no sense"),
        (raw("[3600]"), "the answer's expires_in makes no sense"),
        (raw("1e300"), "the answer's expires_in makes no sense"),
    ];
    for (expires_in, why) in rows {
        let scene = expiring(expires_in);
        let line = "fetched token of client 1111…5555 at HOST, of unknown lifetime (no entry)";
        let call = get_json(&scene).provided(line).warns(format!("{why}, so the token is not cached"));
        let answers = [answer(call.clone()), answer(call)];
        assert_eq!(scene.server.token_requests(), 2, "{why}");
        for (json, token) in answers.iter().zip(scene.server.tokens()) {
            assert_eq!(json["access_token"], token.as_str());
            assert_eq!((&json["expires_in"], &json["expires_at"]), (&().into(), &().into()));
        }
    }
}

#[test]
fn a_lifetime_may_be_a_number_in_a_string() {
    let scene = expiring(ExpiresIn::Text("3600".to_owned()));
    let json = answer(get_json(&scene).fetched("no entry"));
    assert!(json["expires_in"].as_u64().is_some_and(|left| (3_500..=3_600).contains(&left)), "{json}");
    answer(get_json(&scene).reused());
    assert_eq!(scene.server.token_requests(), 1);
}

#[test]
fn a_lifetime_below_min_ttl_is_an_error_that_names_both() {
    let scene = expiring(ExpiresIn::Seconds(600));
    let error = failed(&scene, scene.get().args(["--min-ttl", "20m"]), Category::Lifetime);
    let message = "the login server's tokens live 10m 0s, and --min-ttl requires 20m 0s";
    assert_eq!(error.message, message);
    assert_eq!(scene.server.token_requests(), 1);
}

#[test]
fn a_token_that_came_late_is_an_error_when_too_little_is_left_for_min_ttl() {
    let expires_in = ExpiresIn::Seconds(600);
    let scene = Scene::with(Behaviour { expires_in, delay: Duration::from_secs(3), ..Behaviour::default() });
    let error = failed(&scene, scene.get().args(["--min-ttl", "10m"]), Category::Lifetime);
    assert!(error.message.starts_with("the new token came late and has 9m 5"), "{error:?}");
    assert!(error.message.ends_with(" left, and --min-ttl requires 10m 0s"), "{error:?}");
    assert_eq!(scene.server.token_requests(), 1);
}

#[test]
fn an_unknown_lifetime_is_an_error_with_min_ttl() {
    let scene = expiring(ExpiresIn::Missing);
    let error = failed(&scene, scene.get().args(["--min-ttl", "20m"]), Category::Lifetime);
    let message = "the login server does not say how long its tokens live, and --min-ttl requires 20m 0s";
    assert_eq!(error.message, message);
}
