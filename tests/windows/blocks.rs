//! What killed builds left beside a new block.

use std::fs;
use std::path::Path;
use std::time::Duration;

use crate::harness::{Scene, entry};
use crate::paths;

const DAY: Duration = Duration::from_hours(24);

/// What is in a directory, in order.
fn names(dir: &Path) -> Vec<String> {
    let name = |path: &std::path::PathBuf| path.file_name().expect("a name").to_string_lossy().into_owned();
    let mut names: Vec<String> = paths(dir).iter().map(name).collect();
    names.sort();
    names
}

#[test]
fn a_dead_block_is_pruned_but_not_what_bind_did_not_write() {
    let scene = Scene::new();
    let blocks = [("dead", 2), ("expired-today", 0), ("with-notes", 2), ("with-program", 30)];
    for (name, _) in blocks {
        let carries = if name == "with-program" { &["--carry-helper"][..] } else { &[] };
        scene.bind(&format!("tmp/{name}")).args(carries).any_stdout().fetched_or_reused().success();
    }
    assert!(scene.path("tmp/with-program/bin/genesys-token.exe").exists());
    fs::write(scene.path("tmp/with-notes/notes"), "x").expect("a file");
    for (name, days) in blocks {
        let ended = entry::now().minus(DAY * days);
        fs::write(scene.path("tmp").join(name).join(".genesys-token"), ended.rfc3339()).expect("a marker");
    }
    scene.bind("tmp/new").any_stdout().reused().success();
    assert_eq!(names(&scene.path("tmp")), ["expired-today", "new", "with-notes"]);
    assert_eq!(names(&scene.path("tmp/with-notes")), [".genesys-token", "notes"]);
}
