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

#[cfg(test)]
mod tests {
    use genesys_token::time::Clock as _;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn the_call_whose_sleep_ends_first_runs_and_of_two_the_one_that_slept_first() {
        let said = Mutex::new(Vec::new());
        let say = |clock: &TaskClock, name| said.lock().unwrap().push((clock.time().as_secs(), name));
        let clock = WatchClock::default();
        let mut simulation = Simulation::new(&clock);
        simulation.at(SECOND, |clock| {
            clock.sleep(2 * SECOND);
            say(clock, "once");
            assert_eq!(clock.elapsed(), 2 * SECOND);
        });
        simulation.repeat(Duration::ZERO, |clock| {
            say(clock, "again");
            clock.sleep(SECOND);
            (clock.time() < 3 * SECOND).then(|| clock.time() + SECOND)
        });
        simulation.run();
        assert_eq!(*said.lock().unwrap(), [(0, "again"), (2, "again"), (3, "once")]);
    }

    #[test]
    #[should_panic(expected = "the one that matters")]
    fn a_call_that_panics_ends_the_simulation() {
        let clock = WatchClock::default();
        let mut simulation = Simulation::new(&clock);
        simulation.at(Duration::ZERO, |clock| clock.sleep(2 * SECOND));
        simulation.at(Duration::ZERO, |clock| {
            clock.sleep(SECOND);
            panic!("the one that matters");
        });
        simulation.run();
    }
}
