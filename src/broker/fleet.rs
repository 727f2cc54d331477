//! The shared cache of a fleet: asked before the login server is, and told what that answers.
//!
//! One machine at a time has the lease and asks the login server; the others poll for what it learns. A shared cache that
//! can't be used is a warning, and costs a request.

use std::time::Duration;

use super::call::Call;
use super::fleet_state::Patience;
use super::learn::Learned;
use super::provided::Provided;
use super::wait::{SPREAD, STALE_PATIENCE};
use crate::cache::{Outage, SharedCache, SharedLook};
use crate::duration::format_duration;
use crate::error::{Error, Result};
use crate::log::Awaited;
use crate::store::{LeaseState, StoreFault};

/// A holder that dies keeps the others waiting for so long at most.
const MAX_LEASE: Duration = Duration::from_secs(15);
const LEASE_SHARE: u32 = 4;
/// The share of the deadline that a call waits for another machine.
const PATIENCE: (u32, u32) = (2, 5);
/// How long a waiting call sleeps before it looks again, at most. Each time is drawn from a half of it to it.
const MAX_POLL_INTERVAL: Duration = Duration::from_secs(1);

/// How a call goes on when it has asked the shared cache.
pub(super) enum Next {
    /// With its answer.
    Provide(Box<Provided>),
    /// By looking again: another machine has learned something.
    LookAgain,
    /// With a request.
    Request,
}

impl<'b> Call<'b> {
    /// Asks the shared cache, takes its lease, and waits for another machine that has it, if this call may wait.
    pub(super) fn ask_fleet(&mut self, may_wait: bool) -> Result<Next> {
        while let Some(shared) = self.fleet().filter(|_| self.fleet.patience != Patience::Over) {
            let Some(look) = self.look_into(shared) else { break };
            if let Some(provided) = self.take_from_fleet(&look)? {
                return Ok(Next::Provide(Box::new(provided)));
            }
            match self.learn_failure(&look) {
                Learned::Nothing if self.fleet.has_lease => break,
                Learned::Nothing => {}
                Learned::Wait => return Ok(Next::LookAgain),
                // No answer can be shared.
                Learned::RequestAlone => break,
                Learned::Refusal(error) => return Err(error),
            }
            match look.lease {
                LeaseState::Free => match self.take_lease(shared) {
                    Some(true) => continue,
                    Some(false) => {}
                    None => break,
                },
                LeaseState::Held(Some(left)) if left <= MAX_LEASE => {}
                LeaseState::Held(_) => {
                    self.warn_not_shared(shared, &StoreFault::ForeignLease);
                    break;
                }
            }
            self.tell_shared_lease(false);
            match self.wait_for_machine(shared, may_wait)? {
                Next::LookAgain => {}
                next => return Ok(next),
            }
        }
        Ok(Next::Request)
    }

    /// What is there now; `None` if it can't be used.
    pub(super) fn look_into(&mut self, shared: &SharedCache) -> Option<SharedLook> {
        let look = shared.look().inspect_err(|fault| self.fail_open(shared, fault)).ok()?;
        self.fleet.first_look.get_or_insert(look.clock.read_at());
        Some(look)
    }

    /// Whether this call got the lease; `None` if the shared cache can't be used.
    fn take_lease(&mut self, shared: &SharedCache) -> Option<bool> {
        let life = MAX_LEASE.min(self.request.timeout / LEASE_SHARE);
        let is_ours = shared.take_lease(life).inspect_err(|fault| self.fail_open(shared, fault)).ok()?;
        self.fleet.has_lease = is_ours;
        if is_ours {
            self.tell_shared_lease(true);
        }
        Some(is_ours)
    }

    /// The shared cache, unless it can't be used.
    pub(super) fn fleet(&mut self) -> Option<&'b SharedCache<'b>> {
        let shared = self.broker.fleet.filter(|shared| !shared.has_failed())?;
        if !self.fleet.is_outage_known {
            self.fleet.is_outage_known = true;
            let now = self.broker.clock.now();
            if let Some(outage) = self.broker.cache.and_then(|cache| cache.outage(shared.identity(), now)) {
                let ago = format_duration(now.since(outage.found_at));
                let fault = StoreFault::Earlier(format!("{}, {ago} ago", outage.reason));
                self.warn_not_shared(shared, &fault);
                shared.give_up(fault);
                return None;
            }
        }
        Some(shared)
    }

    /// Goes on without the shared cache, as does every call of this machine for a while.
    pub(super) fn fail_open(&mut self, shared: &SharedCache, fault: &StoreFault) {
        self.fleet.has_lease = false;
        self.warn_not_shared(shared, fault);
        // Many may use it at once, and a file of its settings may be this caller's own.
        let is_own = matches!(fault, StoreFault::Contended | StoreFault::Unusable(_));
        if let Some(cache) = self.broker.cache.filter(|_| !is_own) {
            let outage = Outage { found_at: self.broker.clock.now(), reason: fault.to_string() };
            // Best effort: without the record the next call finds it out by itself.
            let _ = cache.put_outage(&outage, shared.identity(), self.broker.random);
        }
    }

    fn warn_not_shared(&mut self, shared: &SharedCache, fault: &StoreFault) {
        self.tell_shared("unusable", format_args!("{fault}"));
        let warning = format!("not shared: {fault} (the shared cache at {})", shared.location());
        if !self.warnings.contains(&warning) {
            self.warnings.push(warning);
        }
    }

    /// Another machine has the lease: provides the stale token, or sleeps before the next look.
    fn wait_for_machine(&mut self, shared: &SharedCache, may_wait: bool) -> Result<Next> {
        if self.stale.as_ref().is_some_and(|stale| stale.in_advisory_window)
            && let Some(provided) = self.provide_stale(None)
        {
            return Ok(Next::Provide(Box::new(provided)));
        }
        let patience = self.request.timeout / PATIENCE.1 * PATIENCE.0;
        let patience = if self.stale.is_some() { patience.min(STALE_PATIENCE) } else { patience };
        let left = patience.saturating_sub(self.fleet.waited);
        if left.is_zero() && may_wait && self.stale.is_none() && self.fleet.patience == Patience::Left {
            // The holder may be suspended. Spread out, so that one of those who waited can answer for the others.
            self.fleet.patience = Patience::LastLook;
            let moment = self.broker.random.up_to(SPREAD.min(self.remaining() / 2));
            self.sleep_in_pieces(moment, moment, Awaited::AnotherMachine)?;
            return Ok(Next::LookAgain);
        }
        if !may_wait || left.is_zero() {
            if may_wait {
                self.fleet.patience = Patience::Over;
                self.fail_open(shared, &StoreFault::NoAnswer);
            }
            self.discard_unusable_stale();
            let error = Error::internal("another machine has been fetching for too long");
            return Ok(self
                .provide_stale(Some(&error))
                .map_or(Next::Request, |provided| Next::Provide(Box::new(provided))));
        }
        let half = self.fleet.poll_interval / 2;
        let moment = (half + self.broker.random.up_to(half)).min(left);
        let before = self.broker.clock.elapsed();
        self.sleep_in_pieces(moment, left, Awaited::AnotherMachine)?;
        self.fleet.waited += self.broker.clock.elapsed().saturating_sub(before);
        self.fleet.poll_interval = (self.fleet.poll_interval * 2).min(MAX_POLL_INTERVAL);
        Ok(Next::LookAgain)
    }
}
