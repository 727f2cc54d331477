//! The counts of a run.

use std::fmt;

use rustix::process::Signal;

use crate::caller::{Caller, End};
use crate::check::Flights;
use crate::plan::Trouble;
use crate::tokens::Request;

#[derive(Debug, Default)]
pub struct Tally {
    processes: usize,
    killed_hard: usize,
    killed_softly: usize,
    held_up: usize,
    hits: usize,
    fetched: usize,
    failed: usize,
    requests: usize,
    refreshes: usize,
    killed_in_flight: usize,
    alone: usize,
    uncached: usize,
    pub violations: usize,
}

impl Tally {
    pub fn add(&mut self, callers: &[Caller], requests: &[Request], flights: &Flights) {
        let count = |which: &dyn Fn(&Caller) -> bool| callers.iter().filter(|caller| which(caller)).count();
        let by = |signal: Signal| {
            move |caller: &Caller| caller.was_killed() && caller.end == End::Signal(signal.as_raw())
        };
        self.processes += callers.len();
        self.killed_hard += count(&by(Signal::KILL));
        self.killed_softly += count(&by(Signal::TERM));
        self.held_up += count(&|caller| matches!(caller.plan.trouble, Some(Trouble::HeldUp { .. })));
        self.hits += count(&Caller::has_reused);
        self.fetched += count(&Caller::has_fetched);
        self.failed += count(&|caller| caller.wish().is_some() && matches!(caller.end, End::Code(1..)));
        self.requests += requests.len();
        self.refreshes += requests.iter().filter(|request| request.token.is_some()).count();
        self.killed_in_flight += flights.beside_the_killed;
        self.alone += flights.alone;
        self.uncached += flights.uncached;
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kills = self.killed_hard + self.killed_softly;
        write!(f, "{} processes, {kills} kills", self.processes)?;
        write!(f, " ({} -9, {} -TERM), {} held up, ", self.killed_hard, self.killed_softly, self.held_up)?;
        write!(f, "{} requests, {} refreshes, {} hits, ", self.requests, self.refreshes, self.hits)?;
        write!(
            f,
            "{} fetched for themselves, {} without a token in time or of the life asked for; ",
            self.fetched, self.failed
        )?;
        write!(
            f,
            "let pass: {} beside the killed, {} past half a deadline, ",
            self.killed_in_flight, self.alone
        )?;
        write!(
            f,
            "{} after an answer that could not be cached; {} violations",
            self.uncached, self.violations
        )
    }
}
