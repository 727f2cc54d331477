//! Many processes at one cache, while others hold its files or are killed.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::os::windows::fs::OpenOptionsExt as _;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use loopback_login_server::Behaviour;

use crate::harness::{Done, Scene, together};
use crate::paths;

/// `FILE_SHARE_READ`: as a virus scanner opens a file.
const SHARED_WITH_READERS: u32 = 1;

#[test]
fn forty_processes_at_an_empty_cache_make_one_request_and_share_its_token() {
    let scene = Scene::with(Behaviour { delay: Duration::from_secs(2), ..Behaviour::default() });
    let done = together((0..40).map(|_| scene.get().fetched_or_reused()));
    assert_eq!(done.iter().map(Done::token).collect::<BTreeSet<_>>().len(), 1);
    assert_eq!(scene.server.token_requests(), 1);
}

#[test]
fn twenty_five_forced_renewals_are_all_cached_while_readers_hammer_the_entry() {
    let scene = Scene::new();
    scene.get().fetched("no entry").success();
    let is_over = AtomicBool::new(false);
    let reads = AtomicUsize::new(0);
    thread::scope(|scope| {
        let finish = Finish(&is_over);
        // One that opens the entry as fast as it can, and one that is the program itself.
        scope.spawn(|| {
            while !is_over.load(Ordering::Relaxed) {
                for path in paths(&scene.cache()).iter().filter(|path| path.extension().is_some()) {
                    reads.fetch_add(usize::from(fs::read(path).is_ok()), Ordering::Relaxed);
                }
            }
        });
        scope.spawn(|| {
            while !is_over.load(Ordering::Relaxed) {
                scene.get().fetched_or_reused().success();
            }
        });
        for renewal in 0..25 {
            let forced = scene.get().args(["--force-refresh"]).fetched("forced").success();
            let cached = scene.get().reused().success();
            assert_eq!(cached.token(), forced.token(), "renewal {renewal} is cached");
        }
        drop(finish);
    });
    assert!(reads.into_inner() > 25, "the reader reads");
    assert_eq!(scene.server.token_requests(), 26);
}

/// Ends the readers also when the test fails: their scope waits for them.
struct Finish<'f>(&'f AtomicBool);

impl Drop for Finish<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[test]
fn a_scanner_that_holds_the_entry_for_a_moment_does_not_stop_it_from_being_cached() {
    let scene = Scene::new();
    scene.get().fetched("no entry").success();
    let is_token = |path: &std::path::PathBuf| path.extension().is_some_and(|end| end == "token");
    let entry = paths(&scene.cache()).into_iter().find(is_token).expect("an entry");
    let forced = scene.get().args(["--force-refresh"]).fetched("forced");
    let held = File::options().read(true).share_mode(SHARED_WITH_READERS).open(&entry).expect("opened");
    let process = thread::spawn(move || forced.success());
    // The server has answered; from then on the program wants to replace the entry.
    while scene.server.token_requests() < 2 {
        thread::sleep(Duration::from_millis(1));
    }
    thread::sleep(Duration::from_millis(300));
    drop(held);
    let forced = process.join().expect("it gets a token");
    assert_eq!(scene.get().reused().success().token(), forced.token());
}

#[test]
fn the_lock_of_a_killed_process_is_free_at_once() {
    let scene = Scene::with(Behaviour { delay: Duration::from_mins(5), ..Behaviour::default() });
    let mut holder = scene.get().spawn();
    while scene.server.token_requests() < 1 {
        thread::sleep(Duration::from_millis(10));
    }
    scene.server.set(Behaviour::default());
    holder.kill().expect("it is ours");
    holder.wait().expect("it ends");
    let started = Instant::now();
    scene.get().fetched("no entry").success();
    assert!(started.elapsed() < Duration::from_mins(1), "{:?}", started.elapsed());
    let unfinished = |path: &std::path::PathBuf| path.to_string_lossy().contains(".writing-");
    assert!(!paths(&scene.cache()).iter().any(unfinished));
}
