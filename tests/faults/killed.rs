//! `kill -9` at each system call that has to do with the cache.

use std::fs;
use std::thread::sleep;
use std::time::{Duration, SystemTime};

use crate::harness::{Call, Done};
use crate::injected;
use crate::scene::Scene;
use crate::seen::Seen;
use crate::table::{check, row};

#[test]
fn leaves_the_old_entry_or_the_new_one_and_no_lock() {
    let (cold, warm) = (Scene::new(), Scene::new().warmed());
    let first = sweep(&cold, || cold.get(), || cold.clear());
    // With a token in the cache there is one at every instant, whole.
    let renewing = || warm.get().args(["--force-refresh"]);
    let next = sweep(&warm, renewing, || ());
    assert_eq!(next.next.iter().collect::<Vec<_>>(), ["reuses"]);
    let at_random = at_random_moments(&warm);
    what_the_killed_left_is_removed(&warm);
    check(
        "killed",
        &[
            row("`kill -9` at each call of a cold `get` to the cache, in turn", first),
            row("the same of `get --force-refresh`, with a token in the cache", next),
            row("`kill -9` at 300 moments of such calls", at_random),
        ],
    );
}

fn sweep(scene: &Scene, call: impl Fn() -> Call, before: impl Fn()) -> Seen {
    before();
    let points = injected::points(scene, call(), &scene.cache());
    Seen::all(points.iter().map(|point| {
        before();
        let asked = scene.server.token_requests();
        let done = injected::at(point, "signal=KILL", call()).run();
        assert_eq!((done.code, done.stdout.as_str()), (Done::KILLED, ""), "{point:?}: {done:?}");
        done.keeps_to_itself(scene.server.tokens());
        let requests = scene.server.token_requests() - asked;
        Seen::one("the signal", "", &requests.to_string(), scene.next(scene.get()))
    }))
}

/// Spread over a call's whole life, which is some milliseconds here: also between two system calls.
fn at_random_moments(scene: &Scene) -> Seen {
    let runs = (0..300_u64).map(|turn| {
        let mut child = scene.get().args(["--force-refresh"]).start();
        sleep(Duration::from_micros(turn * 7_919 % 16_000));
        child.kill().expect("it is ours");
        child.wait().expect("it ends");
        let next = if turn % 20 == 0 { scene.next(scene.get()) } else { "" };
        Seen::one("the signal", "", "", next)
    });
    Seen::all(runs).with_requests("0 or 1")
}

impl Done {
    /// A signal's end, which is no exit.
    const KILLED: i32 = -1;
}

fn what_the_killed_left_is_removed(scene: &Scene) {
    let long_ago = SystemTime::now() - Duration::from_secs(700);
    for file in fs::read_dir(scene.cache()).expect("a directory").flatten() {
        let file = fs::File::options().append(true).open(file.path()).expect("a file");
        file.set_modified(long_ago).expect("it is ours");
    }
    scene.get().args(["--force-refresh"]).run().token();
    assert_eq!(fs::read_dir(scene.cache()).expect("a directory").count(), 2, "a token and a lock");
}
