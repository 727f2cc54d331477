//! The callers that can affect the requests for one key.

use std::time::{Duration, Instant};

use super::SLACK;
use crate::caller::Caller;
use crate::keys::SoakKey;
use crate::machine::Machine;
use crate::plan::Verb;
use crate::tokens::TokenRequest;

/// The server's delay: it reads a request, or notices that a client has left, this much later at most.
pub(super) const NOTICE: Duration = Duration::from_millis(500);
/// For so long a machine does without the shared cache after one of its calls could not use it.
pub(super) const OUTAGE: Duration = Duration::from_secs(30);

pub(super) struct KeyCallers<'a> {
    pub(super) soak_key: &'static SoakKey,
    /// Those that use the key.
    pub(super) own: Vec<&'a Caller>,
    /// Those that drop its token.
    droppers: Vec<&'a Caller>,
}

impl<'a> KeyCallers<'a> {
    pub(super) fn of(soak_key: &'static SoakKey, callers: &'a [Caller]) -> Self {
        let own: Vec<_> = callers.iter().filter(|caller| caller.plan.soak_key == soak_key).collect();
        let drops = |caller: &&Caller| match caller.plan.verb {
            Verb::Clear => soak_key.machines().contains(caller.plan.machine),
            Verb::Invalidate { .. } => caller.plan.soak_key == soak_key,
            _ => false,
        };
        Self { soak_key, own, droppers: callers.iter().filter(drops).collect() }
    }

    /// The caller that sent this request, if it printed the token.
    pub(super) fn sender(&self, request: &TokenRequest) -> Option<&'a Caller> {
        let token = request.token.as_deref()?;
        self.own.iter().find(|caller| caller.has_fetched() && caller.stdout.contains(token)).copied()
    }

    pub(super) fn describe_sender(&self, request: &TokenRequest) -> String {
        let unknown = || format!("an unknown caller of {}", self.soak_key);
        self.sender(request).map_or_else(unknown, ToString::to_string)
    }

    /// Whether a caller was killed that may have sent a request that arrived at `from`, before another one arrived at
    /// `to`.
    pub(super) fn any_killed_between(&self, from: Instant, to: Instant) -> bool {
        let gets = self.own.iter().filter(|caller| caller.was_killed() && caller.get_flags().is_some());
        let mut killed_at = gets.filter_map(|caller| caller.killed_at);
        killed_at.any(|at| at + NOTICE >= from && at <= to)
    }

    /// Whether a caller was running that had waited so long that it may have requested and cached a token without the
    /// lock, or without the lease.
    pub(super) fn any_impatient_between(&self, from: Instant, to: Instant) -> bool {
        self.own.iter().any(|caller| caller.patience_ends() <= to && caller.ended_at + NOTICE >= from)
    }

    pub(super) fn any_uncached_at(&self, at: Instant) -> bool {
        let uncached = self.own.iter().filter(|caller| caller.stderr.contains("could not be cached"));
        let mut running = uncached.map(|caller| caller.started_at..=caller.ended_at + SLACK);
        running.any(|running| running.contains(&at))
    }

    pub(super) fn any_dropper_between(&self, from: Instant, to: Instant) -> bool {
        self.droppers.iter().any(|dropper| dropper.started_at <= to && dropper.ended_at >= from)
    }

    /// Whether a caller was running that did without the shared cache. One that was killed or failed does not say so, but
    /// others of its machine do.
    pub(super) fn any_unshared_at(&self, at: Instant) -> bool {
        let is_silent =
            |caller: &Caller| caller.was_killed() || !caller.has_reused() && !caller.has_fetched();
        self.own.iter().filter(|caller| caller.was_running(at, NOTICE)).any(|caller| {
            caller.was_unshared() || is_silent(caller) && self.has_outage(caller.plan.machine, at)
        })
    }

    fn has_outage(&self, machine: &Machine, at: Instant) -> bool {
        let is_near = |caller: &Caller| caller.started_at <= at + OUTAGE && at <= caller.ended_at + OUTAGE;
        let mut own = self.own.iter().filter(|caller| caller.plan.machine == machine);
        own.any(|caller| caller.was_unshared() && is_near(caller))
    }
}
