//! What came of all calls.

use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

/// Counts of one simulation.
#[derive(Default)]
pub struct Tally(Mutex<Counts>);

#[derive(Clone, Default)]
pub struct Counts {
    /// Calls that began within the window.
    pub calls: usize,
    pub errors: usize,
    /// Calls that said that they could not use the store.
    pub not_shared: usize,
    pub slowest: Duration,
    /// Tokens that were not as promised, at any time.
    pub wrong: usize,
    /// Builds that began, at any time.
    pub builds: usize,
    /// Agents that died while they asked the login server, at any time.
    pub deaths: usize,
    /// Questions to the store, for each second.
    pub questions: Vec<u32>,
    /// Connections that were made to it, for each second.
    pub connections: Vec<u32>,
    /// Updates that began anew because another machine was faster.
    pub contentions: u64,
    pub open: u32,
    pub most_open: u32,
    /// Bytes of names and values in the store.
    pub bytes: usize,
    /// Questions to the API host at the window's begin and end.
    pub checks: (usize, usize),
}

impl Tally {
    pub fn counts(&self) -> MutexGuard<'_, Counts> {
        self.0.lock().expect("no thread panics with it")
    }

    pub fn question(&self, now: Duration) {
        count(&mut self.counts().questions, now);
    }

    pub fn connect(&self, now: Duration) {
        let mut counts = self.counts();
        count(&mut counts.connections, now);
        counts.open += 1;
        counts.most_open = counts.most_open.max(counts.open);
    }

    pub fn disconnect(&self) {
        self.counts().open -= 1;
    }

    pub fn contention(&self) {
        self.counts().contentions += 1;
    }
}

/// Counts one more in the second of `now`.
fn count(seconds: &mut Vec<u32>, now: Duration) {
    let second = usize::try_from(now.as_secs()).expect("it fits");
    if seconds.len() <= second {
        seconds.resize(second + 1, 0);
    }
    seconds[second] += 1;
}
