//! How fresh a token is: pure functions of its lifetime, the time, and what the caller requires.
//!
//! With L the token's lifetime, r the time left and M the required lifetime:
//!
//! | window | |
//! |---|---|
//! | mandatory refresh | h = max(min(5 min, L/10), M): at r ≤ h the token is not provided while a new one can be had |
//! | advisory refresh | min(15 min, L/5) above h: one process refreshes, the others reuse the token |
//! | stale-if-error (RFC 5861) | min(30 s, h/2): down to here the old token still beats a failed pipeline |
//!
//! The shares of L keep the windows reasonable for clients with short lifetimes (Genesys allows 300 s).

use std::time::Duration;

use crate::time::Timestamp;
use crate::token::Lifetime;

const MANDATORY: Duration = Duration::from_mins(5);
const MANDATORY_SHARE: u32 = 10;
const ADVISORY: Duration = Duration::from_mins(15);
const ADVISORY_SHARE: u32 = 5;
const STALE_IF_ERROR: Duration = Duration::from_secs(30);
/// A token may live a little shorter than M: the second by which `expires_in` was rounded, and the second that Genesys
/// subtracts (86399 for a day).
const GRACE: Duration = Duration::from_secs(2);
/// A call that starts while a request is under way counts as having started with it, if the request was sent no longer
/// ago than this: forty stages of a matrix start together, but never in the same instant.
const STARTED_TOGETHER: Duration = Duration::from_secs(1);

/// What a call requires of its token.
#[derive(Clone, Copy, Debug)]
pub struct Requirements {
    /// When the call started.
    pub started_at: Timestamp,
    /// M: the time that the token must have left.
    pub min_ttl: Option<Duration>,
    /// Whether the token must be requested after the call started.
    pub force_refresh: bool,
}

/// What a cached token is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freshness {
    /// Provide it.
    Fresh,
    /// Provide it, but let one process refresh it first.
    RefreshDue,
    /// Provide it only if a new one can't be had.
    StaleUsable,
    /// It is brand-new and lives shorter than required: no other token will live longer.
    TooShortLived,
    /// Don't provide it.
    Unusable,
}

/// The refresh windows of a token, each as time left: a token enters a window when its time left falls to this.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RefreshWindows {
    /// The token must be refreshed.
    pub mandatory: Duration,
    /// The token should be refreshed.
    pub advisory: Duration,
    /// Down to this the token is provided when the refresh fails; `None` when the caller requires a lifetime.
    pub stale_if_error: Option<Duration>,
    lifetime: Duration,
    min_ttl: Duration,
}

impl RefreshWindows {
    /// The windows of a token with this total `lifetime`, for a caller that requires `min_ttl`.
    pub fn new(lifetime: Duration, min_ttl: Option<Duration>) -> Self {
        let required = min_ttl.unwrap_or_default();
        let mandatory = MANDATORY.min(lifetime / MANDATORY_SHARE).max(required);
        Self {
            mandatory,
            advisory: mandatory.saturating_add(ADVISORY.min(lifetime / ADVISORY_SHARE)),
            stale_if_error: min_ttl.is_none().then(|| STALE_IF_ERROR.min(mandatory / 2)),
            lifetime,
            min_ttl: required,
        }
    }

    /// Whether even a brand-new token lives shorter than required.
    pub fn is_too_short_lived(&self) -> bool {
        self.lifetime + GRACE < self.min_ttl
    }

    /// Whether a token with so much time left can't serve its caller as long as required.
    pub fn has_too_little_left(&self, remaining: Duration) -> bool {
        remaining + GRACE < self.min_ttl
    }

    /// Whether even a brand-new token is in the advisory window, so that every call fetches one.
    pub fn is_never_fresh(&self) -> bool {
        self.lifetime <= self.advisory
    }

    fn freshness(&self, remaining: Duration) -> Freshness {
        if remaining > self.advisory {
            Freshness::Fresh
        } else if remaining > self.mandatory {
            Freshness::RefreshDue
        } else if self.stale_if_error.is_some_and(|limit| remaining >= limit) {
            Freshness::StaleUsable
        } else {
            Freshness::Unusable
        }
    }
}

