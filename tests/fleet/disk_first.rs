//! The disk stays first.

use std::fs;
use std::time::Duration;

use crate::fleet::{Fleet, files};
use crate::harness::entry;

#[test]
fn a_hit_opens_no_socket_and_no_file_of_the_shared_cache() {
    let fleet = Fleet::new();
    let dir = fleet.scene.path("machine-1");
    let lifetime = Duration::from_hours(24);
    entry::put(&dir, &fleet.scene.server.login_url(), "warm", Duration::ZERO, lifetime);
    let trace = fleet.scene.path("trace");
    let call = fleet.on(1, "get").stdout("warm\n").reused();
    let call = call.env("GENESYS_TOKEN_SHARED_CACHE_PASSWORD_FILE", "/nowhere/password");
    let call = call.env("GENESYS_TOKEN_SHARED_CACHE", "rediss://cache.invalid");
    call.under(["strace".as_ref(), "-f".as_ref(), "-o".as_ref(), trace.as_os_str()]).success();
    let trace = fs::read_to_string(trace).expect("a trace");
    assert!(trace.contains("exit_group(0)"), "{trace}");
    for word in ["socket(", "connect(", "clone(", "clone3(", ".lock", ".outage", "password"] {
        assert!(!trace.contains(word), "{word} in\n{trace}");
    }
}

#[test]
fn a_token_from_the_shared_cache_lies_on_the_disk_sealed_anew() {
    let mut fleet = Fleet::new();
    fleet.get(0).success();
    let line = "reused token of client 1111…5555 at HOST, * left (from the shared cache)";
    let taken = fleet.on(1, "get").provided(line).success();
    let [name, ..] = fleet.names();
    let there = fleet.redis_bytes(["GET", &name]);
    fleet.redis.kill();
    assert_eq!(fleet.on(1, "get").reused().success().token(), taken.token());
    for file in files(&fleet.scene.path("machine-1")) {
        assert_ne!(fs::read(&file).expect("a file"), there, "{}", file.display());
    }
}

#[test]
fn status_shows_the_disk_alone_and_clear_leaves_the_fleet() {
    let fleet = Fleet::new();
    fleet.get(0).success();
    fleet.on(1, "status").without("GENESYS_TOKEN_SHARED_CACHE").any_stderr().exit(8);
    fleet.on(0, "clear").any_stdout().any_stderr().success();
    let line = "reused token of client 1111…5555 at HOST, * left (from the shared cache)";
    fleet.on(0, "get").provided(line).success();
}
