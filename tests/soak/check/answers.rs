//! What each caller got, and when: never an expired, torn or foreign token, and never too late.
//!
//! The moment at which a caller got its token is not recorded. It was after the start and before the end of the process:
//! a token that was too old at the start, or expired long before the end, was certainly too old.

use std::collections::HashMap;
use std::time::{Duration, Instant, SystemTime};

use genesys_token::time::Timestamp;

use super::SLACK;
use crate::caller::{Caller, End};
use crate::plan::{GetFlags, Verb};
use crate::server_chaos::LIFETIMES;
use crate::tokens::{self, TokenRequest};
use crate::violation::{Violation, seconds_between};

/// A request that is under way when a call starts answers it too, if it was sent no longer before than this.
const STARTED_TOGETHER: Duration = Duration::from_secs(1);
/// Seconds. A token may live this much shorter than `--min-ttl` requires.
const GRACE: u64 = 2;
/// The exit codes of a caller that ran out of time.
const RATE_LIMITED: i32 = 5;
const UNAVAILABLE: i32 = 6;
/// The exit code when no token can live as long as `--min-ttl` requires.
const TOO_SHORT_LIVED: i32 = 7;
/// The exit code of `status` for an empty cache.
const NOTHING_CACHED: i32 = 8;

/// One moment on both clocks.
#[derive(Clone, Copy)]
pub(crate) struct Clocks {
    pub(crate) instant: Instant,
    pub(crate) wall: SystemTime,
}

/// The lane of each token by its first caller: the server does not know of lanes.
pub(crate) type Lanes = HashMap<String, Option<&'static str>>;

/// Checks each caller's record. `issued` has every token that the server ever issued.
pub(crate) fn check_answers(
    callers: &[Caller],
    issued: &HashMap<&str, &TokenRequest>,
    lanes: &mut Lanes,
    clocks: Clocks,
) -> Vec<Violation> {
    let mut violations = Vec::new();
    for caller in callers {
        violations.extend(check_duration(caller));
        violations.extend(check_end(caller));
        if let Some(flags) = caller.get_flags()
            && let Some(token) = tokens::in_answer(caller)
        {
            violations.extend(check_token(caller, flags, &token, issued, lanes, clocks));
        }
        violations.extend(check_status(caller, callers));
    }
    violations
}

fn check_duration(caller: &Caller) -> Option<Violation> {
    let took = caller.ended_at - caller.started_at;
    let limit = caller.plan.timeout + SLACK;
    (caller.end == End::Hung || took > limit).then(|| {
        let detail = format!("it took {took:.1?} of {:?}: {}", caller.plan.timeout, caller.stderr.trim());
        Violation::new("a missed deadline", caller, caller.started_at, detail)
    })
}

/// The server answers most requests: every caller with enough time gets a token.
fn check_end(caller: &Caller) -> Option<Violation> {
    let has_short_deadline = caller.plan.soak_key.has_short_deadline();
    let is_expected = match (caller.plan.verb, caller.end) {
        (_, End::Signal(_)) => caller.killed_at.is_some(),
        (Verb::Get(_), End::Code(0)) => !caller.stdout.is_empty(),
        (Verb::Get(flags), End::Code(TOO_SHORT_LIVED)) => {
            let is_too_long = |seconds| seconds > LIFETIMES.start + GRACE;
            // Any lifetime is too short after a slow answer.
            flags.min_ttl.is_some_and(is_too_long) || caller.stderr.contains("the new token came late")
        }
        (Verb::Get(_), End::Code(RATE_LIMITED | UNAVAILABLE)) => has_short_deadline,
        (Verb::Status, End::Code(code)) => matches!(code, 0 | NOTHING_CACHED),
        (_, End::Code(code)) => code == 0,
        // This is a missed deadline already.
        (_, End::Hung) => true,
    };
    (!is_expected).then(|| {
        let detail = format!("{:?}: {}", caller.end, caller.stderr.trim());
        Violation::new("an avoidable failure", caller, caller.ended_at, detail)
    })
}