/// How fresh a token is at `now`.
pub fn freshness(lifetime: Lifetime, now: Timestamp, requirements: &Requirements) -> Freshness {
    let is_answer = is_answer_to(lifetime.requested_at, lifetime.received_at, requirements.started_at);
    rate(lifetime, now, requirements, is_answer)
}

/// The same for a token that answers the call by another clock than this machine's.
pub(super) fn freshness_of_answer(
    lifetime: Lifetime,
    now: Timestamp,
    requirements: &Requirements,
) -> Freshness {
    rate(lifetime, now, requirements, true)
}

fn rate(lifetime: Lifetime, now: Timestamp, requirements: &Requirements, is_answer: bool) -> Freshness {
    let remaining = lifetime.remaining(now);
    if now < lifetime.requested_at || remaining.is_zero() {
        return Freshness::Unusable;
    }
    let windows = RefreshWindows::new(lifetime.total(), requirements.min_ttl);
    let unconditional = RefreshWindows::new(lifetime.total(), None);
    if is_answer && remaining > unconditional.mandatory {
        return match windows {
            _ if windows.is_too_short_lived() => Freshness::TooShortLived,
            // Its answer was slow: another one may be quicker.
            _ if windows.has_too_little_left(remaining) => Freshness::Unusable,
            _ => Freshness::Fresh,
        };
    }
    if requirements.force_refresh { Freshness::Unusable } else { windows.freshness(remaining) }
}

