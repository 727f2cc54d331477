//! The outcomes of the verbs that connect to no server.

use std::fs;

use super::STDOUT;
use crate::files;
use crate::watched_scene::Seen::Nothing;
use crate::watched_scene::{SECRET, WatchedScene};

pub(super) fn status(scene: &WatchedScene) {
    let status = |args: &[&str]| scene.call("status").args(args);
    scene.watch(status(&[]), 8, Nothing);
    scene.watch(scene.call("get"), 0, STDOUT);
    scene.watch(status(&[]), 0, Nothing);
    scene.watch(status(&["--format", "json"]), 0, Nothing);
    let is_entry = |path: &std::path::PathBuf| path.extension().is_some_and(|suffix| suffix == "token");
    let entry = files(&scene.cache()).into_iter().find(is_entry);
    fs::write(entry.expect("an entry"), "torn").expect("it is ours");
    scene.watch(status(&[]), 0, Nothing);
}

pub(super) fn clear(scene: &WatchedScene) {
    scene.watch(scene.call("get"), 0, STDOUT);
    scene.watch(scene.call("clear"), 0, Nothing);
    scene.watch(scene.call("clear"), 0, Nothing);
    scene.watch(scene.call("clear").env("GENESYS_TOKEN_LOG", SECRET), 2, Nothing);
}

pub(super) fn regions(scene: &WatchedScene) {
    scene.watch(scene.call("regions"), 0, Nothing);
    scene.watch(scene.call("regions").args(["--format", "json"]), 0, Nothing);
}

pub(super) fn completions(scene: &WatchedScene) {
    for shell in ["bash", "zsh", "fish"] {
        scene.watch(scene.call("completions").arg(shell), 0, Nothing);
    }
    scene.watch(scene.call("completions"), 2, Nothing);
}

pub(super) fn man(scene: &WatchedScene) {
    scene.watch(scene.call("man"), 0, Nothing);
}
