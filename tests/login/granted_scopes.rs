//! The scopes that the server grants.

use super::*;

fn granting(scope: &str) -> Scene {
    Scene::with(Behaviour { scope: Some(scope.to_owned()), ..Behaviour::default() })
}

/// A call that requests two scopes, with the answer in JSON.
fn get_with_scopes(scene: &Scene) -> Call {
    let call = scene.get().args(["--scope", "analytics routing:readonly", "--format", "json"]);
    call.stdout("{*}\n").fetched("no entry")
}

/// The scopes in the answer of `call`.
#[track_caller]
fn scopes_in_answer(call: Call) -> String {
    let json: serde_json::Value = serde_json::from_str(call.success().token()).expect("JSON");
    json["scope"].as_str().expect("text").to_owned()
}

#[test]
fn missing_scopes_are_a_warning_that_names_them() {
    let scene = granting("analytics");
    let call = get_with_scopes(&scene).warns("requested scopes that were not granted: routing:readonly");
    assert_eq!(scopes_in_answer(call), "analytics");
}

#[test]
fn scopes_that_cover_the_requested_ones_are_no_warning() {
    let granted = "routing architect analytics";
    let scene = granting(granted);
    assert_eq!(scopes_in_answer(get_with_scopes(&scene)), granted);
}

#[test]
fn scopes_too_long_for_the_cache_are_left_out_and_the_token_is_cached() {
    let scene = granting(&"a".repeat(65_200));
    let warning = "the answer's scope makes no sense, so it is left out";
    let first = scene.get().fetched("no entry").warns(warning).success();
    assert_eq!(first.token(), scene.server.tokens()[0]);
    assert_eq!(scene.get().reused().success().token(), first.token());
    assert_eq!(scene.server.token_requests(), 1);
}
