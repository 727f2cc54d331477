//! The clocks of a simulation: of its calls, of machines whose clocks are wrong, and of what never sleeps.

use std::panic::resume_unwind;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use genesys_token::time::{Clock, Timestamp};

use super::schedule::{Next, Now, Schedule, Signal};
use crate::harness::clock::START;

/// The clock of one call: its stopwatch starts with it.
pub struct TaskClock {
    schedule: Arc<Schedule>,
    started: Duration,
    wake: Sender<Signal>,
    woken: Mutex<Receiver<Signal>>,
}

/// The simulation's time for what never sleeps, such as a store.
#[derive(Default)]
pub struct WatchClock(Arc<Now>);

/// A clock that differs from another by a constant, and whose stopwatch starts anew.
pub struct Skewed<'c> {
    clock: &'c dyn Clock,
    /// Seconds.
    clock_skew: i64,
    started: Duration,
}

impl<'c> Skewed<'c> {
    pub fn new(clock: &'c dyn Clock, clock_skew: i64) -> Self {
        Self { clock, clock_skew, started: clock.elapsed() }
    }
}

impl TaskClock {
    pub(super) fn new(schedule: &Arc<Schedule>) -> Self {
        let (wake, woken) = channel();
        Self { schedule: Arc::clone(schedule), started: Duration::ZERO, wake, woken: Mutex::new(woken) }
    }

    /// Another call starts.
    pub(super) fn restart(&mut self) {
        self.started = self.time();
    }

    /// Gives the baton away until there is something to do; `false` when everything is over.
    pub(super) fn wait_idle(&self) -> bool {
        self.schedule.add_idle(self.wake.clone());
        self.schedule.pass_on();
        self.is_woken()
    }

    /// Waits for the baton; `false` when everything is over.
    fn is_woken(&self) -> bool {
        let signal = self.woken.lock().expect("one thread has it").recv();
        matches!(signal.expect("this thread has a sender itself"), Signal::Go)
    }

    /// The simulation's time, which began with zero.
    pub fn time(&self) -> Duration {
        self.schedule.now.get()
    }
}

impl WatchClock {
    /// A schedule whose time this clock shows.
    pub(super) fn schedule(&self) -> Schedule {
        Schedule::new(Arc::clone(&self.0))
    }
}

fn wall(time: Duration) -> Timestamp {
    Timestamp::from_secs(START).plus(time)
}

impl Clock for TaskClock {
    fn now(&self) -> Timestamp {
        wall(self.time())
    }

    fn elapsed(&self) -> Duration {
        self.time().saturating_sub(self.started)
    }

    fn sleep(&self, duration: Duration) {
        let until = self.time() + duration;
        if self.schedule.skip_to(until) {
            return;
        }
        self.schedule.push(until, Next::Wake(self.wake.clone()));
        self.schedule.pass_on();
        if !self.is_woken() {
            // Another call has panicked; nothing of this one counts any more.
            resume_unwind(Box::new("the simulation has ended"));
        }
    }
}

impl Clock for WatchClock {
    fn now(&self) -> Timestamp {
        wall(self.0.get())
    }

    fn elapsed(&self) -> Duration {
        self.0.get()
    }

    fn sleep(&self, _: Duration) {
        panic!("who watches does not sleep");
    }
}

impl Clock for Skewed<'_> {
    fn now(&self) -> Timestamp {
        let by = Duration::from_secs(self.clock_skew.unsigned_abs());
        if self.clock_skew < 0 { self.clock.now().minus(by) } else { self.clock.now().plus(by) }
    }

    fn elapsed(&self) -> Duration {
        self.clock.elapsed().saturating_sub(self.started)
    }

    fn sleep(&self, duration: Duration) {
        self.clock.sleep(duration);
    }
}
