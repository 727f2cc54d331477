//! `invalidate`: dropping the cached token.

use genesys_token::error::Category;
use loopback_login_server::CLIENT_ID;

use super::status::rows;
use crate::harness::{Call, Scene};

const DROPPED: &str = "genesys-token: dropped the cached token of client 1111…5555 at HOST\n";

/// Drops the token that stdin holds.
fn invalidate_token(scene: &Scene, stdin: &str) -> Call {
    scene.call("invalidate").arg("--token-stdin").stdin(stdin)
}

#[test]
fn invalidate_drops_the_token_of_its_client_and_scopes_and_no_other() {
    let scene = Scene::new();
    let get = |scope| scene.get().args(["--scope", scope]);
    let plain = get("").fetched("no entry").success();
    let scoped = get("routing").fetched("no entry").success();
    scene.call("invalidate").stderr(DROPPED).success();
    assert_ne!(get("").fetched("no entry").success().token(), plain.token());
    assert_eq!(get("routing").reused().success().token(), scoped.token());
}

#[test]
fn invalidate_with_another_secret_finds_no_token() {
    let scene = Scene::new();
    scene.get().fetched("no entry").success();
    let call = scene.call("invalidate").credential(CLIENT_ID, &"x".repeat(43));
    call.stderr("genesys-token: there is no cached token of client 1111…5555 at HOST\n").success();
    assert_eq!(rows(&scene.cache()).len(), 1);
}

#[test]
fn invalidate_with_a_token_drops_only_that_one() {
    let scene = Scene::new();
    let old = scene.get().fetched("no entry").success();
    let new = scene.get().arg("--force-refresh").fetched("forced").success();
    let tokens = [old.token(), new.token()];
    let kept = "genesys-token: kept the cached token of client 1111…5555 at HOST: it is another one\n";
    let call = invalidate_token(&scene, &format!("{}\n", old.token()));
    call.stderr(kept).success().leaks_nothing(tokens);
    assert_eq!(scene.get().reused().success().token(), new.token());
    let call = invalidate_token(&scene, new.token());
    call.stderr(DROPPED).success().leaks_nothing(tokens);
    assert_ne!(scene.get().fetched("no entry").success().token(), new.token());
}

#[cfg(unix)]
#[test]
fn fifty_stages_that_invalidate_a_dead_token_cause_one_request() {
    use crate::harness::together;
    use loopback_login_server::Behaviour;
    use std::time::Duration;
    let scene = Scene::new();
    let old = scene.get().fetched("no entry").success().token().to_owned();
    scene.server.kill_all_tokens();
    scene.server.set(Behaviour { delay: Duration::from_millis(50), ..Behaviour::default() });
    // Each is a stage that got a 401: it drops the token that it had, and gets another one.
    let script =
        r#"printf %s "$OLD" | "$GENESYS_TOKEN" invalidate -q --token-stdin && exec "$GENESYS_TOKEN" get"#;
    let stage = super::script(&scene, script).env("OLD", old).prints_token().fetched_or_reused();
    let done = together(vec![stage; 50]);
    assert_eq!(scene.server.token_requests(), 2, "one for all of them");
    let new = &scene.server.tokens()[1];
    assert!(done.iter().all(|done| done.token() == new), "{done:?}");
    let fetched = done.iter().filter(|done| done.stderr.starts_with("genesys-token: fetched "));
    assert_eq!(fetched.count(), 1, "{done:?}");
}

#[test]
fn a_text_on_stdin_that_is_no_token_is_a_usage_error() {
    let scene = Scene::new();
    for (text, why) in [
        ("", "it is empty"),
        ("\n", "it is empty"),
        ("two words", "it has a character that no bearer token has, at position 4"),
        ("two\nlines", "it has a character that no bearer token has, at position 4"),
    ] {
        let error = invalidate_token(&scene, text).refused(Category::Usage);
        assert_eq!(error.message, format!("stdin holds no token: {why}"), "{text:?}");
    }
}

#[test]
fn stdin_can_not_hold_both_the_token_and_the_secret() {
    let call = invalidate_token(&Scene::new(), "x").args(["--client-secret-file", "-"]);
    let error = call.refused(Category::Usage);
    assert_eq!(error.message, "--client-secret-file - reads stdin, which --token-stdin needs");
}
