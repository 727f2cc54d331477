//! Random troubles of the shared store: killed, suspended or flushed, several times in a row and then not for a while.
//!
//! After a call has found the store down, its machine does without it for 30 s. Only the quiet times show what a fleet
//! promises, and only the troubles what it costs.

use std::fmt;
use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::harness::redis_server::RedisServer;
use crate::rng::Rng;

/// Before the first trouble of a run.
const FIRST_QUIET: Duration = Duration::from_secs(8);
const POLL_INTERVAL: Duration = Duration::from_millis(10);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trouble {
    /// Killed, and started again after a while with nothing.
    Emptied,
    /// The same, with what it had some time ago.
    SetBack,
    Suspended,
    Flushed,
}

use Trouble::{Emptied, Flushed, SetBack, Suspended};

/// A trouble that is over.
struct Past {
    trouble: Trouble,
    from: Instant,
    to: Instant,
}

/// The store that the fleet shares, and its troubles.
pub(crate) struct Store {
    redis: RedisServer,
    rng: Rng,
    next: Trouble,
    next_at: Instant,
    past: Vec<Past>,
}

impl Store {
    pub(crate) fn start(rng: Rng) -> Self {
        let (next, next_at) = (Flushed, Instant::now() + FIRST_QUIET);
        Self { redis: RedisServer::start(), rng, next, next_at, past: Vec::new() }
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.redis.port())
    }

    /// Gives it one trouble after the other until `stop` is set.
    pub(crate) fn run(&mut self, stop: &AtomicBool) {
        while !stop.load(Ordering::Relaxed) {
            if Instant::now() >= self.next_at {
                let (trouble, from) = (self.next, Instant::now());
                self.cause(trouble);
                // It answers nobody while it saves its records for the next one.
                self.draw_next();
                self.past.push(Past { trouble, from, to: Instant::now() });
            }
            thread::sleep(POLL_INTERVAL);
        }
    }

    /// Whether it had any trouble between the two moments, or so long before.
    pub(crate) fn had_trouble(&self, before: Duration, from: Instant, to: Instant) -> bool {
        self.past_between(before, from, to).next().is_some()
    }

    /// The same with a trouble after which there may be a lease that nobody has.
    pub(crate) fn kept_lease(&self, before: Duration, from: Instant, to: Instant) -> bool {
        self.past_between(before, from, to).any(|past| matches!(past.trouble, SetBack | Suspended))
    }

    fn past_between(&self, before: Duration, from: Instant, to: Instant) -> impl Iterator<Item = &Past> {
        self.past.iter().filter(move |past| past.from <= to && past.to + before >= from)
    }

    fn cause(&mut self, trouble: Trouble) {
        match trouble {
            Emptied | SetBack => {
                self.redis.kill();
                thread::sleep(self.rng.millis(0..1500));
                self.redis.restart();
            }
            Suspended => {
                self.redis.signal(Signal::STOP);
                thread::sleep(self.rng.millis(50..4500));
                self.redis.signal(Signal::CONT);
            }
            Flushed => assert_eq!(self.redis.answer("FLUSHALL"), "+OK"),
        }
    }

    fn draw_next(&mut self) {
        self.next = self.rng.pick(&[Emptied, Emptied, SetBack, SetBack, Suspended, Flushed]);
        let is_soon = self.rng.percent() < 75;
        self.next_at = Instant::now() + self.rng.millis(if is_soon { 200..3000 } else { 15_000..75_000 });
        let saved = self.redis.dir().join("dump.rdb");
        if self.next == SetBack {
            assert_eq!(self.redis.answer("SAVE"), "+OK");
        } else if saved.exists() {
            fs::remove_file(saved).expect("it can be removed");
        }
    }
}

impl fmt::Display for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = |trouble| self.past.iter().filter(|past| past.trouble == trouble).count();
        let (emptied, set_back) = (count(Emptied), count(SetBack));
        write!(f, "the store: {} kills ({emptied} back with nothing, ", emptied + set_back)?;
        write!(
            f,
            "{set_back} with old records), {} suspensions, {} flushes",
            count(Suspended),
            count(Flushed)
        )
    }
}
