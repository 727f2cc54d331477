//! A login server, a place for a cache, and a look at what a call did there.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Child;

pub use crate::harness::scene::Scene;
use crate::harness::{Call, Done};
use crate::seen::{self, Seen};

impl Scene {
    /// A call whose error, if it comes to that, is JSON.
    pub fn call(&self, verb: &str) -> Call {
        Call::new(verb, &self.server, &self.cache()).args(["--error-format", "json"])
    }

    pub fn get(&self) -> Call {
        self.call("get")
    }

    /// Has a token in the cache.
    pub fn warmed(self) -> Self {
        self.get().run().token();
        self
    }

    /// Empties the cache, directory and all.
    pub fn clear(&self) {
        let _ = fs::remove_dir_all(self.cache());
    }

    /// Runs `get` under a fault, then one without it.
    #[track_caller]
    pub fn see(&self, get: Call) -> Seen {
        self.see_before(get, self.get())
    }

    /// Runs `get` under a fault, then `next` without it.
    #[track_caller]
    pub fn see_before(&self, get: Call, next: Call) -> Seen {
        let before = self.server.token_requests();
        let done = get.run();
        self.seen(&done, self.server.token_requests() - before, next)
    }

    /// What is to be said of a `get` that has ended.
    #[track_caller]
    pub fn seen(&self, done: &Done, requests: usize, next: Call) -> Seen {
        self.assert_is_ours(done);
        self.seen_elsewhere(done, requests, next)
    }

    /// The same of a call whose token is not on stdout.
    #[track_caller]
    pub fn seen_elsewhere(&self, done: &Done, requests: usize, next: Call) -> Seen {
        let (outcome, says) = self.outcome(done);
        Seen::one(&outcome, &says, &requests.to_string(), self.next(next))
    }

    /// The same of `get`s that ran together, and of one after them; `requests` says how many they made.
    #[track_caller]
    pub fn seen_together(&self, done: &[Done], requests: &str) -> Seen {
        let next = self.next(self.get());
        Seen::all(done.iter().map(|done| {
            self.assert_is_ours(done);
            let (outcome, says) = self.outcome(done);
            Seen::one(&outcome, &says, requests, next)
        }))
    }

    #[track_caller]
    fn outcome(&self, done: &Done) -> (String, String) {
        assert_eq!(leftovers(self.dir()), [""; 0].map(PathBuf::from), "{done:?}");
        let (outcome, says) = seen::outcome(done, &self.server.tokens());
        (outcome, self.without_names(&says))
    }

    /// The same of a call that has a token in the cache.
    #[track_caller]
    pub fn see_hit_elsewhere(&self, call: Call) -> (Done, Seen) {
        let before = self.server.token_requests();
        let done = call.run();
        let seen = self.seen_elsewhere(&done, self.server.token_requests() - before, self.get());
        (done, seen)
    }

    /// What a healthy `get` does.
    #[track_caller]
    pub fn next(&self, get: Call) -> &'static str {
        let next = get.run();
        next.token();
        self.assert_is_ours(&next);
        let words = [("fetched", "fetches"), ("reused", "reuses")];
        let said =
            words.iter().find(|(says, _)| next.stderr.contains(&format!("genesys-token: {says} token")));
        assert!(!next.stderr.contains("waited"), "nobody holds the lock: {next:?}");
        said.unwrap_or_else(|| panic!("{next:?}")).1
    }

    /// The token that was printed, if it was, is one that the server gave, and a line says where it came from.
    #[track_caller]
    fn assert_is_ours(&self, done: &Done) {
        if done.code == 0 {
            assert!(self.server.tokens().iter().any(|token| token == done.token()), "{done:?}");
            assert_eq!(done.stderr.lines().count(), 1, "{done:?}");
        }
    }

    /// Without what is another one in every run: paths, ports and the numbers of errors.
    fn without_names(&self, text: &str) -> String {
        let text = text.replace(&self.dir().display().to_string(), "…");
        let mut text = text.split(" at path ").next().unwrap_or_default().to_owned();
        while let Some((before, after)) = text.split_once(" (os error ") {
            text = [before, after.split_once(')').map_or("", |(_, rest)| rest)].concat();
        }
        text
    }
}

/// Half-written files, wherever they are.
fn leftovers(dir: &Path) -> Vec<PathBuf> {
    let below = |path: PathBuf| {
        let is_one = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(".writing"));
        let is_dir = path.is_dir() && !path.is_symlink();
        if is_dir { leftovers(&path) } else { Vec::from_iter(is_one.then_some(path)) }
    };
    fs::read_dir(dir).into_iter().flatten().flatten().flat_map(|entry| below(entry.path())).collect()
}

/// Waits until `done`, which nothing but time can bring about.
pub fn wait_until(mut done: impl FnMut() -> bool) {
    let started = std::time::Instant::now();
    while !done() {
        assert!(started.elapsed().as_secs() < 60, "it never came");
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
}

/// How a call that was started ended.
pub fn end(child: Child) -> Done {
    Done::from(child.wait_with_output().expect("the program ends"))
}
