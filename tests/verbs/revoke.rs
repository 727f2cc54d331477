//! `revoke`: ending the cached token at the server.

use genesys_token::error::{Category, Error};
use loopback_login_server::{Behaviour, VerifyAnswer, refused_url};

use super::status::{assert_nothing_is_cached, rows};
use crate::harness::{Call, Scene};

/// A scene with a cached token.
fn cached() -> Scene {
    let scene = Scene::new();
    scene.get().fetched("no entry").success();
    scene
}

/// The error of a call that could not revoke the token, which is still cached.
#[track_caller]
fn failed(scene: &Scene, call: Call) -> Error {
    let error = call.refused_hiding(Category::Unavailable, scene.server.tokens());
    let host = scene.server.login_url().replace("http://", "");
    let cannot = format!("cannot revoke the token of client 1111…5555 at {host}: ");
    assert!(error.message.starts_with(&cannot), "{error:?}");
    assert_eq!(error.hint, "it is still cached; try again, or disable the OAuth client in Genesys Cloud");
    assert_eq!(rows(&scene.cache()).len(), 1, "it is still needed");
    error
}

#[test]
fn revoke_ends_the_token_at_the_api_host_and_drops_it_from_the_cache() {
    let scene = cached();
    let token = scene.server.tokens().remove(0);
    let revoked = "revoked the token of client 1111…5555 at HOST, and dropped it from the cache";
    let done = scene.call("revoke").stderr(format!("genesys-token: {revoked}\n")).success();
    done.leaks_nothing([&token]);
    let log = scene.server.log();
    let last = log.last().expect("a request");
    assert_eq!((last.method.as_str(), last.path.as_str()), ("DELETE", "/api/v2/tokens/me"));
    assert_eq!(last.header("authorization"), Some(format!("Bearer {token}").as_str()));
    assert_nothing_is_cached(&scene.cache());
    let nothing = "genesys-token: there is no cached token of client 1111…5555 at HOST\n";
    scene.call("revoke").stderr(nothing).success();
    assert_eq!(scene.server.log().len(), log.len());
}

#[test]
fn a_token_that_has_ended_already_is_dropped_from_the_cache() {
    let scene = cached();
    scene.server.kill_all_tokens();
    let line =
        "the API host had already ended the token of client 1111…5555 at HOST, and dropped it from the cache";
    scene.call("revoke").stderr(format!("genesys-token: {line}\n")).success();
    assert_nothing_is_cached(&scene.cache());
}

#[test]
fn an_api_host_that_refuses_this_machines_address_has_revoked_nothing() {
    let scene = cached();
    let verify_answer = VerifyAnswer::Code(401, "ip.not.authorized".to_owned());
    scene.server.set(Behaviour { verify_answer, ..Behaviour::default() });
    let error = failed(&scene, scene.call("revoke"));
    let why = ": the API host refuses this machine's address (ip.not.authorized)";
    assert!(error.message.ends_with(why), "{error:?}");
}

#[test]
fn a_token_stays_cached_when_the_api_host_does_not_confirm_its_end() {
    let scene = cached();
    scene.server.set(Behaviour { verify_answer: VerifyAnswer::Status(500), ..Behaviour::default() });
    let error = failed(&scene, scene.call("revoke"));
    assert!(error.message.ends_with(": the API host answered HTTP 500"), "{error:?}");
}

#[test]
fn a_token_stays_cached_when_the_api_host_is_unreachable() {
    let scene = cached();
    failed(&scene, scene.call("revoke").env("GENESYS_TOKEN_API_URL", refused_url()));
}
