//! What machines that share a store may do more than the processes of one machine: two requests at once, or one more,
//! when the store was in trouble or a machine did without it. Never on the same machine.
//!
//! What they may not do either: wait for a machine that asks nobody, and do without a store that is well.

use std::time::{Duration, Instant};

use super::SLACK;
use super::key_callers::{KeyCallers, OUTAGE};
use crate::caller::Caller;
use crate::store_chaos::Store;
use crate::tokens::TokenRequest;
use crate::violation::Violation;

/// A lease lasts for this share of its holder's deadline, and no longer than `MAX_LEASE`.
const LEASE_SHARE: u32 = 4;
const MAX_LEASE: Duration = Duration::from_secs(15);
/// The longest time from taking the lease to the arrival of the request.
const LEASE_TO_REQUEST: Duration = Duration::from_secs(1);
/// Another machine's token is not taken if it was requested so little later than the own one: two seconds, and what the
/// arrival of the two requests may differ.
const TOO_CLOSE: Duration = Duration::from_millis(2500);
/// Longer than anything but a request to wait for.
const MAX_IDLE: Duration = Duration::from_secs(4);

/// Whether two machines may have sent these requests, for the same key, at once.
pub(super) fn may_overlap(
    earlier: &TokenRequest,
    later: &TokenRequest,
    callers: &KeyCallers,
    store: &Store,
) -> bool {
    let machine = |request| callers.sender(request).map(|sender| sender.plan.machine);
    if !callers.soak_key.in_fleet || machine(earlier).is_some_and(|one| machine(later) == Some(one)) {
        return false;
    }
    let min_timeout = Duration::from_secs(callers.soak_key.deadlines().start);
    let lease = (min_timeout / LEASE_SHARE).min(MAX_LEASE);
    store.had_trouble(LEASE_TO_REQUEST, earlier.arrived_at, later.arrived_at)
        || earlier.arrived_at + lease <= later.arrived_at + LEASE_TO_REQUEST
        || callers.any_unshared_at(earlier.arrived_at)
        || callers.any_unshared_at(later.arrived_at)
}

/// Whether `sender`, which sent `later`, may have had no use for the token of `writer`, on another machine. `all` has the
/// requests of the run.
pub(super) fn may_miss(
    answered: &TokenRequest,
    writer: &Caller,
    later: &TokenRequest,
    sender: &Caller,
    all: &[TokenRequest],
    store: &Store,
) -> bool {
    // Only a call knows when it first looked, before which it takes no token that it wants to be new.
    let is_forced = sender.get_flags().is_some_and(|flags| flags.force);
    let is_close = |own: &TokenRequest| {
        own.token.is_some()
            && own.soak_key == answered.soak_key
            && own.arrived_at < answered.arrived_at
            && own.arrived_at + TOO_CLOSE >= answered.arrived_at
    };
    is_forced
        || writer.was_unshared()
        || sender.was_unshared()
        || store.had_trouble(LEASE_TO_REQUEST, answered.arrived_at, later.arrived_at)
        || all.iter().any(is_close)
}

/// Checks the callers of a key of which no caller is ever killed. `requests` has all of the run.
pub(super) fn check_spared(
    callers: &KeyCallers,
    requests: &[&TokenRequest],
    store: &Store,
) -> Vec<Violation> {
    let gets = callers.own.iter().filter(|caller| caller.get_flags().is_some());
    gets.flat_map(|caller| [check_wait(caller, requests, store), check_outage(caller, store)])
        .flatten()
        .collect()
}

/// A violation if the caller waited although nobody sent a request, and the last one had brought a token.
fn check_wait(caller: &Caller, requests: &[&TokenRequest], store: &Store) -> Option<Violation> {
    let during = requests.iter().filter(|request| request.arrived_at < caller.ended_at);
    let mut idle_from = caller.started_at;
    let mut idle: Vec<(Instant, Instant)> = Vec::new();
    for request in during {
        idle.push((idle_from, request.arrived_at));
        idle_from = idle_from.max(request.ended_at);
    }
    idle.push((idle_from, caller.ended_at));
    let is_pause = |from: Instant| {
        let before = requests.iter().filter(|request| request.ended_at <= from);
        before.max_by_key(|request| request.ended_at).is_some_and(|last| last.token.is_none())
    };
    let (from, to) = idle.into_iter().find(|(from, to)| {
        let is_long = to.saturating_duration_since(*from) > MAX_IDLE;
        is_long && !is_pause(*from) && !store.kept_lease(MAX_LEASE, *from, *to)
    })?;
    let detail = format!("no request for {:.1?}: {}", to - from, caller.stderr.trim());
    Some(Violation::new("a wait for nobody", caller, to, detail))
}

/// A violation if the caller did without the store although it had had no trouble for long.
fn check_outage(caller: &Caller, store: &Store) -> Option<Violation> {
    let is_known = store.had_trouble(OUTAGE + MAX_LEASE + SLACK, caller.started_at, caller.ended_at);
    (caller.was_unshared() && !is_known)
        .then(|| Violation::new("a healthy store not used", caller, caller.started_at, caller.stderr.trim()))
}
