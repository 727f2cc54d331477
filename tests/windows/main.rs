//! What the program promises on Windows. `tests/wine` runs this under Wine.
#![cfg(windows)]

#[path = "../harness/mod.rs"]
mod harness;

mod access_lists;
mod many_processes;
mod names;

use std::fs;
use std::path::{Path, PathBuf};

/// The paths of what is in a directory.
fn paths(dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir).expect("a directory");
    entries.map(|entry| entry.expect("an entry").path()).collect()
}
