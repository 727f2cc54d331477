//! When to try again: exponential back-off with jitter, and `Retry-After`.

use std::time::Duration;

use super::failure::{Failure, FailureClass};
use crate::random::Random;
use crate::time::Timestamp;

/// No wait is longer, whatever the server says; Genesys' own Go SDK gives up at the same value.
pub(super) const MAX_WAIT: Duration = Duration::from_mins(3);

/// How waits grow: from `first`, doubled each time, up to `max`, each drawn from [½, 1] of it.
#[derive(Clone, Copy, Debug)]
pub struct Backoff {
    first: Duration,
    max: Duration,
}

impl Backoff {
    /// For rate limits: 1, 2, 4 … 30 s.
    const RATE_LIMIT: Self = Self { first: Duration::from_secs(1), max: Duration::from_secs(30) };
    /// For failures that may pass: quick at first, since a restarting gateway is back in a moment.
    const FAILURE: Self = Self { first: Duration::from_millis(250), max: Duration::from_secs(8) };

    /// How long to wait after the `streak`-th failure in a row (counted from 1).
    pub fn wait(failure: &Failure, streak: u32, random: &dyn Random) -> Duration {
        let backoff = match failure.class {
            FailureClass::RateLimited => Self::RATE_LIMIT,
            FailureClass::Transient => Self::FAILURE,
            FailureClass::Refused | FailureClass::Blocked => return Duration::ZERO,
        };
        let full = backoff.first.saturating_mul(1_u32 << (streak.clamp(1, 16) - 1)).min(backoff.max);
        let drawn = full / 2 + random.up_to(full / 2);
        // A server that says 0 is still not called in a tight loop.
        failure.retry_after.map_or(drawn, |wanted| wanted.min(MAX_WAIT).max(drawn))
    }
}

/// Parses a `Retry-After` header (RFC 9110 section 10.2.3): seconds, or a date, which is read against `now` on the
/// clock of the server. Gateways also write fractions, and join several headers to a list, of which the longest counts.
pub fn parse_retry_after(value: &str, now: Timestamp) -> Option<Duration> {
    if let Ok(date) = httpdate::parse_http_date(value.trim()) {
        return Some(Timestamp::from(date).since(now));
    }
    value.split(',').filter_map(|seconds| parse_seconds(seconds.trim())).max()
}

/// Seconds, rounded up.
fn parse_seconds(text: &str) -> Option<Duration> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let is_number = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !is_number(whole) || !is_number(fraction) {
        return None;
    }
    let part = u64::from(fraction.bytes().any(|digit| digit != b'0'));
    // More digits than fit mean "very long", which is cut to the longest wait anyway.
    Some(whole.parse().map_or(MAX_WAIT, |seconds: u64| Duration::from_secs(seconds.saturating_add(part))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;

    struct Draw(u8);
    impl Random for Draw {
        fn fill(&self, bytes: &mut [u8]) -> bool {
            bytes.fill(self.0);
            true
        }
    }

    fn failure(class: FailureClass, retry_after: Option<u64>) -> Failure {
        let retry_after = retry_after.map(Duration::from_secs);
        Failure { retry_after, ..Failure::new(class, Error::internal("")) }
    }

    #[test]
    fn a_rate_limit_backs_off_from_one_second_to_thirty_each_drawn_from_its_upper_half() {
        let limited = failure(FailureClass::RateLimited, None);
        let waits =
            |draw| [1, 2, 3, 6, 40].map(|streak| Backoff::wait(&limited, streak, &Draw(draw)).as_millis());
        assert_eq!(waits(255), [1_000, 2_000, 4_000, 30_000, 30_000]);
        assert_eq!(waits(0), [500, 1_000, 2_000, 15_000, 15_000]);
    }

    #[test]
    fn retry_after_counts_up_to_three_minutes() {
        let wait = |wanted| {
            Backoff::wait(&failure(FailureClass::RateLimited, Some(wanted)), 1, &Draw(0)).as_millis()
        };
        assert_eq!([wait(7), wait(99_999), wait(0)], [7_000, 180_000, 500]);
        let third = Backoff::wait(&failure(FailureClass::RateLimited, Some(1)), 3, &Draw(255));
        assert_eq!(third.as_secs(), 4, "no shorter than the back-off");
    }

    #[test]
    fn retry_after_is_parsed_as_seconds_or_as_a_date() {
        let now = Timestamp::from_secs(784_111_767);
        let parse = |value| parse_retry_after(value, now).map(|wait| wait.as_secs());
        assert_eq!(parse(" 120 "), Some(120));
        assert_eq!(parse("Sun, 06 Nov 1994 08:49:37 GMT"), Some(10));
        assert_eq!(parse("Sun, 06 Nov 1994 08:49:17 GMT"), Some(0));
        assert_eq!(parse("99999999999999999999999"), Some(180));
        assert_eq!([parse("1.5"), parse("2.0"), parse("3.")], [Some(2), Some(2), Some(3)]);
        assert_eq!([parse("60, 120"), parse("soon, 7")], [Some(120), Some(7)]);
        for bad in ["", "soon", "-1", "1e3", "0x10", ".5"] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}
