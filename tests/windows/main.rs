//! What the program promises on Windows. `tests/wine` runs this under Wine.
#![cfg(windows)]

#[path = "../harness/mod.rs"]
mod harness;

mod access_lists;
mod blocks;
mod exec;
mod fleet;
mod many_processes;
mod names;
mod streams;

use std::fs;
use std::path::{Path, PathBuf};

/// The variable that is set where Wine stands in for Windows.
const UNDER_WINE: &str = "UNDER_WINE";

/// The paths of what is in a directory.
fn paths(dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir).expect("a directory");
    entries.map(|entry| entry.expect("an entry").path()).collect()
}
