//! What callers do, drawn before any of it happens: so a seed tells the same story again.

use std::time::Duration;

use rustix::process::Signal;

use crate::dice::Dice;
use crate::keys::{KEYS, Key};

/// Patient callers have so long that half of it, when they may go without the lock, never passes.
const PATIENT: Duration = Duration::from_secs(40);
/// A herd wants the same token at the same time.
const HERD: std::ops::Range<u64> = 3..17;

/// One call of the program.
#[derive(Clone, Debug)]
pub struct Plan {
    pub key: &'static Key,
    pub scope: &'static str,
    pub verb: Verb,
    pub timeout: Duration,
    pub trouble: Option<Trouble>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    Get(Wish),
    Invalidate { only_seen: bool },
    Clear,
    Status,
}

/// How a `get` wants its token.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wish {
    pub force: bool,
    pub min_ttl: Option<u64>,
    pub json: bool,
}

/// What happens to a caller.
#[derive(Clone, Copy, Debug)]
pub enum Trouble {
    /// This signal, so long after its start.
    Kill { after: Duration, signal: Signal },
    /// It is held up at one of its steps: so others do all their work between two of them, such as its look into the
    /// cache and its lock.
    HeldUp { step: Step, by: Duration },
}

/// A step, as `strace` names it: the system calls, and which of them.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    pub calls: &'static str,
    pub when: &'static str,
    /// Whether only those are counted that open the cache's directory, or something in it.
    pub in_cache: bool,
}

/// The steps between which others may come: every one on the way to a lock, and single ones on the way to an answer.
const STEPS: [Step; 6] = [
    Step { calls: "flock", when: "1+", in_cache: false },
    // The first opens the directory, the next ones token, note and lock, as the call goes on.
    Step { calls: "openat", when: "2", in_cache: true },
    Step { calls: "openat", when: "4", in_cache: true },
    Step { calls: "connect", when: "1", in_cache: false },
    Step { calls: "/^rename", when: "1", in_cache: false },
    Step { calls: "/^unlink", when: "1", in_cache: false },
];

/// One call, or a herd of them, to be started at once.
pub fn draw(dice: &mut Dice) -> Vec<Plan> {
    let key = dice.pick(&KEYS.each_ref());
    if dice.percent() >= 18 {
        let verb = verb(dice, key);
        return vec![plan(dice, key, verb)];
    }
    let (force, size) = (dice.percent() < 20 && !key.is_calm(), dice.within(HERD));
    (0..size).map(|_| plan(dice, key, Verb::Get(Wish { force, ..Wish::default() }))).collect()
}

fn verb(dice: &mut Dice, key: &Key) -> Verb {
    let (json, min_ttl) = (dice.percent() < 30, dice.pick(&[1, 2, 4, 8, 12]));
    match dice.within(0..1000) {
        0..2 => Verb::Clear,
        2..80 => Verb::Status,
        80..100 if !key.is_calm() => Verb::Invalidate { only_seen: false },
        100..120 if !key.is_calm() => Verb::Invalidate { only_seen: true },
        120..160 if !key.is_calm() => Verb::Get(Wish { force: true, json, ..Wish::default() }),
        160..240 if !key.is_calm() => Verb::Get(Wish { min_ttl: Some(min_ttl), json, ..Wish::default() }),
        _ => Verb::Get(Wish { json, ..Wish::default() }),
    }
}

fn plan(dice: &mut Dice, key: &'static Key, verb: Verb) -> Plan {
    let scope = dice.pick(key.spellings);
    let timeout = if key.is_hasty() { Duration::from_secs(dice.within(1..4)) } else { PATIENT };
    Plan { key, scope, verb, timeout, trouble: trouble(dice) }
}

/// One caller in six is killed: half of those while they start or look, the others while they fetch or wait.
fn trouble(dice: &mut Dice) -> Option<Trouble> {
    let (fate, early, hard) = (dice.percent(), dice.percent() < 50, dice.percent() < 60);
    let after = Duration::from_micros(dice.within(0..if early { 9_000 } else { 1_200_000 }));
    let (step, by) = (dice.pick(&STEPS), dice.millis(15..120));
    match fate {
        0..17 => Some(Trouble::Kill { after, signal: if hard { Signal::KILL } else { Signal::TERM } }),
        17..40 => Some(Trouble::HeldUp { step, by }),
        _ => None,
    }
}