fn check_token(
    caller: &Caller,
    flags: GetFlags,
    token: &str,
    issued: &HashMap<&str, &TokenRequest>,
    lanes: &mut Lanes,
    clocks: Clocks,
) -> Option<Violation> {
    let violation = |what, detail| Some(Violation::new(what, caller, caller.ended_at, detail));
    let Some(request) = issued.get(token) else {
        let detail = format!("the server never issued these {} bytes: {token:.20}…", token.len());
        return violation("a torn or unknown token", detail);
    };
    if request.soak_key != caller.plan.soak_key {
        return violation("a foreign token", format!("it was issued to {}", request.soak_key));
    }
    let lane = *lanes.entry(token.to_owned()).or_insert(caller.plan.lane);
    if lane != caller.plan.lane {
        return violation("a token of another lane", format!("another caller has got it for lane {lane:?}"));
    }
    let described = || {
        let age = seconds_between(request.arrived_at, caller.started_at);
        let lifetime = request.lifetime;
        format!("lifetime {lifetime:?}, {age:.3}s old when the call started: {}", caller.stderr.trim())
    };
    // Requested so long before the call that it does not answer it.
    let is_old = request.arrived_at + STARTED_TOGETHER < caller.started_at;
    if is_old && flags.force {
        return violation("an old token for --force-refresh", described());
    }
    let left_at_start = seconds_between(caller.started_at, request.expires_at());
    if left_at_start < required_time_left(caller, flags, request.lifetime, is_old).as_secs_f64() {
        return violation("a token that had to be refreshed", described());
    }
    if request.expires_at() + SLACK < caller.ended_at {
        let age = caller.ended_at - request.expires_at();
        return violation("an expired token", format!("it ended {age:.3?} before the call; {}", described()));
    }
    check_stated_lifetime(caller, request, clocks)
}

/// The time that a token of this lifetime must have left.
fn required_time_left(caller: &Caller, flags: GetFlags, lifetime: Duration, is_old: bool) -> Duration {
    let mandatory_window = lifetime / 10;
    match flags.min_ttl.filter(|_| is_old) {
        Some(seconds) => mandatory_window.max(Duration::from_secs(seconds)),
        // Stale-if-error: after a failed refresh the old token still serves down to half of that window.
        None if caller.stderr.contains("the token could not be refreshed") => mandatory_window / 2,
        None => mandatory_window,
    }
}

/// A token never lives shorter than the answer in JSON says.
fn check_stated_lifetime(caller: &Caller, request: &TokenRequest, clocks: Clocks) -> Option<Violation> {
    let json: serde_json::Value = serde_json::from_str(&caller.stdout).ok()?;
    let stated = Timestamp::parse_rfc3339(json["expires_at"].as_str()?)?;
    let after_start = request.expires_at().saturating_duration_since(clocks.instant);
    let actual = Timestamp::from(caller.plan.machine.clock_at(clocks.wall + after_start));
    (stated > actual).then(|| {
        let detail = format!("stated is {}, and it ends {}", stated.rfc3339(), actual.rfc3339());
        Violation::new("an overstated lifetime", caller, caller.ended_at, detail)
    })
}

/// `status` reads every entry. One that it can't read is torn, unless another caller was removing it.
fn check_status(caller: &Caller, callers: &[Caller]) -> Option<Violation> {
    let is_torn = caller.plan.verb == Verb::Status && caller.stdout.contains("\"unreadable\"");
    let removes = |other: &Caller| matches!(other.plan.verb, Verb::Clear | Verb::Invalidate { .. });
    let overlaps =
        |other: &Caller| other.started_at <= caller.ended_at && other.ended_at >= caller.started_at;
    let is_near = |other: &Caller| other.plan.machine == caller.plan.machine && overlaps(other);
    (is_torn && !callers.iter().any(|other| removes(other) && is_near(other)))
        .then(|| Violation::new("a torn entry", caller, caller.ended_at, "status could not read it"))
}