/// Whether a token or a refusal answers a call that started at `started_at`, whatever its flags: its request was sent
/// after that, or was under way at that moment.
pub(super) fn is_answer_to(requested_at: Timestamp, received_at: Timestamp, started_at: Timestamp) -> bool {
    requested_at >= started_at
        || (received_at > started_at && requested_at.plus(STARTED_TOGETHER) >= started_at)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 86_400;

    fn lifetime(seconds: i64) -> Lifetime {
        let at = Timestamp::from_secs;
        Lifetime { requested_at: at(0), received_at: at(0), expires_at: at(seconds) }
    }

    fn requirements(min_ttl: Option<u64>, force_refresh: bool) -> Requirements {
        let started_at = Timestamp::from_secs(10);
        Requirements { started_at, min_ttl: min_ttl.map(Duration::from_secs), force_refresh }
    }

    fn with_left(total: i64, left: i64, min_ttl: Option<u64>) -> Freshness {
        let now = Timestamp::from_secs(total - left);
        freshness(lifetime(total), now, &requirements(min_ttl, false))
    }

    #[test]
    fn a_day_long_token_is_refreshed_in_its_last_twenty_minutes_and_dropped_in_its_last_five() {
        assert_eq!(with_left(DAY, 1_201, None), Freshness::Fresh);
        assert_eq!(with_left(DAY, 1_200, None), Freshness::RefreshDue);
        assert_eq!(with_left(DAY, 301, None), Freshness::RefreshDue);
        assert_eq!(with_left(DAY, 300, None), Freshness::StaleUsable);
        assert_eq!(with_left(DAY, 30, None), Freshness::StaleUsable);
        assert_eq!(with_left(DAY, 29, None), Freshness::Unusable);
        assert_eq!(with_left(DAY, 0, None), Freshness::Unusable);
    }

    #[test]
    fn refresh_windows_shrink_with_short_lifetimes() {
        assert_eq!(with_left(300, 91, None), Freshness::Fresh);
        assert_eq!(with_left(300, 90, None), Freshness::RefreshDue);
        assert_eq!(with_left(300, 31, None), Freshness::RefreshDue);
        assert_eq!(with_left(300, 30, None), Freshness::StaleUsable);
        assert_eq!(with_left(300, 15, None), Freshness::StaleUsable);
        assert_eq!(with_left(300, 14, None), Freshness::Unusable);
    }

    #[test]
    fn a_required_lifetime_moves_the_windows_and_allows_no_stale_token() {
        assert_eq!(with_left(DAY, 3_600 + 901, Some(3_600)), Freshness::Fresh);
        assert_eq!(with_left(DAY, 3_600 + 900, Some(3_600)), Freshness::RefreshDue);
        assert_eq!(with_left(DAY, 3_600, Some(3_600)), Freshness::Unusable);
        assert_eq!(with_left(DAY, 200, Some(60)), Freshness::Unusable);
    }

    #[test]
    fn the_windows_of_a_lifetime_are_one_value() {
        let secs = Duration::from_secs;
        let windows = RefreshWindows::new(secs(86_400), None);
        assert_eq!((windows.mandatory, windows.advisory), (secs(300), secs(1_200)));
        assert_eq!(windows.stale_if_error, Some(secs(30)));
        assert_eq!(RefreshWindows::new(secs(86_400), Some(secs(7_200))).stale_if_error, None);
    }

    #[test]
    fn a_required_lifetime_in_the_advisory_window_means_a_request_in_every_call() {
        let is_never_fresh = |lifetime, min_ttl: u64| {
            let min_ttl = Some(Duration::from_secs(min_ttl)).filter(|min_ttl| !min_ttl.is_zero());
            RefreshWindows::new(Duration::from_secs(lifetime), min_ttl).is_never_fresh()
        };
        assert!(!is_never_fresh(86_400, 86_400 - 901));
        assert!(is_never_fresh(86_400, 86_400 - 900));
        assert!(!is_never_fresh(300, 0));
    }

    #[test]
    fn a_clock_before_the_tokens_start_is_a_miss() {
        let before = Timestamp::from_secs(-1);
        assert_eq!(freshness(lifetime(DAY), before, &requirements(None, false)), Freshness::Unusable);
    }

    #[test]
    fn a_token_requested_after_the_call_started_answers_it_whatever_its_flags() {
        let now = Timestamp::from_secs(11);
        let requested = |requested: i64, received: i64| Lifetime {
            requested_at: Timestamp(requested * 100_000),
            received_at: Timestamp(received * 100_000),
            expires_at: Timestamp::from_secs(DAY),
        };
        let forced = |lifetime| freshness(lifetime, now, &requirements(None, true));
        assert_eq!(forced(requested(100, 101)), Freshness::Fresh, "sent as the call started");
        assert_eq!(forced(requested(91, 105)), Freshness::Fresh, "under way as the call started");
        assert_eq!(forced(requested(89, 105)), Freshness::Unusable, "sent too long before");
        assert_eq!(forced(requested(91, 100)), Freshness::Unusable, "answered before the call started");
        let min_ttl = |min_ttl| {
            freshness(requested(100, 100), Timestamp::from_secs(10), &requirements(Some(min_ttl), true))
        };
        // It lives for 86,390 s, of which 86,380 are left when its answer was slow.
        assert_eq!(min_ttl(86_393), Freshness::TooShortLived);
        assert_eq!(min_ttl(86_392), Freshness::Fresh, "within the grace");
        let slow = |min_ttl| {
            freshness(requested(100, 200), Timestamp::from_secs(20), &requirements(Some(min_ttl), false))
        };
        assert_eq!(slow(86_383), Freshness::Unusable);
        assert_eq!(slow(86_382), Freshness::Fresh, "within the grace");
    }

    #[test]
    fn a_token_requested_after_the_call_started_answers_it_until_its_own_mandatory_window() {
        let with_left = |left: i64, force_refresh| {
            let started_at = Timestamp::from_secs(0);
            let requirements = Requirements { started_at, min_ttl: None, force_refresh };
            freshness(lifetime(300), Timestamp::from_secs(300 - left), &requirements)
        };
        assert_eq!(with_left(31, true), Freshness::Fresh, "in its advisory window");
        assert_eq!(with_left(30, true), Freshness::Unusable, "the call was suspended after its answer");
        assert_eq!(with_left(30, false), Freshness::StaleUsable);
    }

    #[test]
    fn a_required_lifetime_longer_than_time_itself_is_no_overflow() {
        assert_eq!(with_left(DAY, DAY, Some(u64::MAX)), Freshness::Unusable);
    }
}
