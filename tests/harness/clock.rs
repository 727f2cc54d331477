//! A clock that moves when somebody sleeps, or a test says so.

use std::cell::Cell;
use std::time::Duration;

use genesys_token::time::{Clock, Timestamp};

/// Some time in 2027.
pub const START: i64 = 1_800_000_000;

pub struct FakeClock {
    pub elapsed: Cell<Duration>,
    pub wall: Cell<Timestamp>,
}

impl FakeClock {
    pub fn new() -> Self {
        Self { elapsed: Cell::default(), wall: Cell::new(Timestamp::from_secs(START)) }
    }
}

impl Clock for FakeClock {
    fn now(&self) -> Timestamp {
        self.wall.get()
    }
    fn elapsed(&self) -> Duration {
        self.elapsed.get()
    }
    fn sleep(&self, duration: Duration) {
        self.elapsed.set(self.elapsed.get() + duration);
        self.wall.set(self.wall.get().plus(duration));
    }
}
