//! What the server got: for each key one token request at a time, and none that the cache could have answered. Over the
//! fleet too, as long as its machines share.

use std::time::Duration;

use super::fleet;
use super::key_callers::KeyCallers;
use crate::caller::Caller;
use crate::keys::KEYS;
use crate::machine::FLEET;
use crate::store_chaos::Store;
use crate::tokens::TokenRequest;
use crate::violation::{Violation, seconds_between};

/// The longest time from the start of a process until it first reads its clock.
const PROCESS_START: Duration = Duration::from_secs(1);
/// Seconds. The longest time from a caller's last look into the cache to the arrival of its request.
const REQUEST_DELAY: f64 = 0.5;

/// The violations, and the overlapping requests that are tolerated, counted by their reason.
#[derive(Debug, Default)]
pub(crate) struct RequestCheck {
    pub(crate) violations: Vec<Violation>,
    /// The process of the other request was killed: the lock was free before the server noticed.
    pub(crate) beside_killed: usize,
    /// A caller may continue without the lock when half of its deadline has passed, or earlier without the lease.
    pub(crate) without_lock: usize,
    /// An answer could not be cached, since `clear` removed the file that was being written.
    pub(crate) uncached: usize,
    /// On another machine, and one of the two did without the shared cache, or that lost the lease.
    pub(crate) unshared: usize,
}

/// Checks the `requests` that arrived while these `callers` ran. `all` has also those before.
pub(crate) fn check_requests(
    requests: &[TokenRequest],
    all: &[TokenRequest],
    callers: &[Caller],
    store: &Store,
) -> RequestCheck {
    let mut check = RequestCheck::default();
    for soak_key in &KEYS {
        let mut requests: Vec<&TokenRequest> =
            requests.iter().filter(|request| request.soak_key == soak_key).collect();
        requests.sort_by_key(|request| request.arrived_at);
        let callers = KeyCallers::of(soak_key, callers);
        for (index, later) in requests.iter().enumerate() {
            let earlier = &requests[..index];
            let unshared_before = check.unshared;
            for overlapping in earlier.iter().filter(|earlier| earlier.ended_at > later.arrived_at) {
                check.add_overlap(overlapping, later, &callers, store);
            }
            if check.unshared - unshared_before >= FLEET.len() {
                let sender = callers.describe_sender(later);
                let detail = "each machine has sent one already";
                check.violations.push(Violation::new("too many requests", sender, later.arrived_at, detail));
            }
            check.violations.extend(check_need(earlier, later, all, &callers, store));
        }
    }
    check
}

impl RequestCheck {
    fn add_overlap(
        &mut self,
        earlier: &TokenRequest,
        later: &TokenRequest,
        callers: &KeyCallers,
        store: &Store,
    ) {
        if callers.any_killed_between(earlier.arrived_at, later.arrived_at) {
            self.beside_killed += 1;
        } else if callers.any_impatient_between(later.arrived_at, later.arrived_at) {
            self.without_lock += 1;
        } else if callers.any_uncached_at(later.arrived_at) {
            self.uncached += 1;
        } else if fleet::may_overlap(earlier, later, callers, store) {
            self.unshared += 1;
        } else {
            let senders =
                format!("{} and {}", callers.describe_sender(earlier), callers.describe_sender(later));
            let times = [earlier.arrived_at, earlier.ended_at, later.ended_at];
            let [from, to, end] = times.map(|time| seconds_between(later.arrived_at, time));
            let detail = format!("one from {from:.3}s to {to:.3}s, the other from 0 to {end:.3}s");
            self.violations.push(Violation::new("two requests at once", senders, later.arrived_at, detail));
        }
    }
}

/// A violation if the answer of an earlier request was in the cache and would have answered the caller that sent `later`.
fn check_need(
    earlier: &[&TokenRequest],
    later: &TokenRequest,
    all: &[TokenRequest],
    callers: &KeyCallers,
    store: &Store,
) -> Option<Violation> {
    let sender = callers.sender(later)?;
    let flags = sender.get_flags()?;
    let answered = earlier.iter().rev().filter(|earlier| earlier.token.is_some());
    // The last one that is not of another lane.
    let (answered, writer) = answered
        .map(|answered| (*answered, callers.sender(answered)))
        .find(|(_, writer)| writer.is_none_or(|writer| writer.plan.lane == sender.plan.lane))?;
    let writer = writer?;
    let (from, to) = (answered.arrived_at, later.arrived_at);
    // A caller without the lock may replace a newer token by an older one.
    if answered.ended_at > to || callers.any_impatient_between(from, to) || callers.any_uncached_at(to) {
        return None;
    }
    let is_too_old = flags.force && from < sender.started_at + PROCESS_START;
    let lifetime = answered.lifetime.as_secs_f64();
    let min_ttl = flags.min_ttl.map_or(0.0, |seconds| Duration::from_secs(seconds).as_secs_f64());
    // Above both refresh windows.
    let enough = (lifetime / 10.0).max(min_ttl) + lifetime / 5.0 + REQUEST_DELAY;
    let left = seconds_between(to, answered.expires_at());
    if callers.any_dropper_between(from, to) || is_too_old || left < enough {
        return None;
    }
    if writer.plan.machine != sender.plan.machine
        && fleet::may_miss(answered, writer, later, sender, all, store)
    {
        return None;
    }
    let age = seconds_between(answered.ended_at, to);
    let stderr = sender.stderr.trim();
    let detail = format!("{writer} got a token {age:.4}s before, with {left:.1}s left: {stderr}");
    Some(Violation::new("a needless request", sender, to, detail))
}
