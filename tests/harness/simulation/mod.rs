//! Simulated time for many calls at once. Only one of them runs at a time: the one whose sleep ends first. So an hour takes
//! as long as its calls compute, and every run is the same.
//!
//! One thread has the baton. It runs what is next on its own stack, and a call that never sleeps needs no other thread. A
//! call that sleeps passes the baton on, to the thread of the call that wakes up next or to an idle one.

mod clocks;
mod schedule;
mod seeded;

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

pub use clocks::{Skewed, TaskClock, WatchClock};
use schedule::{Next, Schedule};
pub use seeded::Seeded;

/// A hundred thousand threads have to fit into the address space.
const STACK_BYTES: usize = 512 * 1024;

/// Does its work, and says when it is to be run again.
type Task<'s> = Box<dyn FnMut(&TaskClock) -> Option<Duration> + Send + 's>;

/// Calls in simulated time.
pub struct Simulation<'s> {
    schedule: Arc<Schedule>,
    tasks: Vec<Mutex<Task<'s>>>,
}

impl<'s> Simulation<'s> {
    /// A simulation whose time `clock` shows.
    pub fn new(clock: &WatchClock) -> Self {
        Self { schedule: Arc::new(clock.schedule()), tasks: Vec::new() }
    }

    /// Runs `task` at `time`.
    pub fn at(&mut self, time: Duration, task: impl FnOnce(&TaskClock) + Send + 's) {
        let mut task = Some(task);
        self.repeat(time, move |clock| {
            task.take().expect("it runs once")(clock);
            None
        });
    }

    /// Runs `task` at `time`, and again whenever it says, until it says `None`.
    pub fn repeat(&mut self, time: Duration, task: impl FnMut(&TaskClock) -> Option<Duration> + Send + 's) {
        self.schedule.push(time, Next::Run(self.tasks.len()));
        self.tasks.push(Mutex::new(Box::new(task)));
    }

    /// Runs until nothing is left to do.
    pub fn run(self) {
        let (ask, asked) = channel();
        self.schedule.start(ask);
        thread::scope(|scope| {
            for () in asked {
                let builder = thread::Builder::new().stack_size(STACK_BYTES);
                builder.spawn_scoped(scope, || self.work()).expect("a thread");
            }
        });
        if let Some(panic) = self.schedule.panic() {
            resume_unwind(panic);
        }
    }

    /// What a thread does, beginning with the baton.
    fn work(&self) {
        let mut clock = TaskClock::new(&self.schedule);
        loop {
            if let Some(number) = self.schedule.pop_task() {
                clock.restart();
                let mut task = self.tasks[number].lock().expect("a panic is caught below");
                match catch_unwind(AssertUnwindSafe(|| task(&clock))) {
                    Ok(Some(time)) => self.schedule.push(time, Next::Run(number)),
                    Ok(None) => {}
                    Err(panic) => return self.schedule.stop(Some(panic)),
                }
            } else if self.schedule.is_over() {
                return self.schedule.stop(None);
            } else if !clock.wait_idle() {
                return;
            }
        }
    }
}
