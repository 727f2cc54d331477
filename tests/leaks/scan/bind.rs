//! The outcomes of `bind`.

use std::fs;

use super::FILES;
use super::failures::{WRONG_SETTINGS, failing_servers};
use crate::watched_scene::Seen::Nothing;
use crate::watched_scene::WatchedScene;

pub(super) fn outcomes(scene: &WatchedScene) {
    let dir = scene.answers().join("block");
    let bind = |args: &[&str]| scene.call("bind").arg("--dir").arg(&dir).args(args);
    scene.watch(bind(&[]), 0, FILES);
    scene.watch(bind(&["--log-format", "json"]), 0, FILES);
    scene.watch(bind(&["--for-step", "1"]), 0, FILES);
    scene.watch(bind(&["--for-step", "1", "--carry-helper"]), 0, FILES);
    fs::create_dir(&dir).expect("a directory");
    scene.watch(bind(&[]), 2, Nothing);
    let below_a_file = scene.input("file", "").join("block");
    scene.watch(scene.call("bind").arg("--dir").arg(below_a_file), 1, Nothing);
    for (variable, value, code) in WRONG_SETTINGS {
        scene.watch(bind(&["--for-step", "1"]).env(variable, value), 0, Nothing);
        scene.watch(bind(&[]).env(variable, value), code, Nothing);
    }
    for (index, server) in failing_servers().into_iter().enumerate() {
        scene.server().set(server.behaviour);
        let cache = scene.cache().join(index.to_string());
        scene.watch(bind(&["--for-step", "1", "--timeout", server.timeout]).cache(&cache), 0, Nothing);
        scene.watch(bind(&["--timeout", server.timeout]).cache(&cache), server.code, Nothing);
    }
}
