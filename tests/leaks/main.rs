//! What must never be seen: the secret, the token and the Basic header, in any output and any file.

#[path = "../harness/mod.rs"]
mod harness;

mod cache_files;
mod control_characters;
mod errors;
mod logs;
#[cfg(target_os = "linux")]
mod memory;
mod panic;
#[cfg(target_os = "linux")]
mod scan;
mod search;
#[cfg(target_os = "linux")]
mod trace;
#[cfg(target_os = "linux")]
mod watched_scene;

use std::fs;
use std::path::{Path, PathBuf};

/// Every file below `dir`.
fn files(dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir).expect("a directory").map(|entry| entry.expect("an entry").path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}
