//! `revoke`: ending the cached token at the server.

use std::fs;
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use genesys_token::error::{Category, Error};
use loopback_login_server::{Behaviour, VerifyAnswer, refused_url};

use super::status::assert_nothing_is_cached;
use crate::harness::{Call, Scene};

const REVOKED: &str =
    "genesys-token: revoked the token of client 1111…5555 at HOST, and dropped it from the cache\n";

/// A scene with a cached token.
fn cached() -> Scene {
    let scene = Scene::new();
    scene.get().fetched("no entry").success();
    scene
}

/// The error of a call that could not revoke the token, which is given to no call any more.
#[track_caller]
fn failed(scene: &Scene, call: Call) -> Error {
    let error = call.refused_hiding(Category::Unavailable, scene.server.tokens());
    let host = scene.server.login_url().replace("http://", "");
    let cannot = format!("cannot revoke the token of client 1111…5555 at {host}: ");
    assert!(error.message.starts_with(&cannot), "{error:?}");
    assert_eq!(error.causes[0], "no call is given it any more");
    assert_eq!(error.fixes[0], "run revoke again, or disable the OAuth client in Genesys Cloud");
    let tokens = scene.server.tokens();
    assert_ne!(scene.get().fetched("no entry").success().token(), tokens[0]);
    error
}

#[test]
fn revoke_ends_the_token_at_the_api_host_and_drops_it_from_the_cache() {
    let scene = cached();
    let token = scene.server.tokens().remove(0);
    let done = scene.call("revoke").stderr(REVOKED).success();
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
fn a_401_without_the_error_code_of_genesys_has_revoked_nothing() {
    let scene = cached();
    scene.server.set(Behaviour { verify_answer: VerifyAnswer::Status(401), ..Behaviour::default() });
    let error = failed(&scene, scene.call("revoke"));
    assert!(error.message.ends_with(": the API host answered HTTP 401"), "{error:?}");
}

#[test]
fn a_token_that_could_not_be_revoked_is_revoked_by_the_next_call_together_with_its_successor() {
    let scene = cached();
    scene.server.set(Behaviour { verify_answer: VerifyAnswer::Status(500), ..Behaviour::default() });
    let error = failed(&scene, scene.call("revoke"));
    assert!(error.message.ends_with(": the API host answered HTTP 500"), "{error:?}");
    scene.server.set(Behaviour::default());
    scene.call("revoke").stderr(REVOKED).success();
    assert_eq!(deleted(&scene)[1..], scene.server.tokens(), "after the one that failed");
}

/// The tokens of the requests to end one, in order.
fn deleted(scene: &Scene) -> Vec<String> {
    let log = scene.server.log().into_iter().filter(|record| record.method == "DELETE");
    log.filter_map(|record| Some(record.header("authorization")?.strip_prefix("Bearer ")?.to_owned()))
        .collect()
}

#[test]
fn no_call_is_given_a_token_that_is_being_revoked() {
    let scene = cached();
    let token = scene.server.tokens().remove(0);
    scene.server.set(Behaviour { verify_delay: Duration::from_secs(1), ..Behaviour::default() });
    thread::scope(|scope| {
        let call = scene.call("revoke").stderr(REVOKED);
        let revoking = scope.spawn(|| call.success());
        while deleted(&scene).is_empty() && !revoking.is_finished() {
            thread::yield_now();
        }
        assert_ne!(scene.get().fetched("no entry").success().token(), token);
        revoking.join().expect("it ends");
    });
}

#[test]
fn a_revoked_token_is_given_to_no_call_when_its_old_entry_is_put_back() {
    let scene = cached();
    let is_entry = |path: &PathBuf| path.extension().is_some_and(|suffix| suffix == "token");
    let mut paths = fs::read_dir(scene.cache()).expect("the cache").map(|file| file.expect("a file").path());
    let path = paths.find(is_entry).expect("an entry");
    let entry = fs::read(&path).expect("an entry");
    scene.call("revoke").stderr(REVOKED).success();
    fs::write(&path, entry).expect("it can be put back");
    scene.get().fetched("no entry").success();
}

#[test]
fn a_token_is_kept_for_another_try_when_the_api_host_is_unreachable() {
    let scene = cached();
    failed(&scene, scene.call("revoke").env("GENESYS_TOKEN_API_URL", refused_url()));
    scene.call("revoke").stderr(REVOKED).success();
    assert_eq!(deleted(&scene), scene.server.tokens());
}
