//! A warm hit, as the kernel sees it.

mod harness;

use std::process::Command;
use std::time::Duration;

use harness::{Call, PROGRAM, cached};
use loopback_login_server::{CLIENT_ID, CLIENT_SECRET};

/// The system calls of a warm hit, one a line, by strace.
fn trace() -> String {
    let cache = tempfile::tempdir().unwrap();
    let day = Duration::from_secs(86_400);
    let store = cached::store(cache.path(), "https://login.mypurecloud.com");
    cached::put(&store, "warm", Duration::ZERO, day);
    let trace = cache.path().join("trace");
    let call = Call::bare("get").credential(CLIENT_ID, CLIENT_SECRET).cache(cache.path());
    let mut strace = Command::new("strace");
    strace.args(["-f", "-o"]).arg(&trace).arg(PROGRAM).arg("get").env_clear();
    let output = strace.envs(call.environment()).output().expect("strace is installed: see the Makefile");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "warm\n", "{output:?}");
    std::fs::read_to_string(trace).unwrap()
}

#[test]
fn a_hit_takes_no_lock_starts_no_thread_and_opens_neither_socket_nor_certificate() {
    let trace = trace();
    assert!(trace.contains("exit_group(0)"), "{trace}");
    for call in ["socket(", "connect(", "flock(", "F_SETLK", "F_OFD_SETLK", "clone(", "clone3(", "fork("] {
        assert!(!trace.contains(call), "{call} in\n{trace}");
    }
    for file in
        [".pem", ".crt", "/ssl/", "/certs", "resolv.conf", "nsswitch", "/etc/passwd", ".lock", ".note"]
    {
        assert!(!trace.contains(file), "{file} in\n{trace}");
    }
}

#[test]
fn a_hit_writes_its_answer_and_its_line_in_one_write_each() {
    let trace = trace();
    let writes = trace.lines().filter(|line| line.contains(" write(")).count();
    assert_eq!(writes, 2, "{trace}");
}
