//! A cache hit, as the kernel sees it.

use std::fs;
use std::time::Duration;

use loopback_login_server::{CLIENT_ID, CLIENT_SECRET};

use super::DAY;
use crate::harness::{entry, genesys_token, temporary_dir};

/// The system calls of a hit, one a line, by strace.
fn trace() -> String {
    let dir = temporary_dir();
    entry::put(dir.path(), "https://login.mypurecloud.com", "warm", Duration::ZERO, DAY);
    let trace = dir.path().join("trace");
    let call = genesys_token().get().credential(CLIENT_ID, CLIENT_SECRET).cache(dir.path());
    let call = call.under(["strace".as_ref(), "-f".as_ref(), "-o".as_ref(), trace.as_os_str()]);
    let line = "reused token of client 1111…5555 at mypurecloud.com, * left";
    call.stdout("warm\n").provided(line).success();
    fs::read_to_string(trace).expect("a trace")
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
