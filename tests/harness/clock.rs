//! A clock that moves when somebody sleeps, or a test says so.

use std::sync::Mutex;
use std::time::Duration;

use genesys_token::time::{Clock, Timestamp};

/// Some time in 2027.
pub const START: i64 = 1_800_000_000;

/// The stopwatch and the wall clock.
pub struct FakeClock(Mutex<(Duration, Timestamp)>);

impl FakeClock {
    pub fn new() -> Self {
        Self(Mutex::new((Duration::ZERO, Timestamp::from_secs(START))))
    }

    /// Sets the stopwatch to zero: another call starts.
    pub fn restart(&self) {
        self.0.lock().expect("no test panics here").0 = Duration::ZERO;
    }

    /// Sets the wall clock alone.
    pub fn set(&self, wall: Timestamp) {
        self.0.lock().expect("no test panics here").1 = wall;
    }
}

impl Clock for FakeClock {
    fn now(&self) -> Timestamp {
        self.0.lock().expect("no test panics here").1
    }

    fn elapsed(&self) -> Duration {
        self.0.lock().expect("no test panics here").0
    }

    fn sleep(&self, duration: Duration) {
        let mut clock = self.0.lock().expect("no test panics here");
        clock.0 += duration;
        clock.1 = clock.1.plus(duration);
    }
}
