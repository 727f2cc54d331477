//! What a call gives: answers in every form on stdout or in files, and the one line on stderr.

#[path = "../harness/mod.rs"]
mod harness;

mod bind;
mod for_the_step;
mod generated;
mod get;
mod the_bound_token;
mod the_line;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use genesys_token::error::{Category, Error};
use genesys_token::time::Timestamp;
use harness::{Call, Done, cached};
use loopback_login_server::{Answer, Behaviour, CLIENT_ID, LoginServer};
use serde_json::Value;
use tempfile::TempDir;

const DAY: Duration = Duration::from_secs(86_400);

fn dir() -> TempDir {
    tempfile::tempdir().expect("a temporary directory")
}

fn server() -> LoginServer {
    LoginServer::start(Behaviour::default())
}

fn handing_out(token: &str) -> LoginServer {
    LoginServer::start(Behaviour { token: Some(token.to_owned()), ..Behaviour::default() })
}

fn read(path: impl AsRef<Path>) -> String {
    fs::read_to_string(path).expect("a file")
}

#[cfg(unix)]
fn mode(path: impl AsRef<Path>) -> u32 {
    use std::os::unix::fs::PermissionsExt as _;
    fs::metadata(path).expect("it is there").permissions().mode() & 0o7777
}

#[cfg(unix)]
fn set_mode(path: impl AsRef<Path>, mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("it is ours");
}

fn names(dir: impl AsRef<Path>) -> Vec<String> {
    let entries = fs::read_dir(dir).expect("a directory");
    let mut names: Vec<_> =
        entries.map(|entry| entry.expect("an entry").file_name().into_string().expect("UTF-8")).collect();
    names.sort();
    names
}

/// `NAME=value` lines.
fn line(text: &str, name: &str) -> String {
    let found: Vec<_> = text.lines().filter_map(|line| line.strip_prefix(name)?.strip_prefix('=')).collect();
    assert_eq!(found.len(), 1, "{name} in {text}");
    found[0].to_owned()
}
