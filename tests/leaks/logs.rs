//! What the program logs, and what the libraries below it might.

use loopback_login_server::{Behaviour, CLIENT_ID, Certificate, LoginServer};

use crate::harness::Scene;

#[test]
fn the_most_verbose_log_abbreviates_the_client_id() {
    let scene = Scene::new();
    let line = "fetched token of client 1111…5555 at HOST, 23h 59m left (no entry)";
    let done = scene.get().arg("-vv").prints_token().any_stderr().success();
    assert!(scene.get().normalized(&done.stderr).contains(line), "{done:?}");
    done.leaks_nothing(scene.server.tokens().into_iter().chain([CLIENT_ID.to_owned()]));
}

#[test]
fn the_keys_of_a_tls_connection_are_not_logged() {
    let scene = Scene::of(LoginServer::start_tls(Behaviour::default(), Certificate::Good));
    let keys = scene.path("keys");
    let done = scene.get().env("SSLKEYLOGFILE", &keys).fetched("no entry").success();
    assert_eq!(done.token(), scene.server.tokens()[0]);
    assert!(!keys.exists());
}
