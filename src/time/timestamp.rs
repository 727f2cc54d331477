//! A point on the wall clock.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};

/// A point on the wall clock: microseconds since the Unix epoch. Processes of one machine can compare them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// The timestamp `seconds` after the epoch.
    pub const fn from_secs(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1_000_000))
    }

    /// This point moved forward; saturates.
    #[must_use]
    pub fn plus(self, by: Duration) -> Self {
        Self(self.0.saturating_add(micros(by)))
    }

    /// This point moved back; saturates.
    #[must_use]
    pub fn minus(self, by: Duration) -> Self {
        Self(self.0.saturating_sub(micros(by)))
    }

    /// The time from `earlier` to here, or zero when `earlier` is later.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// RFC 3339 in UTC with whole seconds, such as `2026-11-24T10:00:00Z`.
    pub fn rfc3339(self) -> String {
        self.rfc3339_with(SecondsFormat::Secs)
    }

    /// The same with milliseconds, such as `2026-11-24T10:00:00.000Z`.
    pub fn rfc3339_millis(self) -> String {
        self.rfc3339_with(SecondsFormat::Millis)
    }

    fn rfc3339_with(self, seconds: SecondsFormat) -> String {
        DateTime::<Utc>::from_timestamp_micros(self.0)
            .unwrap_or(DateTime::<Utc>::MAX_UTC)
            .to_rfc3339_opts(seconds, true)
    }

    /// Parses what [`Timestamp::rfc3339`] wrote, or any other RFC 3339 time.
    pub fn parse_rfc3339(text: &str) -> Option<Self> {
        DateTime::parse_from_rfc3339(text).ok().map(|time| Self(time.timestamp_micros()))
    }
}

/// A time before the epoch counts as the epoch.
impl From<SystemTime> for Timestamp {
    fn from(time: SystemTime) -> Self {
        Self(micros(time.duration_since(UNIX_EPOCH).unwrap_or_default()))
    }
}

fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timestamp_survives_rfc3339() {
        let time = Timestamp::from_secs(1_795_514_400);
        assert_eq!(time.rfc3339(), "2026-11-24T10:00:00Z");
        assert_eq!(Timestamp::parse_rfc3339(&time.rfc3339()), Some(time));
        let time = time.plus(Duration::from_micros(7_001));
        assert_eq!(time.rfc3339_millis(), "2026-11-24T10:00:00.007Z");
    }
}
