//! What each caller was given, and when: never an expired token, another's, or a torn one, and never too late.
//!
//! When exactly a token was handed out nobody but its caller knows. It was after the caller began and before it had
//! ended, so a token that was too old before the one or long before the other was too old for certain.

use std::collections::HashMap;
use std::time::{Duration, Instant, SystemTime};

use genesys_token::time::Timestamp;

use super::SLACK;
use crate::caller::{Caller, End};
use crate::plan::{Verb, Wish};
use crate::tokens::{self, Request};
use crate::violation::{Violation, seconds_between};
use crate::weather::LIVES;

/// A token on its way when a call began answers it too, if it was sent no longer before.
const TOGETHER: Duration = Duration::from_secs(1);
/// By how much a token may fall short of `--min-ttl`.
const GRACE: u64 = 2;
/// The exit codes of a caller that ran out of time.
const RATE_LIMITED: i32 = 5;
const UNAVAILABLE: i32 = 6;
const LIFETIME: i32 = 7;
/// `status` with nothing to show.
const NOTHING_CACHED: i32 = 8;

/// One moment on both clocks.
#[derive(Clone, Copy)]
pub struct Clocks {
    pub instant: Instant,
    pub wall: SystemTime,
}

/// Looks at each caller's record. `given` are all tokens that the server ever gave.
pub fn answers(callers: &[Caller], given: &HashMap<&str, &Request>, clocks: Clocks) -> Vec<Violation> {
    let mut found = Vec::new();
    for caller in callers {
        found.extend(late(caller));
        found.extend(ending(caller));
        if let Some(wish) = caller.wish()
            && let Some(token) = tokens::in_answer(caller)
        {
            found.extend(token_of(caller, wish, &token, given, clocks));
        }
        found.extend(unreadable(caller, callers));
    }
    found
}

fn late(caller: &Caller) -> Option<Violation> {
    let took = caller.ended - caller.began;
    let limit = caller.plan.timeout + SLACK;
    (caller.end == End::Hung || took > limit).then(|| {
        let detail = format!("took {took:.1?} of {:?}: {}", caller.plan.timeout, caller.stderr.trim());
        Violation::new("outlived its deadline", caller, caller.began, detail)
    })
}

/// With a server that mostly answers, who has time gets a token.
fn ending(caller: &Caller) -> Option<Violation> {
    let hasty = caller.plan.key.is_hasty();
    let fine = match (caller.plan.verb, caller.end) {
        (_, End::Signal(_)) => caller.killed.is_some(),
        (Verb::Get(_), End::Code(0)) => !caller.stdout.is_empty(),
        (Verb::Get(wish), End::Code(LIFETIME)) => {
            wish.min_ttl.is_some_and(|seconds| seconds > LIVES.start + GRACE)
        }
        (Verb::Get(_), End::Code(RATE_LIMITED | UNAVAILABLE))
        | (Verb::Invalidate { .. }, End::Code(UNAVAILABLE)) => hasty,
        (Verb::Status, End::Code(code)) => matches!(code, 0 | NOTHING_CACHED),
        (_, End::Code(code)) => code == 0,
        // Told of as late.
        (_, End::Hung) => true,
    };
    (!fine).then(|| {
        let detail = format!("{:?}: {}", caller.end, caller.stderr.trim());
        Violation::new("failed without need", caller, caller.ended, detail)
    })
}

fn token_of(
    caller: &Caller,
    wish: Wish,
    token: &str,
    given: &HashMap<&str, &Request>,
    clocks: Clocks,
) -> Option<Violation> {
    let violation = |what, detail| Some(Violation::new(what, caller, caller.ended, detail));
    let Some(request) = given.get(token) else {
        return violation("a torn or foreign token", format!("{} bytes: {token:.20}…", token.len()));
    };
    if request.key != caller.plan.key {
        return violation("another's token", format!("it was given to {}", request.key));
    }
    let said = || {
        let age = seconds_between(request.at, caller.began);
        format!("token of {:?}, {age:.3}s old as it began: {}", request.life, caller.stderr.trim())
    };
    // Asked for so long before that it is no answer to this very call.
    let old = request.at + TOGETHER < caller.began;
    if old && wish.force {
        return violation("an old token for --force-refresh", said());
    }
    let left_as_it_began = seconds_between(caller.began, request.expires());
    if left_as_it_began < margin(caller, wish, request.life, old).as_secs_f64() {
        return violation("an expired token, or one within its margin", said());
    }
    if request.expires() + SLACK < caller.ended {
        return violation(
            "an expired token",
            format!("seen {:.3?} after; {}", caller.ended - request.expires(), said()),
        );
    }
    overstated(caller, request, clocks)
}

/// The least that must be left of a token of this life.
fn margin(caller: &Caller, wish: Wish, life: Duration, old: bool) -> Duration {
    let hard = life / 10;
    match wish.min_ttl.filter(|_| old) {
        Some(seconds) => hard.max(Duration::from_secs(seconds)),
        // When no new one can be had, the old one does down to half of that.
        None if caller.stderr.contains("no new token could be had") => hard / 2,
        None => hard,
    }
}

/// A token is never said to live longer than it does.
fn overstated(caller: &Caller, request: &Request, clocks: Clocks) -> Option<Violation> {
    let json: serde_json::Value = serde_json::from_str(&caller.stdout).ok()?;
    let said = Timestamp::parse_rfc3339(json["expires_at"].as_str()?)?;
    let ends = Timestamp::of(clocks.wall + request.expires().saturating_duration_since(clocks.instant));
    (said > ends).then(|| {
        let detail = format!("says {}, and it ends {}", said.rfc3339(), ends.rfc3339());
        Violation::new("a longer life than it has", caller, caller.ended, detail)
    })
}

/// `status` opens every entry: one that it can't read is torn, unless it was being dropped just then.
fn unreadable(caller: &Caller, callers: &[Caller]) -> Option<Violation> {
    let torn = caller.plan.verb == Verb::Status && caller.stdout.contains("\"unreadable\"");
    let drops = |other: &Caller| matches!(other.plan.verb, Verb::Clear | Verb::Invalidate { .. });
    let meets = |other: &Caller| other.began <= caller.ended && other.ended >= caller.began;
    (torn && !callers.iter().any(|other| drops(other) && meets(other)))
        .then(|| Violation::new("a torn entry", caller, caller.ended, "status could not read it"))
}
