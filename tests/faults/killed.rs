//! `kill -9` at each system call on the cache.

use std::fs;
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, SystemTime};

use crate::harness::Call;
use crate::injected;
use crate::scene::Scene;
use crate::seen::Seen;
use crate::table::{check, row};

/// The code of a call that a signal has ended.
const KILLED: i32 = -1;

#[test]
fn a_killed_call_leaves_the_old_entry_or_the_new_one_and_no_lock() {
    let (cold, warm) = (Scene::new(), Scene::new().warmed());
    let first = sweep(&cold, || cold.get().fetched("no entry"), || cold.clear());
    // With a token in the cache there is a whole one at every instant.
    let next = sweep(&warm, || refresh(&warm), || ());
    assert_eq!(next.next.iter().collect::<Vec<_>>(), ["reuses"]);
    let at_random = at_random_moments(&warm);
    assert_leftovers_are_removed(&warm);
    check(
        "killed",
        &[
            row("`kill -9` at each system call of a cold `get` on the cache, in turn", first),
            row("the same for `get --force-refresh`, with a token in the cache", next),
            row("`kill -9` at 300 moments of `get --force-refresh`", at_random),
        ],
    );
}

fn refresh(scene: &Scene) -> Call {
    scene.get().arg("--force-refresh").fetched("forced")
}

fn sweep(scene: &Scene, call: impl Fn() -> Call, before: impl Fn()) -> Seen {
    before();
    let points = injected::points(scene, call(), &scene.cache());
    Seen::all(points.iter().map(|point| {
        before();
        let requests = scene.server.token_requests();
        let done = injected::at(point, "signal=KILL", call()).run_unchecked();
        assert_eq!((done.code, done.stdout.as_str()), (KILLED, ""), "{point:?}: {done:?}");
        done.leaks_nothing(scene.server.tokens());
        let requests = scene.server.token_requests() - requests;
        Seen::one("the signal", "", &requests.to_string(), scene.next(scene.get()))
    }))
}

/// Spread over the duration of a call, which is some milliseconds here, and so between two system calls as well.
fn at_random_moments(scene: &Scene) -> Seen {
    let runs = (0..300_u64).map(|turn| {
        let mut child = refresh(scene).spawn();
        sleep(Duration::from_micros(turn * 7_919 % 16_000));
        child.kill().expect("it is ours");
        child.wait().expect("it ends");
        let next = if turn % 20 == 0 { scene.next(scene.get()) } else { "" };
        Seen::one("the signal", "", "", next)
    });
    Seen::all(runs).with_requests("0 or 1")
}

#[test]
fn what_a_killed_call_leaves_beside_its_output_file_is_removed_once_it_is_old() {
    let scene = Scene::new().warmed();
    let dir = scene.path("output");
    fs::create_dir(&dir).expect("a directory");
    let names = || fs::read_dir(&dir).expect("a directory").count();
    let call = || scene.get().arg("--output").arg(dir.join("token")).reused();
    let points = injected::points(&scene, call(), &dir);
    for point in &points {
        injected::at(point, "signal=KILL", call()).run_unchecked();
    }
    assert!(names() > 1, "no call was killed while it wrote: {points:?}");
    fs::write(dir.join(".writing-notes"), "a foreign file").expect("a file");
    call().success();
    assert!(names() > 2, "another call may still be writing");
    make_old(&dir);
    call().success();
    assert_eq!(names(), 2, "the token and the foreign file");
}

/// The next call that caches a token removes the files of killed writers, once they are old.
fn assert_leftovers_are_removed(scene: &Scene) {
    make_old(&scene.cache());
    refresh(scene).success();
    assert_eq!(fs::read_dir(scene.cache()).expect("a directory").count(), 2, "a token and a lock");
}

/// Dates the files in `dir` back by more than any writer takes.
fn make_old(dir: &Path) {
    let long_ago = SystemTime::now() - Duration::from_secs(700);
    for file in fs::read_dir(dir).expect("a directory").flatten() {
        let file = fs::File::options().append(true).open(file.path()).expect("a file");
        file.set_modified(long_ago).expect("it is ours");
    }
}
