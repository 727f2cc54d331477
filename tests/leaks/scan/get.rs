//! The outcomes of `get`.

use std::path::Path;

use loopback_login_server::{Behaviour, Certificate, ExpiresIn, LoginServer, VerifyAnswer};

use super::failures::{SECRET_VARIABLE, WRONG_SETTINGS, basic, failing_servers};
use super::{FILES, STDOUT};
use crate::harness::Call;
use crate::watched_scene::Seen::Nothing;
use crate::watched_scene::{SECRET, TOKEN, WatchedScene, fair};

pub(super) fn outcomes(scene: &WatchedScene) {
    formats(scene);
    sources_of_the_token(scene);
    sources_of_the_secret(scene);
    wrong_settings(scene);
    odd_tokens(scene);
    dead_tokens(scene);
    failed_requests(scene);
}

fn get(scene: &WatchedScene, args: &[&str]) -> Call {
    scene.call("get").args(args)
}

fn formats(scene: &WatchedScene) {
    let answer = scene.answers().join("answer").display().to_string();
    scene.watch(get(scene, &[]), 0, STDOUT);
    for format in ["token", "header", "json", "env", "curl"] {
        scene.watch(get(scene, &["--format", format]), 0, STDOUT);
        scene.watch(get(scene, &["--format", format, "--output", &answer]), 0, FILES);
    }
    scene.watch(get(scene, &["--output", "/no/such/folder/answer"]), 1, Nothing);
    for level in ["-q", "-v", "-vv"] {
        scene.watch(get(scene, &[level, "--force-refresh"]), 0, STDOUT);
        scene.watch(get(scene, &[level, "--force-refresh", "--log-format", "json"]), 0, STDOUT);
    }
}

fn sources_of_the_token(scene: &WatchedScene) {
    scene.watch(get(scene, &["--force-refresh"]), 0, STDOUT);
    scene.watch(get(scene, &["--verify"]), 0, STDOUT);
    scene.watch(get(scene, &["--no-cache"]), 0, STDOUT);
    let below_a_file = scene.input("file", "").join("cache");
    scene.watch(get(scene, &[]).cache(&below_a_file), 0, STDOUT);
}

fn sources_of_the_secret(scene: &WatchedScene) {
    let from_file = |path: &Path| get(scene, &["--client-secret-file"]).arg(path).without(SECRET_VARIABLE);
    scene.watch(from_file(&scene.input("secret", SECRET)), 0, STDOUT);
    scene.watch(from_file(Path::new("-")).stdin(SECRET), 0, STDOUT);
}

fn wrong_settings(scene: &WatchedScene) {
    scene.watch(get(scene, &["--min-ttl", "30h"]), 7, Nothing);
    let another_ca = LoginServer::start_tls(fair(), Certificate::Good);
    let call = get(scene, &["--no-cache"]).env("GENESYS_TOKEN_CA_CERT", another_ca.ca_file());
    scene.watch(call, 6, Nothing);
    for (variable, value, code) in WRONG_SETTINGS {
        scene.watch(get(scene, &[]).env(variable, value), code, Nothing);
    }
}

fn odd_tokens(scene: &WatchedScene) {
    let server = scene.server();
    // A token that can't be cached, with fewer scopes than requested.
    server.set(Behaviour { expires_in: ExpiresIn::Missing, scope: Some("users".to_owned()), ..fair() });
    scene.watch(get(scene, &["--scope", "users routing"]), 0, STDOUT);
    // The granted scopes are in the readable header of a cached entry.
    for scope in [TOKEN, SECRET, &basic()] {
        server.set(Behaviour { scope: Some(scope.to_owned()), ..fair() });
        scene.watch(get(scene, &["--force-refresh"]), 0, STDOUT);
    }
}

fn dead_tokens(scene: &WatchedScene) {
    let server = scene.server();
    server.set(Behaviour { token: None, ..fair() });
    scene.watch(get(scene, &["--force-refresh"]), 0, STDOUT);
    server.kill_all_tokens();
    scene.watch(get(scene, &["--verify"]), 0, STDOUT);
    server.set(Behaviour { verify_answer: VerifyAnswer::Echo(500), ..fair() });
    scene.watch(get(scene, &["--verify"]), 0, STDOUT);
}

/// Without a token to provide instead, and with one that is about to expire.
fn failed_requests(scene: &WatchedScene) {
    let expiring = scene.cache().join("expiring");
    for (index, server) in failing_servers().into_iter().enumerate() {
        scene.server().set(server.behaviour);
        let get = |args: &[&str]| get(scene, &["--timeout", server.timeout]).args(args);
        let cache = scene.cache().join(index.to_string());
        scene.watch(get(&[]).cache(&cache), server.code, Nothing);
        scene.watch(get(&["--error-format", "json"]).cache(&cache), server.code, Nothing);
        scene.watch(get(&["--log-format", "json"]).cache(&cache), server.code, Nothing);
        let cache = expiring.join(index.to_string());
        scene.put_expiring_token(&cache);
        scene.watch(get(&[]).cache(&cache), 0, STDOUT);
    }
}
