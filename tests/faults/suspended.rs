//! A process that is suspended in the middle of a call, as by Ctrl-Z, a frozen container or a laptop that sleeps.

use std::fs;
use std::io::Read as _;
use std::process::Child;
use std::thread::sleep;
use std::time::{Duration, Instant};

use loopback_login_server::{Behaviour, ExpiresIn};
use rustix::process::{Pid, Signal, kill_process};

use crate::harness::together;
use crate::scene::{Scene, end, wait_until};
use crate::seen::Seen;
use crate::table::{check, row};

/// Time to suspend a process between its request and the answer.
const DELAY: Duration = Duration::from_secs(1);
/// The lifetime of a token, in seconds, that is slept through.
const SHORT: i64 = 3;

#[test]
fn a_suspended_process_provides_no_expired_token_and_delays_no_other_for_long() {
    let (others, holder) = holder_and_others();
    check(
        "suspended",
        &[
            row(
                "forty calls with `--timeout 6s`, while a process is suspended that holds the lock during its request",
                others,
            ),
            row("that process, when it continues after the others have fetched", holder),
            row(
                "a process that is suspended during its request, until its token has expired",
                beyond_the_lifetime(),
            ),
            row(
                "a process that is suspended while it waits for another one, until that one's token has expired",
                waiting(),
            ),
        ],
    );
}

fn slow(expires_in: ExpiresIn) -> Behaviour {
    Behaviour { delay: DELAY, expires_in, ..Behaviour::default() }
}

fn signal(child: &Child, signal: Signal) {
    kill_process(Pid::from_child(child), signal).expect("it exists");
}

/// Suspends the process, and waits until it is suspended.
fn suspend(child: &Child) {
    signal(child, Signal::STOP);
    wait_until(|| is_in(child, "T"));
}

/// Whether the kernel says that the process is in this state: `S` while it waits, `T` when it is suspended.
fn is_in(child: &Child, state: &str) -> bool {
    let stat = fs::read_to_string(format!("/proc/{}/stat", child.id())).expect("it exists");
    stat.contains(&format!(") {state} "))
}

/// Starts a `get`, and suspends it between its request and the server's answer.
fn suspended_during_its_request(scene: &Scene) -> Child {
    let child = scene.get().spawn();
    wait_until(|| scene.server.token_requests() == 1);
    suspend(&child);
    assert_eq!(scene.server.tokens().len(), 0, "the server has answered already: this machine is too slow");
    scene.server.set(Behaviour::default());
    child
}

fn wait_for_the_answer(scene: &Scene) {
    wait_until(|| scene.server.log()[0].ended.is_some());
}

fn holder_and_others() -> (Seen, Seen) {
    let scene = Scene::with(slow(ExpiresIn::default()));
    let holder = suspended_during_its_request(&scene);
    wait_for_the_answer(&scene);
    let get = scene.get().args(["--timeout", "6s"]).prints_token();
    let get = get.stderr("genesys-token: * token of client 1111…5555 at HOST, 23h 59m left (*)\n");
    let others = together((0..40).map(|_| get.clone()));
    // The processes that gave up on the lock do so within one second. Some of them send a request, and not all forty.
    let requests = scene.server.token_requests() - 1;
    assert!((1..=10).contains(&requests), "{requests}");
    let others = scene.seen_together(&others, "10 at most, by all");
    let newest = scene.get().reused().success().token().to_owned();
    signal(&holder, Signal::CONT);
    let done = end(holder);
    assert_eq!(done.token(), scene.server.tokens()[0], "its own token is as good as any");
    let holder = scene.seen(&done, 1, scene.get());
    assert_eq!(scene.get().reused().success().token(), newest, "it does not replace the newer one");
    (others, holder)
}

fn beyond_the_lifetime() -> Seen {
    let scene = Scene::with(slow(ExpiresIn::Seconds(SHORT)));
    let call = suspended_during_its_request(&scene);
    wait_for_the_answer(&scene);
    sleep(Duration::from_secs(SHORT.unsigned_abs()));
    signal(&call, Signal::CONT);
    let done = end(call);
    assert_eq!(done.token(), scene.server.tokens()[1]);
    scene.seen(&done, scene.server.token_requests(), scene.get())
}

fn waiting() -> Seen {
    let scene = Scene::with(slow(ExpiresIn::Seconds(SHORT)));
    let get = scene.get().fetched("no entry");
    let holder = get.clone().spawn();
    wait_until(|| scene.server.token_requests() == 1);
    let mut waiter = scene.get().args(["-vv"]).spawn();
    // It names its cache entry before it looks there. From then on it waits only for the other process.
    let mut first = [0; 14];
    waiter.stderr.as_mut().expect("a pipe").read_exact(&mut first).expect("its first words");
    wait_until(|| is_in(&waiter, "S"));
    suspend(&waiter);
    let expired = Instant::now() + Duration::from_secs(SHORT.unsigned_abs()) + DELAY;
    let holder = end(holder);
    get.check(&holder, 0);
    assert_eq!(holder.token(), scene.server.tokens()[0]);
    scene.server.set(Behaviour::default());
    sleep(expired.saturating_duration_since(Instant::now()));
    signal(&waiter, Signal::CONT);
    let mut done = end(waiter);
    assert_eq!(done.token(), scene.server.tokens()[1]);
    // Its decisions come before the usual line.
    done.stderr = done.stderr.lines().last().map(|line| format!("{line}\n")).expect("a line");
    scene.seen(&done, scene.server.token_requests() - 1, scene.get())
}
