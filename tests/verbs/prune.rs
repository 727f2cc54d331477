//! `bind`: pruning the blocks that killed builds left beside the new one.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;

use super::bind::answer_lines;
use super::{DAY, names, set_mode};
use crate::harness::{Scene, entry};

/// A directory in which builds make their blocks.
struct Builds {
    scene: Scene,
}

impl Builds {
    fn new() -> Self {
        let scene = Scene::new();
        fs::create_dir(scene.path("tmp")).expect("a directory");
        Self { scene }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.scene.path("tmp").join(name)
    }

    /// A block that a killed build left long ago.
    fn dead_block(&self, name: &str) -> PathBuf {
        self.block(name, Some(&days_ago(2)), 0o700)
    }

    /// A directory with the files of a block, this marker and this mode.
    fn block(&self, name: &str, marker: Option<&str>, mode: u32) -> PathBuf {
        let dir = self.path(name);
        fs::create_dir(&dir).expect("a directory");
        for file in ["token", "headers", "curlrc"] {
            fs::write(dir.join(file), "x").expect("a file");
        }
        if let Some(marker) = marker {
            fs::write(dir.join(".genesys-token"), marker).expect("a file");
            set_mode(dir.join(".genesys-token"), 0o600);
        }
        set_mode(&dir, mode);
        dir
    }

    /// Binds a new block, and returns the names of what is left beside it.
    fn names_after_bind(&self) -> Vec<String> {
        let lines = answer_lines(&self.scene, &self.path("new"), "us-east-1");
        self.scene.bind("tmp/new").stdout(lines).fetched("no entry").success();
        let mut left = names(self.scene.path("tmp"));
        left.retain(|name| name != "new");
        left
    }
}

/// The marker of a block whose token expired so many days ago.
fn days_ago(days: u32) -> String {
    entry::now().minus(DAY * days).rfc3339()
}

#[test]
fn the_blocks_of_killed_builds_are_pruned() {
    let builds = Builds::new();
    builds.dead_block("dead");
    let carrying = builds.block("dead-with-helper", Some(&days_ago(30)), 0o700);
    fs::create_dir(carrying.join("bin")).expect("a directory");
    for name in ["bin/genesys-token", "bin/private"] {
        fs::write(carrying.join(name), "x").expect("a file");
    }
    assert_eq!(builds.names_after_bind(), [""; 0]);
}

#[test]
fn a_directory_that_is_not_surely_a_dead_block_is_kept_whole() {
    let builds = Builds::new();
    let marked = [
        builds.block("expired-today", Some(&days_ago(0)), 0o700),
        builds.block("garbled", Some("yesterday"), 0o700),
        builds.block("open-to-others", Some(&days_ago(2)), 0o777),
    ];
    let unmarked = builds.block("unmarked", None, 0o700);
    assert_eq!(builds.names_after_bind(), ["expired-today", "garbled", "open-to-others", "unmarked"]);
    for dir in marked {
        assert_eq!(names(&dir), [".genesys-token", "curlrc", "headers", "token"], "{}", dir.display());
    }
    assert_eq!(names(unmarked), ["curlrc", "headers", "token"]);
}

#[test]
fn files_that_bind_did_not_write_stay_in_a_pruned_block() {
    let builds = Builds::new();
    let block = builds.dead_block("with-files-of-its-own");
    fs::create_dir(block.join("bin")).expect("a directory");
    fs::write(block.join("notes"), "x").expect("a file");
    fs::write(block.join("bin/other"), "x").expect("a file");
    assert_eq!(builds.names_after_bind(), ["with-files-of-its-own"]);
    assert_eq!(names(&block), [".genesys-token", "bin", "notes"]);
    assert_eq!(names(block.join("bin")), ["other"]);
}

#[test]
fn a_scripts_own_secret_is_pruned_with_its_block() {
    let builds = Builds::new();
    let block = builds.dead_block("with-options-of-archy");
    fs::write(block.join("private"), "clientSecret: x").expect("a file");
    assert_eq!(builds.names_after_bind(), [""; 0]);
}

#[test]
fn a_block_that_could_not_be_emptied_is_found_again() {
    let builds = Builds::new();
    let block = builds.dead_block("with-a-file-of-its-own");
    fs::write(block.join("notes"), "x").expect("a file");
    let lines = || answer_lines(&builds.scene, &builds.path("*"), "us-east-1");
    builds.scene.bind("tmp/first").stdout(lines()).fetched("no entry").success();
    assert_eq!(names(&block), [".genesys-token", "notes"]);
    fs::write(block.join("private"), "written by a script that went on").expect("a file");
    builds.scene.bind("tmp/second").stdout(lines()).reused().success();
    assert_eq!(names(&block), [".genesys-token", "notes"]);
    fs::remove_file(block.join("notes")).expect("it is ours");
    builds.scene.bind("tmp/third").stdout(lines()).reused().success();
    assert!(!block.exists());
}

#[test]
fn a_call_whose_time_is_over_prunes_nothing() {
    let builds = Builds::new();
    builds.scene.get().fetched("no entry").success();
    let block = builds.dead_block("dead");
    let lines = || answer_lines(&builds.scene, &builds.path("*"), "us-east-1");
    builds.scene.bind("tmp/first").args(["--timeout", "0s"]).stdout(lines()).reused().success();
    assert_eq!(names(&block), [".genesys-token", "curlrc", "headers", "token"]);
    builds.scene.bind("tmp/second").stdout(lines()).reused().success();
    assert!(!block.exists());
}

#[test]
fn pruning_follows_no_link() {
    let builds = Builds::new();
    let installed = builds.scene.path("opt");
    fs::create_dir(&installed).expect("a directory");
    fs::write(installed.join("genesys-token"), "x").expect("a file");
    let block = builds.dead_block("with-a-linked-bin");
    symlink(&installed, block.join("bin")).expect("a link");
    let elsewhere = builds.scene.path("elsewhere");
    fs::rename(builds.dead_block("elsewhere"), &elsewhere).expect("it moves");
    symlink(&elsewhere, builds.path("link")).expect("a link");
    fs::write(builds.path("file"), "x").expect("a file");

    assert_eq!(builds.names_after_bind(), ["file", "link", "with-a-linked-bin"]);
    assert_eq!(names(installed), ["genesys-token"]);
    assert_eq!(names(block), [".genesys-token", "bin"]);
    assert_eq!(names(elsewhere), [".genesys-token", "curlrc", "headers", "token"]);
}
