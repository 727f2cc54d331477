//! The counts of a run.

use std::fmt;

use rustix::process::Signal;

use crate::caller::{Caller, End};
use crate::check::RequestCheck;
use crate::plan::Disturbance;
use crate::tokens::TokenRequest;

#[derive(Debug, Default)]
pub(crate) struct Tally {
    processes: usize,
    killed: usize,
    terminated: usize,
    delayed: usize,
    hits: usize,
    fetched: usize,
    failed: usize,
    requests: usize,
    refreshes: usize,
    beside_killed: usize,
    without_lock: usize,
    uncached: usize,
    /// Calls that got another machine's token from the store.
    shared: usize,
    /// Calls that did without the store.
    unshared: usize,
    requests_unshared: usize,
    /// Legs in which promises about time were not checked.
    pub(crate) unchecked: usize,
    pub(crate) violations: usize,
}

impl Tally {
    pub(crate) fn add(&mut self, callers: &[Caller], requests: &[TokenRequest], check: &RequestCheck) {
        let count =
            |matches: &dyn Fn(&Caller) -> bool| callers.iter().filter(|caller| matches(caller)).count();
        let by = |signal: Signal| {
            move |caller: &Caller| caller.was_killed() && caller.end == End::Signal(signal.as_raw())
        };
        self.processes += callers.len();
        self.killed += count(&by(Signal::KILL));
        self.terminated += count(&by(Signal::TERM));
        self.delayed += count(&|caller| matches!(caller.plan.disturbance, Some(Disturbance::Delay { .. })));
        self.hits += count(&Caller::has_reused);
        self.fetched += count(&Caller::has_fetched);
        self.failed += count(&|caller| caller.get_flags().is_some() && matches!(caller.end, End::Code(1..)));
        self.requests += requests.len();
        self.refreshes += requests.iter().filter(|request| request.token.is_some()).count();
        self.beside_killed += check.beside_killed;
        self.without_lock += check.without_lock;
        self.uncached += check.uncached;
        self.shared += count(&Caller::has_shared);
        self.unshared += count(&Caller::was_unshared);
        self.requests_unshared += check.unshared;
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { processes, killed, terminated, delayed, requests, refreshes, .. } = self;
        let kills = killed + terminated;
        write!(
            f,
            "{processes} processes, {kills} kills ({killed} -9, {terminated} -TERM), {delayed} delayed, "
        )?;
        write!(f, "{requests} token requests, {refreshes} tokens issued, {} hits, ", self.hits)?;
        write!(f, "{} fetched by their caller, {} callers without a token; ", self.fetched, self.failed)?;
        write!(f, "tolerated requests: {} beside a killed process, ", self.beside_killed)?;
        write!(f, "{} without the lock, {} after an uncached answer, ", self.without_lock, self.uncached)?;
        write!(f, "{} beside a machine without the store; ", self.requests_unshared)?;
        write!(f, "fleet: {} calls took another machine's token, ", self.shared)?;
        write!(f, "{} did without the store; ", self.unshared)?;
        write!(f, "{} legs without checks of time; {} violations", self.unchecked, self.violations)
    }
}
