//! Those who start the callers, many at once, each with dice of his own.

use std::collections::HashMap;
use std::thread;
use std::time::Instant;

use crate::caller::{Caller, Running, Site};
use crate::dice::Dice;
use crate::plan::{self, Plan, Verb};
use crate::tokens;

/// So many that there are always some in each other's way on two processors.
const SIZE: u64 = 24;
/// A crew member rests between two starts for up to so many milliseconds.
const REST: u64 = 160;

pub struct Crew(Vec<Member>);

struct Member {
    dice: Dice,
    /// The last token it saw of each key's client and scopes.
    seen: HashMap<String, String>,
}

impl Crew {
    pub fn new(seed: u64) -> Self {
        Self((0..SIZE).map(|number| Member { dice: Dice::new(seed, number), seen: HashMap::new() }).collect())
    }

    /// Starts callers until the time is over, and waits for the last to end.
    pub fn work(&mut self, site: &Site, until: Instant) -> Vec<Caller> {
        thread::scope(|scope| {
            let members: Vec<_> =
                self.0.iter_mut().map(|member| scope.spawn(move || member.work(site, until))).collect();
            members.into_iter().flat_map(|member| member.join().expect("no member panics")).collect()
        })
    }
}

impl Member {
    fn work(&mut self, site: &Site, until: Instant) -> Vec<Caller> {
        let mut callers = Vec::new();
        while Instant::now() < until {
            let plans = plan::draw(&mut self.dice);
            let rest = self.dice.millis(0..REST);
            let done = self.run(site, plans);
            self.learn(&done);
            callers.extend(done);
            thread::sleep(rest);
        }
        callers
    }

    fn run(&self, site: &Site, plans: Vec<Plan>) -> Vec<Caller> {
        let start = |plan: Plan| {
            let seen = self.seen.get(&plan.key.to_string()).map(String::as_str);
            Running::start(site, plan, seen)
        };
        let mut running: Vec<Running> = plans.into_iter().map(start).collect();
        let mut done = Vec::new();
        while !running.is_empty() {
            let mut left = Vec::new();
            for mut caller in running {
                match caller.poll() {
                    Some(end) => done.push(caller.finish(end)),
                    None => left.push(caller),
                }
            }
            running = left;
            if let Some(rest) = running.iter().map(Running::rest).min() {
                thread::sleep(rest);
            }
        }
        done
    }

    fn learn(&mut self, done: &[Caller]) {
        for caller in done.iter().filter(|caller| matches!(caller.plan.verb, Verb::Get(_))) {
            if let Some(token) = tokens::in_answer(caller) {
                self.seen.insert(caller.plan.key.to_string(), token);
            }
        }
    }
}
