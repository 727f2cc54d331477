//! Runs a call under a fault in a scene, and records what it did and what the next call does.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Child;

pub(crate) use crate::harness::Scene;
use crate::harness::{Call, Done};
use crate::seen::{self, Seen};

impl Call {
    /// Prints an error, if there is one, as JSON.
    pub(crate) fn json_errors(self) -> Self {
        self.args(["--error-format", "json"])
    }
}

impl Scene {
    /// Puts a token into the cache.
    pub(crate) fn warmed(self) -> Self {
        self.get().fetched("no entry").success();
        self
    }

    /// Removes the cache with its directory.
    pub(crate) fn clear(&self) {
        let _ = fs::remove_dir_all(self.cache());
    }

    /// Runs `get` under a fault, then one without it.
    #[track_caller]
    pub(crate) fn see(&self, get: Call) -> Seen {
        self.see_before(get, self.get())
    }

    /// Runs `get` under a fault, then `next` without it.
    #[track_caller]
    pub(crate) fn see_before(&self, get: Call, next: Call) -> Seen {
        let before = self.server.token_requests();
        let done = get.json_errors().run_unchecked();
        self.seen(&done, self.server.token_requests() - before, next)
    }

    /// Runs a call that does not print its token, on a cache that has one; then a `get` without the fault.
    #[track_caller]
    pub(crate) fn see_hit_elsewhere(&self, call: Call) -> (Done, Seen) {
        let before = self.server.token_requests();
        let done = call.json_errors().run_unchecked();
        let seen = self.seen_elsewhere(&done, self.server.token_requests() - before, self.get());
        (done, seen)
    }

    /// What a `get` did, and what `next` does after it.
    #[track_caller]
    pub(crate) fn seen(&self, done: &Done, requests: usize, next: Call) -> Seen {
        self.assert_is_ours(done);
        self.seen_elsewhere(done, requests, next)
    }

    /// The same for a call that does not print its token.
    #[track_caller]
    pub(crate) fn seen_elsewhere(&self, done: &Done, requests: usize, next: Call) -> Seen {
        let (outcome, says) = self.outcome(done);
        Seen::one(&outcome, &says, &requests.to_string(), self.next(next))
    }

    /// The same for `get`s that ran together. `requests` describes their number.
    #[track_caller]
    pub(crate) fn seen_together(&self, done: &[Done], requests: &str) -> Seen {
        let next = self.next(self.get());
        Seen::all(done.iter().map(|done| {
            self.assert_is_ours(done);
            let (outcome, says) = self.outcome(done);
            Seen::one(&outcome, &says, requests, next)
        }))
    }

    #[track_caller]
    fn outcome(&self, done: &Done) -> (String, String) {
        assert_eq!(unfinished_files(self.dir()), [""; 0].map(PathBuf::from), "{done:?}");
        let (outcome, says) = seen::outcome(done, &self.server.tokens());
        (outcome, self.without_variable_parts(&says))
    }

    /// What a `get` without the fault does.
    #[track_caller]
    pub(crate) fn next(&self, get: Call) -> &'static str {
        let next = get.run_unchecked();
        next.token();
        self.assert_is_ours(&next);
        assert!(!next.stderr.contains("waited"), "no process holds the lock: {next:?}");
        let begins =
            |verb| next.stderr.starts_with(&format!("genesys-token: {verb} token of client 1111…5555 "));
        match (begins("fetched"), begins("reused")) {
            (true, _) => "fetches",
            (_, true) => "reuses",
            _ => panic!("{next:?}"),
        }
    }

    /// Fails if a successful `get` printed a token that is not the server's, or more than one line on stderr.
    #[track_caller]
    fn assert_is_ours(&self, done: &Done) {
        if done.code == 0 {
            assert!(self.server.tokens().iter().any(|token| token == done.token()), "{done:?}");
            assert_eq!(done.stderr.lines().count(), 1, "{done:?}");
        }
    }

    /// Without what differs between runs: the scene's directory, a temporary file's path, the numbers of errors, the
    /// server's port, the ids of its answers, and a token's time left.
    fn without_variable_parts(&self, text: &str) -> String {
        let text = text.replace(&self.dir().display().to_string(), "…");
        let text = text.replace(&self.server.login_url(), "HOST");
        let text = text.split(" at path ").next().unwrap_or_default();
        let text = &replace_enclosed(text, " (ININ-Correlation-Id ", ")", "");
        let text = replace_enclosed(text, " (os error ", ")", "");
        replace_enclosed(&text, "be refreshed, ", " left", "be refreshed, … left")
    }
}

/// Replaces every `start…end` by `instead`.
fn replace_enclosed(text: &str, start: &str, end: &str, instead: &str) -> String {
    let mut parts = text.split(start);
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |done, part| {
        let rest = part.split_once(end).map_or("", |(_, rest)| rest);
        [&done, instead, rest].concat()
    })
}

/// The half-written files in `dir` and below it.
fn unfinished_files(dir: &Path) -> Vec<PathBuf> {
    let below = |path: PathBuf| {
        let is_one = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(".writing"));
        let is_dir = path.is_dir() && !path.is_symlink();
        if is_dir { unfinished_files(&path) } else { Vec::from_iter(is_one.then_some(path)) }
    };
    fs::read_dir(dir).into_iter().flatten().flatten().flat_map(|entry| below(entry.path())).collect()
}

/// Waits until `done`, which another process or thread brings about.
pub(crate) fn wait_until(mut done: impl FnMut() -> bool) {
    let started = std::time::Instant::now();
    while !done() {
        assert!(started.elapsed().as_secs() < 60, "it did not happen within a minute");
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
}

/// How a call that was spawned ended.
pub(crate) fn end(child: Child) -> Done {
    Done::from(child.wait_with_output().expect("the program ends"))
}
