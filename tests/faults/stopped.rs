//! A process that is stopped in the middle of it, as by Ctrl-Z, a frozen container or a laptop that sleeps.

use std::fs;
use std::io::Read as _;
use std::process::Child;
use std::thread::sleep;
use std::time::{Duration, Instant};

use loopback_login_server::{Behaviour, ExpiresIn, LoginServer};
use rustix::process::{Pid, Signal, kill_process};

use crate::harness::together;
use crate::scene::{Scene, end, wait_until};
use crate::seen::Seen;
use crate::table::{check, row};

/// Time to stop whoever asked before the answer comes.
const HELD: Duration = Duration::from_secs(1);
/// A token's life in seconds, to be slept through.
const SHORT: i64 = 3;

#[test]
fn hands_out_nothing_that_has_ended_and_holds_up_nobody_for_long() {
    let (others, holder) = holder_and_others();
    check(
        "stopped",
        &[
            row("whoever holds the lock is stopped in mid-fetch: forty others, with `--timeout 6s`", others),
            row("he goes on after the others have fetched", holder),
            row("stopped in mid-fetch until the token has ended", beyond_the_token_s_life()),
            row("stopped while waiting for another, until that token has ended", waiting()),
        ],
    );
}

fn slow(expires_in: ExpiresIn) -> Behaviour {
    Behaviour { delay: HELD, expires_in, ..Behaviour::default() }
}

fn signal(child: &Child, signal: Signal) {
    kill_process(Pid::from_child(child), signal).expect("it is there");
}

/// Stops it, for certain.
fn stop(child: &Child) {
    signal(child, Signal::STOP);
    wait_until(|| is_in(child, "T"));
}

/// Whether the kernel says this of its state: `S` while it waits, `T` when it is stopped.
fn is_in(child: &Child, state: &str) -> bool {
    let stat = fs::read_to_string(format!("/proc/{}/stat", child.id())).expect("it is there");
    stat.contains(&format!(") {state} "))
}

/// Starts a `get` and stops it while the server has its request and no answer for it yet.
fn stopped_in_mid_fetch(scene: &Scene) -> Child {
    let child = scene.get().start();
    wait_until(|| scene.server.token_requests() == 1);
    stop(&child);
    assert_eq!(scene.server.tokens().len(), 0, "the machine is too slow for this: the answer is out already");
    scene.server.set(Behaviour::default());
    child
}

fn answered(scene: &Scene) {
    wait_until(|| scene.server.log()[0].ended.is_some());
}

fn holder_and_others() -> (Seen, Seen) {
    let scene = Scene::with(LoginServer::start(slow(ExpiresIn::default())));
    let holder = stopped_in_mid_fetch(&scene);
    answered(&scene);
    let others = together((0..40).map(|_| scene.get().args(["--timeout", "6s"])));
    // Some of those who asked without the lock, all within one second: not forty.
    let requests = scene.server.token_requests() - 1;
    assert!((1..=10).contains(&requests), "{requests}");
    let others = scene.seen_together(&others, "10 at most, by all");
    let newest = scene.get().run().token().to_owned();
    signal(&holder, Signal::CONT);
    let done = end(holder);
    assert_eq!(done.token(), scene.server.tokens()[0], "his own is as good as any");
    let holder = scene.seen(&done, 1, scene.get());
    assert_eq!(scene.get().run().token(), newest, "the newer one stays");
    (others, holder)
}

fn beyond_the_token_s_life() -> Seen {
    let scene = Scene::with(LoginServer::start(slow(ExpiresIn::Seconds(SHORT))));
    let call = stopped_in_mid_fetch(&scene);
    answered(&scene);
    sleep(Duration::from_secs(SHORT.unsigned_abs()));
    signal(&call, Signal::CONT);
    let done = end(call);
    assert_eq!(done.token(), scene.server.tokens()[1]);
    scene.seen(&done, scene.server.token_requests(), scene.get())
}

fn waiting() -> Seen {
    let scene = Scene::with(LoginServer::start(slow(ExpiresIn::Seconds(SHORT))));
    let holder = scene.get().start();
    wait_until(|| scene.server.token_requests() == 1);
    let mut waiter = scene.get().args(["--verbose"]).start();
    // It says where its cache is before it looks there; what it waits for from then on is the other.
    let mut first = [0; 14];
    waiter.stderr.as_mut().expect("a pipe").read_exact(&mut first).expect("its first words");
    wait_until(|| is_in(&waiter, "S"));
    stop(&waiter);
    let ended = Instant::now() + Duration::from_secs(SHORT.unsigned_abs()) + HELD;
    let ending = end(holder);
    assert_eq!(ending.token(), scene.server.tokens()[0]);
    scene.server.set(Behaviour::default());
    sleep(ended.saturating_duration_since(Instant::now()));
    signal(&waiter, Signal::CONT);
    let mut done = end(waiter);
    assert_eq!(done.token(), scene.server.tokens()[1]);
    // What is left of it is the usual line.
    done.stderr = done.stderr.split_once('\n').expect("two lines").1.to_owned();
    scene.seen(&done, scene.server.token_requests() - 1, scene.get())
}
