//! What callers do. It is drawn before they start, so that a seed always gives the same plans.

use std::ops::Range;
use std::time::Duration;

use rustix::process::Signal;

use crate::keys::{KEYS, SoakKey};
use crate::machine::Machine;
use crate::rng::Rng;

/// How many callers need the same token at the same time.
const HERD: Range<u64> = 3..17;

/// One call of the program.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) machine: &'static Machine,
    pub(crate) soak_key: &'static SoakKey,
    pub(crate) lane: Option<&'static str>,
    pub(crate) scope: &'static str,
    pub(crate) verb: Verb,
    pub(crate) timeout: Duration,
    pub(crate) disturbance: Option<Disturbance>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verb {
    Get(GetFlags),
    Invalidate {
        /// Whether it drops the token only if that is the last one that the worker saw.
        only_seen: bool,
    },
    Clear,
    Status,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct GetFlags {
    pub(crate) force: bool,
    pub(crate) min_ttl: Option<u64>,
    pub(crate) json: bool,
}

/// What happens to a caller while it runs.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Disturbance {
    /// It gets this signal so long after its start.
    Kill { after: Duration, signal: Signal },
    /// It is delayed at one step, so that other callers do all their work between two of its steps, such as its look
    /// into the cache and its lock.
    Delay { step: Step, by: Duration },
}

/// A step, as `strace` selects it: the system calls, and which of them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Step {
    pub(crate) calls: &'static str,
    pub(crate) when: &'static str,
    /// Whether only those calls count that open the cache's directory or something in it.
    pub(crate) in_cache: bool,
}

/// The steps at which callers are delayed: every attempt to take a lock, and single steps on the way to an answer.
const STEPS: [Step; 10] = [
    Step { calls: "flock", when: "1+", in_cache: false },
    // The first opens the directory. The next ones open token, failure record and lock, as far as the call gets.
    Step { calls: "openat", when: "2", in_cache: true },
    Step { calls: "openat", when: "4", in_cache: true },
    Step { calls: "connect", when: "1", in_cache: false },
    // In a fleet the first is to the store.
    Step { calls: "connect", when: "2", in_cache: false },
    // A look, the lease, another look; what is to be changed, and the change.
    Step { calls: "sendto", when: "2", in_cache: false },
    Step { calls: "sendto", when: "3", in_cache: false },
    Step { calls: "sendto", when: "4+", in_cache: false },
    Step { calls: "/^rename", when: "1", in_cache: false },
    Step { calls: "/^unlink", when: "1", in_cache: false },
];

/// One call, or a herd of calls that start together.
pub(crate) fn draw(rng: &mut Rng) -> Vec<Plan> {
    let soak_key: &'static SoakKey = rng.pick(&KEYS.each_ref());
    if rng.percent() >= 18 {
        let verb = verb(rng, soak_key);
        return vec![plan(rng, soak_key, verb)];
    }
    let (force, size) = (rng.percent() < 20 && !soak_key.is_undisturbed(), rng.within(HERD));
    (0..size).map(|_| plan(rng, soak_key, Verb::Get(GetFlags { force, ..GetFlags::default() }))).collect()
}

fn verb(rng: &mut Rng, soak_key: &SoakKey) -> Verb {
    let (json, min_ttl) = (rng.percent() < 30, rng.pick(&[1, 2, 4, 8, 12]));
    let may_disturb = !soak_key.is_undisturbed();
    match rng.within(0..1000) {
        0..2 => Verb::Clear,
        2..80 => Verb::Status,
        80..100 if may_disturb => Verb::Invalidate { only_seen: false },
        100..120 if may_disturb => Verb::Invalidate { only_seen: true },
        120..160 if may_disturb => Verb::Get(GetFlags { force: true, json, ..GetFlags::default() }),
        160..240 if may_disturb => {
            Verb::Get(GetFlags { min_ttl: Some(min_ttl), json, ..GetFlags::default() })
        }
        _ => Verb::Get(GetFlags { json, ..GetFlags::default() }),
    }
}

fn plan(rng: &mut Rng, soak_key: &'static SoakKey, verb: Verb) -> Plan {
    let machine = rng.pick(&soak_key.machines().iter().collect::<Vec<_>>());
    let (scope, lane) = (rng.pick(soak_key.spellings), rng.pick(soak_key.lanes));
    let timeout = Duration::from_secs(rng.within(soak_key.deadlines()));
    let disturbance = disturbance(rng);
    let disturbance = disturbance
        .filter(|disturbance| !soak_key.is_spared() || !matches!(disturbance, Disturbance::Kill { .. }));
    Plan { machine, soak_key, lane, scope, verb, timeout, disturbance }
}

/// One caller in six is killed: half of those during their start or first look, the others while they fetch or wait.
fn disturbance(rng: &mut Rng) -> Option<Disturbance> {
    let (fate, is_early, is_kill) = (rng.percent(), rng.percent() < 50, rng.percent() < 60);
    let after = Duration::from_micros(rng.within(0..if is_early { 9_000 } else { 1_200_000 }));
    let (step, by) = (rng.pick(&STEPS), rng.millis(15..120));
    match fate {
        0..17 => Some(Disturbance::Kill { after, signal: if is_kill { Signal::KILL } else { Signal::TERM } }),
        17..40 => Some(Disturbance::Delay { step, by }),
        _ => None,
    }
}
