//! The workers: threads that start callers, each with its own random numbers.

use std::collections::HashMap;
use std::thread;
use std::time::Instant;

use crate::caller::{Caller, RunningCaller};
use crate::command::Setup;
use crate::keys::SoakKey;
use crate::plan::{self, Plan, Verb};
use crate::rng::Rng;
use crate::tokens;

/// So many that callers always compete, even on two processors.
const WORKERS: u64 = 24;
/// Milliseconds. The longest pause of a worker between two starts.
const MAX_PAUSE: u64 = 160;

pub(crate) struct Workers(Vec<Worker>);

/// Whose token it is: client, scopes and lane.
type Whose = (&'static SoakKey, Option<&'static str>);

fn whose(plan: &Plan) -> Whose {
    (plan.soak_key, plan.lane)
}

struct Worker {
    rng: Rng,
    /// The last token that it saw, by client, scopes and lane.
    seen: HashMap<Whose, String>,
}

impl Workers {
    pub(crate) fn new(seed: u64) -> Self {
        let worker = |number| Worker { rng: Rng::new(seed, number), seen: HashMap::new() };
        Self((0..WORKERS).map(worker).collect())
    }

    /// Starts callers until `end`, and waits for the last of them.
    pub(crate) fn run(&mut self, setup: &Setup, end: Instant) -> Vec<Caller> {
        thread::scope(|scope| {
            let threads: Vec<_> =
                self.0.iter_mut().map(|worker| scope.spawn(move || worker.run(setup, end))).collect();
            threads.into_iter().flat_map(|thread| thread.join().expect("no worker panics")).collect()
        })
    }
}

impl Worker {
    fn run(&mut self, setup: &Setup, end: Instant) -> Vec<Caller> {
        let mut callers = Vec::new();
        while Instant::now() < end {
            let plans = plan::draw(&mut self.rng);
            let pause = self.rng.millis(0..MAX_PAUSE);
            let ended = self.run_callers(setup, plans);
            self.remember_tokens(&ended);
            callers.extend(ended);
            thread::sleep(pause);
        }
        callers
    }

    fn run_callers(&self, setup: &Setup, plans: Vec<Plan>) -> Vec<Caller> {
        let start = |plan: Plan| {
            let seen = self.seen.get(&whose(&plan)).map(String::as_str);
            RunningCaller::start(setup, plan, seen)
        };
        let mut running: Vec<RunningCaller> = plans.into_iter().map(start).collect();
        let mut ended = Vec::new();
        while !running.is_empty() {
            let mut still_running = Vec::new();
            for mut caller in running {
                match caller.poll() {
                    Some(end) => ended.push(caller.finish(end)),
                    None => still_running.push(caller),
                }
            }
            running = still_running;
            if let Some(pause) = running.iter().map(RunningCaller::pause).min() {
                thread::sleep(pause);
            }
        }
        ended
    }

    fn remember_tokens(&mut self, callers: &[Caller]) {
        for caller in callers.iter().filter(|caller| matches!(caller.plan.verb, Verb::Get(_))) {
            if let Some(token) = tokens::in_answer(caller) {
                self.seen.insert(whose(&caller.plan), token);
            }
        }
    }
}
