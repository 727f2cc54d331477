//! When to ask again: exponential back-off with jitter, and `Retry-After`.

use std::time::Duration;

use super::{Failure, Outlook};
use crate::random::Random;
use crate::time::Timestamp;

/// Whatever the server says, nobody waits longer; Genesys' own Go SDK gives up at the same value.
pub const LONGEST: Duration = Duration::from_secs(180);

/// How the wait grows: `first`, doubled each time, up to `most`, each drawn from [½, 1] of it.
#[derive(Clone, Copy, Debug)]
pub struct Backoff {
    first: Duration,
    most: Duration,
}

impl Backoff {
    /// For rate limits: 1, 2, 4 … 30 s.
    const RATE_LIMIT: Self = Self { first: Duration::from_secs(1), most: Duration::from_secs(30) };
    /// For failures that may pass: quick at first, since a restarting gateway is back in a moment.
    const FAILURE: Self = Self { first: Duration::from_millis(250), most: Duration::from_secs(8) };

    /// How long to wait after the `streak`-th failure in a row (counted from 1).
    pub fn wait(failure: &Failure, streak: u32, random: &dyn Random) -> Duration {
        let backoff = match failure.outlook {
            Outlook::RateLimited => Self::RATE_LIMIT,
            Outlook::Transient => Self::FAILURE,
            Outlook::Refused | Outlook::Blocked => return Duration::ZERO,
        };
        let full = backoff.first.saturating_mul(1_u32 << (streak.clamp(1, 16) - 1)).min(backoff.most);
        let drawn = full / 2 + random.moment(full / 2);
        // A server that says 0 is still not asked in a tight loop.
        failure.retry_after.map_or(drawn, |asked| asked.min(LONGEST).max(backoff.first / 2))
    }
}

/// Reads a `Retry-After` header (RFC 9110 section 10.2.3): whole seconds, or a date.
pub fn retry_after(value: &str, now: Timestamp) -> Option<Duration> {
    let value = value.trim();
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        // More digits than fit are "very long", which is cut to the longest anyway.
        return Some(value.parse().map_or(LONGEST, Duration::from_secs));
    }
    let date = httpdate::parse_http_date(value).ok()?;
    Some(Timestamp::of(date).since(now))
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

    fn failure(outlook: Outlook, retry_after: Option<u64>) -> Failure {
        let retry_after = retry_after.map(Duration::from_secs);
        Failure { outlook, retry_after, error: Error::internal("") }
    }

    #[test]
    fn a_rate_limit_backs_off_from_one_second_to_thirty_each_drawn_from_its_upper_half() {
        let limited = failure(Outlook::RateLimited, None);
        let waits =
            |draw| [1, 2, 3, 6, 40].map(|streak| Backoff::wait(&limited, streak, &Draw(draw)).as_millis());
        assert_eq!(waits(255), [1_000, 2_000, 4_000, 30_000, 30_000]);
        assert_eq!(waits(0), [500, 1_000, 2_000, 15_000, 15_000]);
    }

    #[test]
    fn what_the_server_asks_for_counts_up_to_three_minutes() {
        let wait =
            |asked| Backoff::wait(&failure(Outlook::RateLimited, Some(asked)), 1, &Draw(0)).as_millis();
        assert_eq!([wait(7), wait(99_999), wait(0)], [7_000, 180_000, 500]);
    }

    #[test]
    fn retry_after_is_read_as_seconds_or_as_a_date() {
        let now = Timestamp::from_secs(784_111_767);
        let read = |value| retry_after(value, now).map(|wait| wait.as_secs());
        assert_eq!(read(" 120 "), Some(120));
        assert_eq!(read("Sun, 06 Nov 1994 08:49:37 GMT"), Some(10));
        assert_eq!(read("Sun, 06 Nov 1994 08:49:17 GMT"), Some(0));
        assert_eq!(read("99999999999999999999999"), Some(180));
        for bad in ["", "soon", "-1", "1.5", "0x10"] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
