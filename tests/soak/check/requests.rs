//! What the server got: for each key one token request at a time, and none that the cache could have answered.

use std::time::{Duration, Instant};

use super::SLACK;
use crate::caller::Caller;
use crate::keys::{KEYS, SoakKey};
use crate::plan::Verb;
use crate::tokens::TokenRequest;
use crate::violation::{Violation, seconds_between};

/// The server's delay: it reads a request, or notices that a client has left, this much later at most.
const NOTICE: Duration = Duration::from_millis(500);
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
    /// A caller may continue without the lock when half of its deadline has passed.
    pub(crate) without_lock: usize,
    /// An answer could not be cached, since `clear` removed the file that was being written.
    pub(crate) uncached: usize,
}

/// Checks the `requests` that arrived while these `callers` ran.
pub(crate) fn check_requests(requests: &[TokenRequest], callers: &[Caller]) -> RequestCheck {
    let mut check = RequestCheck::default();
    for soak_key in &KEYS {
        let mut requests: Vec<&TokenRequest> =
            requests.iter().filter(|request| request.soak_key == soak_key).collect();
        requests.sort_by_key(|request| request.arrived_at);
        let callers = KeyCallers::of(soak_key, callers);
        for (index, later) in requests.iter().enumerate() {
            let earlier = &requests[..index];
            for overlapping in earlier.iter().filter(|earlier| earlier.ended_at > later.arrived_at) {
                check.add_overlap(overlapping, later, &callers);
            }
            let answered = earlier.iter().rev().find(|earlier| earlier.token.is_some());
            check.violations.extend(answered.and_then(|answered| callers.check_need(answered, later)));
        }
    }
    check
}

impl RequestCheck {
    fn add_overlap(&mut self, earlier: &TokenRequest, later: &TokenRequest, callers: &KeyCallers) {
        if callers.any_killed_between(earlier.arrived_at, later.arrived_at) {
            self.beside_killed += 1;
        } else if callers.any_without_lock_between(later.arrived_at, later.arrived_at) {
            self.without_lock += 1;
        } else if callers.any_uncached_at(later.arrived_at) {
            self.uncached += 1;
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

/// The callers that can affect the requests for one key.
struct KeyCallers<'a> {
    soak_key: &'static SoakKey,
    /// Those that use the key.
    own: Vec<&'a Caller>,
    /// Those that drop its token.
    droppers: Vec<&'a Caller>,
}

impl<'a> KeyCallers<'a> {
    fn of(soak_key: &'static SoakKey, callers: &'a [Caller]) -> Self {
        let own: Vec<_> = callers.iter().filter(|caller| caller.plan.soak_key == soak_key).collect();
        let drops = |caller: &&Caller| match caller.plan.verb {
            Verb::Clear => true,
            Verb::Invalidate { .. } => caller.plan.soak_key == soak_key,
            _ => false,
        };
        Self { soak_key, own, droppers: callers.iter().filter(drops).collect() }
    }

    /// The caller that sent this request, if it printed the token.
    fn sender(&self, request: &TokenRequest) -> Option<&'a Caller> {
        let token = request.token.as_deref()?;
        self.own.iter().find(|caller| caller.has_fetched() && caller.stdout.contains(token)).copied()
    }

    fn describe_sender(&self, request: &TokenRequest) -> String {
        let unknown = || format!("an unknown caller of {}", self.soak_key);
        self.sender(request).map_or_else(unknown, ToString::to_string)
    }

    /// Whether a caller was killed that may have sent a request that arrived at `from`, before another one arrived at
    /// `to`.
    fn any_killed_between(&self, from: Instant, to: Instant) -> bool {
        let gets = self.own.iter().filter(|caller| caller.was_killed() && caller.get_flags().is_some());
        let mut killed_at = gets.filter_map(|caller| caller.killed_at);
        killed_at.any(|at| at + NOTICE >= from && at <= to)
    }

    /// Whether a caller was running that had waited so long that it may have requested and cached a token without the
    /// lock.
    fn any_without_lock_between(&self, from: Instant, to: Instant) -> bool {
        self.own.iter().any(|caller| caller.half_deadline() <= to && caller.ended_at + NOTICE >= from)
    }

    fn any_uncached_at(&self, at: Instant) -> bool {
        let uncached = self.own.iter().filter(|caller| caller.stderr.contains("could not be cached"));
        let mut running = uncached.map(|caller| caller.started_at..=caller.ended_at + SLACK);
        running.any(|running| running.contains(&at))
    }

    /// A violation if the answer of an earlier request, `answered`, was in the cache and would have answered the
    /// caller that sent `later`.
    fn check_need(&self, answered: &TokenRequest, later: &TokenRequest) -> Option<Violation> {
        let (writer, sender) = (self.sender(answered)?, self.sender(later)?);
        let flags = sender.get_flags()?;
        // A caller without the lock may replace a newer token by an older one.
        let is_without_lock = self.any_without_lock_between(answered.arrived_at, later.arrived_at);
        if answered.ended_at > later.arrived_at || is_without_lock || self.any_uncached_at(later.arrived_at) {
            return None;
        }
        let is_dropped = self
            .droppers
            .iter()
            .any(|dropper| dropper.started_at <= later.arrived_at && dropper.ended_at >= answered.arrived_at);
        let is_too_old = flags.force && answered.arrived_at < sender.started_at + PROCESS_START;
        let lifetime = answered.lifetime.as_secs_f64();
        let min_ttl = flags.min_ttl.map_or(0.0, |seconds| Duration::from_secs(seconds).as_secs_f64());
        // Above both refresh windows.
        let enough = (lifetime / 10.0).max(min_ttl) + lifetime / 5.0 + REQUEST_DELAY;
        let left = seconds_between(later.arrived_at, answered.expires_at());
        if is_dropped || is_too_old || left < enough {
            return None;
        }
        let age = seconds_between(answered.ended_at, later.arrived_at);
        let stderr = sender.stderr.trim();
        let detail = format!("{writer} got a token {age:.4}s before, with {left:.1}s left: {stderr}");
        Some(Violation::new("a needless request", sender, later.arrived_at, detail))
    }
}
