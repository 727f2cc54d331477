//! Simulated time for many calls at once. Each call runs in a thread of its own, but only one of them runs at a time: the
//! one whose sleep ends first. So an hour takes as long as its calls compute, and every run is the same.

use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use genesys_token::random::Random;
use genesys_token::time::{Clock, Timestamp};

use super::clock::START;

/// What a thread says when it gives way.
enum Gave {
    /// Wake it up at this time.
    Sleeps(Duration),
    /// It has ended.
    Ended,
}

/// The time, as all threads see it.
#[derive(Default)]
struct Now(Mutex<Duration>);

impl Now {
    fn get(&self) -> Duration {
        *self.0.lock().expect("no thread panics with it")
    }
}

type Task<'s> = Box<dyn FnOnce(&TaskClock) + Send + 's>;

/// What is to happen, by time and then by order.
enum Next<'s> {
    Start(Task<'s>),
    Wake(Running),
}

/// A thread that sleeps.
struct Running {
    wake: Sender<()>,
    gave: Receiver<Gave>,
}

/// Calls in simulated time.
pub struct Simulation<'s> {
    now: Arc<Now>,
    queue: BTreeMap<(Duration, u64), Next<'s>>,
    count: u64,
}

/// The clock of one call: its stopwatch starts with it.
pub struct TaskClock {
    now: Arc<Now>,
    started: Duration,
    wake: Mutex<Receiver<()>>,
    gave: Mutex<Sender<Gave>>,
}

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

/// The simulation's time for what never sleeps, such as a store.
#[derive(Default)]
pub struct WatchClock(Arc<Now>);

impl<'s> Simulation<'s> {
    /// A simulation whose time `clock` shows.
    pub fn new(clock: &WatchClock) -> Self {
        Self { now: Arc::clone(&clock.0), queue: BTreeMap::new(), count: 0 }
    }

    /// Runs `task` at `time`.
    pub fn at(&mut self, time: Duration, task: impl FnOnce(&TaskClock) + Send + 's) {
        self.push(time, Next::Start(Box::new(task)));
    }

    fn push(&mut self, time: Duration, next: Next<'s>) {
        self.count += 1;
        self.queue.insert((time, self.count), next);
    }

    /// Runs until nothing is left to do.
    pub fn run(mut self) {
        let now = Arc::clone(&self.now);
        thread::scope(|scope| {
            while let Some(((time, _), next)) = self.queue.pop_first() {
                *now.0.lock().expect("no thread panics with it") = time;
                let running = match next {
                    Next::Wake(running) => {
                        running.wake.send(()).expect("it waits for that");
                        running
                    }
                    Next::Start(task) => {
                        let ((wake, waits), (gives, gave)) = (channel(), channel());
                        let now = Arc::clone(&now);
                        scope.spawn(move || {
                            let clock =
                                TaskClock { now, started: time, wake: waits.into(), gave: gives.into() };
                            task(&clock);
                            clock.give(Gave::Ended);
                        });
                        Running { wake, gave }
                    }
                };
                match running.gave.recv().expect("a call has panicked") {
                    Gave::Sleeps(until) => self.push(until, Next::Wake(running)),
                    Gave::Ended => {}
                }
            }
        });
    }
}

impl TaskClock {
    fn give(&self, gave: Gave) {
        let sender = self.gave.lock().expect("one thread has it");
        sender.send(gave).expect("the simulation listens");
    }

    /// The simulation's time, which began with zero.
    pub fn time(&self) -> Duration {
        self.now.get()
    }
}

fn wall(time: Duration) -> Timestamp {
    Timestamp::from_secs(START).plus(time)
}

impl Clock for TaskClock {
    fn now(&self) -> Timestamp {
        wall(self.now.get())
    }

    fn elapsed(&self) -> Duration {
        self.now.get().saturating_sub(self.started)
    }

    fn sleep(&self, duration: Duration) {
        self.give(Gave::Sleeps(self.now.get() + duration));
        self.wake.lock().expect("one thread has it").recv().expect("the simulation wakes it");
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

/// Random numbers that are the same in every run.
pub struct Seeded(Mutex<u64>);

impl Seeded {
    pub fn new(seed: u64) -> Self {
        Self(Mutex::new(seed))
    }
}

impl Random for Seeded {
    fn fill(&self, bytes: &mut [u8]) -> bool {
        let mut state = self.0.lock().expect("no thread panics with it");
        for byte in bytes {
            // SplitMix64: https://prng.di.unimi.it/splitmix64.c
            *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut mixed = *state;
            mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            *byte = (mixed >> 56) as u8;
        }
        true
    }
}
