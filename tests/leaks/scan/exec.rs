//! The outcomes of `exec`.

use std::time::Duration;

use super::COMMAND;
use super::failures::{SECRET_VARIABLE, WRONG_SETTINGS, failing_servers};
use crate::harness::{Call, entry};
use crate::trace::Destination;
use crate::watched_scene::Seen::{Nothing, TokenAndSecret};
use crate::watched_scene::{TOKEN, WatchedScene};

pub(super) fn outcomes(scene: &WatchedScene) {
    commands(scene);
    wrong_settings(scene);
    bound_tokens(scene);
    for (index, server) in failing_servers().into_iter().enumerate() {
        scene.server().set(server.behaviour);
        let cache = scene.cache().join(index.to_string());
        let call = exec(scene, &["--timeout", server.timeout], &["true"]);
        scene.watch(call.cache(&cache), server.code, Nothing);
    }
}

fn exec(scene: &WatchedScene, args: &[&str], command: &[&str]) -> Call {
    scene.call("exec").args(args).command(command)
}

fn commands(scene: &WatchedScene) {
    // Not a pipeline: the trace does not tell a shell's fork from the program itself.
    let everything = r#"env; echo "$GENESYSCLOUD_ACCESS_TOKEN" >&2; echo "$GENESYSCLOUD_ACCESS_TOKEN""#;
    scene.watch(exec(scene, &[], &["sh", "-c", everything]), 0, COMMAND);
    scene.watch(exec(scene, &["--log-format", "json"], &["true"]), 0, COMMAND);
    scene.watch(exec(scene, &[], &["sh", "-c", "exit 3"]), 3, COMMAND);
    scene.watch(exec(scene, &[], &["sh", "-c", "kill -9 $$"]), 128 + 9, COMMAND);
    scene.watch(exec(scene, &[], &["/etc/passwd"]), 126, COMMAND);
    scene.watch(exec(scene, &[], &["/no/such/command"]), 127, COMMAND);
    scene.watch(exec(scene, &["--no-masking"], &["true"]), 0, COMMAND);
    let with_secret = TokenAndSecret(Destination::Environment);
    scene.watch(exec(scene, &["--keep-credentials"], &["env"]), 0, with_secret);
    scene.watch(exec(scene, &["--keep-credentials", "--no-masking"], &["true"]), 0, with_secret);
}

fn wrong_settings(scene: &WatchedScene) {
    scene.watch(exec(scene, &["--min-ttl", "30h"], &["true"]), 7, Nothing);
    for (variable, value, code) in WRONG_SETTINGS {
        scene.watch(exec(scene, &[], &["true"]).env(variable, value), code, Nothing);
    }
}

/// A bound token in place of a credential: a good one, an expired one, and files that hold no token.
fn bound_tokens(scene: &WatchedScene) {
    let bound = |content: &str, left: u64| {
        let expires_at = entry::now().plus(Duration::from_secs(left)).rfc3339();
        let call = exec(scene, &[], &["env"]).env("GENESYS_TOKEN_FILE", scene.input("token", content));
        call.env("GENESYS_TOKEN_EXPIRES_AT", expires_at).without(SECRET_VARIABLE)
    };
    scene.watch(bound(TOKEN, 600), 0, COMMAND);
    scene.watch(bound(TOKEN, 0), 7, Nothing);
    for content in [format!("{TOKEN}\n{TOKEN}"), format!("{TOKEN} x"), TOKEN.repeat(1_000)] {
        scene.watch(bound(&content, 600), 3, Nothing);
    }
}
