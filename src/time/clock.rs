//! The clock that everything below `main` is given.

use std::time::{Duration, Instant, SystemTime};

use super::timestamp::Timestamp;

/// The wall clock, the stopwatch of this call, and sleep. The threads of a call share one.
pub trait Clock: Sync {
    /// Now, on the wall clock.
    fn now(&self) -> Timestamp;
    /// How long this call has been running, on a clock that never goes back.
    fn elapsed(&self) -> Duration;
    /// Lets `duration` pass.
    fn sleep(&self, duration: Duration);
}

/// The machine's own clocks.
#[derive(Debug)]
pub struct SystemClock {
    started: Instant,
}

impl SystemClock {
    /// Starts the stopwatch of this call.
    pub fn start() -> Self {
        Self { started: Instant::now() }
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        SystemTime::now().into()
    }

    fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    fn sleep(&self, duration: Duration) {
        std::thread::sleep(duration);
    }
}
