//! What the server was asked: per key one request at a time, and none that the cache could have answered.

use std::time::{Duration, Instant};

use super::SLACK;
use crate::caller::Caller;
use crate::keys::{KEYS, Key};
use crate::plan::Verb;
use crate::tokens::Request;
use crate::violation::{Violation, seconds_between};

/// The server reads a request, or sees that its client has left, so much later at most than that happened.
const NOTICE: Duration = Duration::from_millis(500);
/// From its start a process needs no longer to look at its clock for the first time.
const START: Duration = Duration::from_secs(1);
/// Between a caller's last look at the cache and the arrival of its request.
const ASKING: f64 = 0.5;

/// What was found, and what was let pass for a reason.
#[derive(Debug, Default)]
pub struct Flights {
    pub violations: Vec<Violation>,
    /// Requests at the same time as one whose process was killed: the lock was free, the server did not know yet.
    pub beside_the_killed: usize,
    /// Beside the lock, by the contract's half-deadline rule.
    pub alone: usize,
    /// Because an answer could not be cached (`clear` takes what is just being written).
    pub uncached: usize,
}

/// Looks at the `requests` that came while these `callers` ran.
pub fn flights(requests: &[Request], callers: &[Caller]) -> Flights {
    let mut flights = Flights::default();
    for key in &KEYS {
        let mut requests: Vec<&Request> = requests.iter().filter(|request| request.key == key).collect();
        requests.sort_by_key(|request| request.at);
        let callers = Callers::of(key, callers);
        for (index, later) in requests.iter().enumerate() {
            for earlier in requests[..index].iter().filter(|earlier| earlier.ended > later.at) {
                flights.overlap(earlier, later, &callers);
            }
            let answered = requests[..index].iter().rev().find(|earlier| earlier.token.is_some());
            if let Some(violation) = answered.and_then(|answered| callers.needless(answered, later)) {
                flights.violations.push(violation);
            }
        }
    }
    flights
}

impl Flights {
    fn overlap(&mut self, earlier: &Request, later: &Request, callers: &Callers) {
        if callers.killed_between(earlier.at, later.at) {
            self.beside_the_killed += 1;
        } else if callers.alone_between(later.at, later.at) {
            self.alone += 1;
        } else if callers.uncached_at(later.at) {
            self.uncached += 1;
        } else {
            let who =
                format!("{} and {}", callers.owner_or_unknown(earlier), callers.owner_or_unknown(later));
            let times = [earlier.at, earlier.ended, later.ended].map(|at| seconds_between(later.at, at));
            let [from, to, end] = times;
            let detail = format!("one from {from:.3}s to {to:.3}s, the other from 0 to {end:.3}s");
            self.violations.push(Violation::new("two requests at once", who, later.at, detail));
        }
    }
}

/// The callers that could have to do with one key.
struct Callers<'a> {
    key: &'static Key,
    own: Vec<&'a Caller>,
    /// Those that drop its token.
    droppers: Vec<&'a Caller>,
}

impl<'a> Callers<'a> {
    fn of(key: &'static Key, callers: &'a [Caller]) -> Self {
        let own: Vec<_> = callers.iter().filter(|caller| caller.plan.key == key).collect();
        let drops = |caller: &&Caller| match caller.plan.verb {
            Verb::Clear => true,
            Verb::Invalidate { .. } => caller.plan.key == key,
            _ => false,
        };
        Self { key, own, droppers: callers.iter().filter(drops).collect() }
    }

    /// Who sent this request, if it lived to tell.
    fn owner(&self, request: &Request) -> Option<&'a Caller> {
        let token = request.token.as_deref()?;
        self.own.iter().find(|caller| caller.has_fetched() && caller.stdout.contains(token)).copied()
    }

    fn owner_or_unknown(&self, request: &Request) -> String {
        self.owner(request).map_or_else(|| format!("somebody of {}", self.key), ToString::to_string)
    }

    /// Whether one was killed that could have sent a request that came at `from`, before another came at `to`.
    fn killed_between(&self, from: Instant, to: Instant) -> bool {
        let could = |caller: &&&Caller| caller.was_killed() && caller.wish().is_some();
        let mut killed = self.own.iter().filter(could).filter_map(|caller| caller.killed);
        killed.any(|at| at + NOTICE >= from && at <= to)
    }

    /// Whether one that was there then had waited for so long that it might ask, and write, without the lock.
    fn alone_between(&self, from: Instant, to: Instant) -> bool {
        self.own.iter().any(|caller| caller.goes_alone() <= to && caller.ended + NOTICE >= from)
    }

    fn uncached_at(&self, at: Instant) -> bool {
        let uncached = |caller: &Caller| caller.stderr.contains("could not be cached");
        self.own.iter().any(|caller| uncached(caller) && caller.began <= at && caller.ended + SLACK >= at)
    }

    /// A request though the cache had the answer of the one before it, `answered`, since before it was sent.
    fn needless(&self, answered: &Request, later: &Request) -> Option<Violation> {
        let (writer, asker) = (self.owner(answered)?, self.owner(later)?);
        let wish = asker.wish()?;
        // Who writes beside the lock may put an older token in the place of a newer one.
        let alone = self.alone_between(answered.at, later.at);
        if answered.ended > later.at || alone || self.uncached_at(later.at) {
            return None;
        }
        let dropped = self.droppers.iter().any(|it| it.began <= later.at && it.ended >= answered.at);
        let born_too_early = wish.force && answered.at < asker.began + START;
        let least = wish.min_ttl.map_or(0.0, |seconds| Duration::from_secs(seconds).as_secs_f64());
        let life = answered.life.as_secs_f64();
        let enough = (life / 10.0).max(least) + life / 5.0 + ASKING;
        let left = seconds_between(later.at, answered.expires());
        if dropped || born_too_early || left < enough {
            return None;
        }
        let age = seconds_between(answered.ended, later.at);
        let detail =
            format!("{writer} had one {age:.4}s before, with {left:.1}s left: {}", asker.stderr.trim());
        Some(Violation::new("a needless request", asker, later.at, detail))
    }
}
