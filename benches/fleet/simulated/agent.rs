//! What an agent does: stage after stage, build after build, and in each of them a few calls.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::time::Duration;

use genesys_token::broker::Provided;
use genesys_token::cache::{BuildShare, SharedCache, SharedLocation};
use genesys_token::error::Result;
use genesys_token::time::{Clock as _, CommonClock};

use super::case::{Sharing, Trouble};
use super::login::{DeadlyLogin, Died};
use super::model::{CALL_INTERVAL, Draws, VERIFY_AFTER};
use super::promise;
use super::store::CountedStore;
use super::world::World;
use crate::harness::fleet::{self, CallOptions, Machine, PREFIX, ServerOf};
use crate::harness::simulation::{Skewed, TaskClock};

/// The agents of one pipeline after the other: whenever one has done its stage, the next one is a new machine.
pub struct Agent<'w> {
    world: &'w World<'w>,
    draws: Draws,
    machine: Machine<'w>,
    stages_left: u32,
    stage_end: Duration,
    /// What the step keeps for the next binding of the build.
    offer: String,
}

impl<'w> Agent<'w> {
    pub fn new(world: &'w World, draws: Draws) -> Self {
        let machine = Machine::new(world.clock, 0, 0);
        Self { world, draws, machine, stages_left: 0, stage_end: Duration::ZERO, offer: String::new() }
    }

    /// Makes the next call, and says when another one is due.
    pub fn work(&mut self, task: &TaskClock) -> Option<Duration> {
        let now = task.time();
        if now >= self.world.case.window().end {
            return None;
        }
        if now >= self.stage_end {
            self.begin_stage(now);
        }
        if !self.call(task) {
            self.world.tally.counts().deaths += 1;
            // It died: the stage begins again, on another machine.
            (self.stages_left, self.stage_end) = (self.stages_left + 1, task.time());
        }
        let next_call = task.time() + CALL_INTERVAL;
        let next_stage = self.stage_end.max(task.time()) + self.draws.agent_start();
        Some(if next_call < self.stage_end { next_call } else { next_stage })
    }

    fn begin_stage(&mut self, now: Duration) {
        if self.stages_left == 0 {
            self.stages_left = self.draws.stages();
            self.offer.clear();
            self.world.tally.counts().builds += 1;
        }
        let (number, clock_skew) = (self.draws.seed(), self.draws.clock_skew());
        self.machine = Machine::new(self.world.clock, number, clock_skew);
        let length = self.draws.stage_length();
        let lost_at = self.draws.lost_at(length);
        self.stages_left -= u32::from(lost_at.is_none());
        self.stage_end = now + lost_at.unwrap_or(length);
    }

    /// One call; `false` if the agent died in it.
    fn call(&mut self, task: &TaskClock) -> bool {
        let begin = task.time();
        match catch_unwind(AssertUnwindSafe(|| self.provide(task))) {
            Ok(provided) => self.count(&provided, begin, task.time()),
            Err(panic) if panic.is::<Died>() => return false,
            Err(panic) => resume_unwind(panic),
        }
        true
    }

    fn provide(&mut self, task: &TaskClock) -> Result<Provided> {
        let World { case, server, cache_key, secret, .. } = self.world;
        let clock = Skewed::new(task, self.machine.clock_skew);
        let store = CountedStore::new(self.world, task);
        let location = SharedLocation { prefix: PREFIX, identity: "memory".to_owned() };
        let shared = SharedCache::new(&store, location, cache_key, secret, &clock, &self.machine.random);
        let read_at = self.world.clock.now().minus(self.draws.step_start());
        let build = BuildShare::new(cache_key, secret, &self.offer, CommonClock::new(read_at, clock.now()));
        let sharing = match case.sharing {
            Sharing::Nothing => fleet::Sharing::default(),
            Sharing::Build => fleet::Sharing { build: Some(&build), fleet: None },
            Sharing::SharedCache => fleet::Sharing { build: None, fleet: Some(&shared) },
        };
        let is_deadly = self.draws.dies(case.trouble == Trouble::Deaths);
        let login = DeadlyLogin { server: ServerOf { server, clock: task }, is_deadly };
        let options = CallOptions { verify_after: Some(VERIFY_AFTER), ..CallOptions::default() };
        let provided = self.machine.call((cache_key, secret), &login, &clock, sharing, &options);
        if case.sharing == Sharing::Build {
            let entry = match &provided {
                Ok(provided) => {
                    let facts = self.machine.cache(cache_key, secret).facts(&provided.token.value);
                    build.answer(&provided.token, facts, &self.machine.random)
                }
                Err(_) => build.forgotten(),
            };
            self.offer = entry.unwrap_or_else(|| std::mem::take(&mut self.offer));
        }
        provided
    }

    fn count(&self, provided: &Result<Provided>, begin: Duration, end: Duration) {
        let is_as_promised = provided.as_ref().map_or(true, |it| promise::is_kept(self.world, it, end));
        let mut counts = self.world.tally.counts();
        counts.wrong += usize::from(!is_as_promised);
        if !self.world.case.window().contains(&begin) {
            return;
        }
        counts.calls += 1;
        counts.slowest = counts.slowest.max(end.saturating_sub(begin));
        match provided {
            Ok(provided) => {
                let is_shared = !provided.warnings.iter().any(|warning| warning.starts_with("not shared"));
                counts.not_shared += usize::from(!is_shared);
            }
            Err(_) => counts.errors += 1,
        }
    }
}
