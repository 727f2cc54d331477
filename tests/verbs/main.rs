//! Every verb: its answers, its files, its line on stderr and its exit codes.

#[path = "../harness/mod.rs"]
mod harness;

mod bind;
mod bound_token;
mod build_share;
mod clear;
mod eviction;
#[cfg(unix)]
mod exec;
mod expect_org;
#[cfg(unix)]
mod foreign_files;
mod generated;
mod get;
mod invalidate;
mod lanes;
#[cfg(unix)]
mod prune;
mod report_line;
mod revoke;
#[cfg(unix)]
mod shared_cache;
#[cfg(unix)]
mod signals;
mod status;
mod step;
mod token_of;
mod whoami;

use std::fs;
use std::path::Path;
use std::time::Duration;

#[cfg(unix)]
use harness::{Call, Scene, genesys_token};

const DAY: Duration = Duration::from_hours(24);

/// From open to all to closed to all, the caller included.
#[cfg(unix)]
const UMASKS: [&str; 7] = ["000", "022", "077", "177", "277", "377", "777"];

fn read(path: impl AsRef<Path>) -> String {
    fs::read_to_string(path).expect("a file")
}

#[cfg(unix)]
fn mode(path: impl AsRef<Path>) -> u32 {
    use std::os::unix::fs::PermissionsExt as _;
    fs::metadata(path).expect("it exists").permissions().mode() & 0o7777
}

#[cfg(unix)]
fn set_mode(path: impl AsRef<Path>, mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("it is ours");
}

/// The sorted names in a directory.
fn names(dir: impl AsRef<Path>) -> Vec<String> {
    let entries = fs::read_dir(dir).expect("a directory");
    let mut names: Vec<_> =
        entries.map(|entry| entry.expect("an entry").file_name().into_string().expect("UTF-8")).collect();
    names.sort();
    names
}

/// The value in the only line of `text` that is `NAME=value`.
#[track_caller]
fn value_of(text: &str, name: &str) -> String {
    let lines = text.lines().filter_map(|line| line.strip_prefix(name)?.strip_prefix('='));
    let found: Vec<_> = lines.collect();
    assert_eq!(found.len(), 1, "{name} in {text}");
    found[0].to_owned()
}

/// A shell script with the settings of the scene's calls.
#[cfg(unix)]
fn script(scene: &Scene, script: &str) -> Call {
    genesys_token().script(script).at(&scene.server).cache(&scene.cache())
}
