//! A cache that can't be used.

use super::*;
use std::os::unix::fs::{PermissionsExt as _, symlink};

#[test]
fn is_open_to_others() {
    let (server, cache) = (server(), dir());
    fs::set_permissions(cache.path(), fs::Permissions::from_mode(0o777)).expect("it is ours");
    let what = ["is writable by other users", "name a directory of the caller's own"];
    assert_first(&server, doctor(&server, cache.path()), "cache", 1, &what);
}

#[test]
fn is_a_link() {
    let (server, cache) = (server(), dir());
    let link = cache.path().join("link");
    symlink(cache.path(), &link).expect("a link");
    assert_first(&server, doctor(&server, &link), "cache", 1, &["no cache", "link"]);
    fs::remove_file(&link).expect("it is ours");
    fs::create_dir(&link).expect("a directory");
    fs::set_permissions(&link, fs::Permissions::from_mode(0o700)).expect("it is ours");
    assert_eq!(findings(&server, doctor(&server, &link)).0.code, 0, "a directory in its place is fine");
}

#[test]
fn can_not_be_written() {
    let (server, cache) = (server(), dir());
    // As on a full disk: no file may grow at all.
    let script = format!("ulimit -f 0; exec {} doctor --format json --timeout 3s | cat", harness::PROGRAM);
    let done = Call::shell(&script, &server, cache.path()).run();
    let json: Value = serde_json::from_str(&done.stdout).unwrap_or_else(|_| panic!("{done:?}"));
    let checks = json["checks"].as_array().expect("a list").clone();
    let first = checks.iter().find(|check| check["status"] == "failed").expect("a failed check");
    assert_eq!(first["name"], "cache", "{json}");
    assert!(first.to_string().contains("cannot write into"), "{first}");
}

#[test]
fn has_no_place() {
    let (server, cache) = (server(), dir());
    let call = doctor(&server, cache.path()).without("GENESYS_TOKEN_CACHE_DIR").env("HOME", "/");
    assert_first(&server, call, "cache", 1, &["HOME is not usable"]);
}
