//! Time as a parameter: a point on the wall clock, and the clock that everything below `main` is given.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};

use crate::secret;

/// A point on the wall clock: microseconds since the Unix epoch. Comparable between processes of a machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// The timestamp `seconds` after the epoch.
    pub const fn from_secs(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1_000_000))
    }

    /// The system's `time`; what is before the epoch counts as the epoch.
    pub fn of(time: SystemTime) -> Self {
        Self(micros(time.duration_since(UNIX_EPOCH).unwrap_or_default()))
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
        DateTime::<Utc>::from_timestamp_micros(self.0)
            .unwrap_or(DateTime::<Utc>::MAX_UTC)
            .to_rfc3339_opts(SecondsFormat::Secs, true)
    }

    /// Reads what [`Timestamp::rfc3339`] wrote, or any other RFC 3339 time.
    pub fn parse_rfc3339(text: &str) -> Option<Self> {
        DateTime::parse_from_rfc3339(text).ok().map(|time| Self(time.timestamp_micros()))
    }
}

fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

/// The wall clock, the stopwatch of this call, and sleep: all that the broker knows of time.
pub trait Clock {
    /// Now, on the wall clock.
    fn now(&self) -> Timestamp;
    /// How long this call has been running, on a clock that never goes back.
    fn elapsed(&self) -> Duration;
    /// Lets `duration` pass.
    fn sleep(&self, duration: Duration);
}

/// The machine's own clocks.
#[derive(Debug)]
pub struct SystemClock {
    started: Instant,
}

impl SystemClock {
    /// Starts the stopwatch of this call.
    pub fn start() -> Self {
        Self { started: Instant::now() }
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::of(SystemTime::now())
    }

    fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    fn sleep(&self, duration: Duration) {
        std::thread::sleep(duration);
    }
}

/// `23h 41m`, `4m 10s` or `12s`: how people say a time left.
pub fn humane(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match (seconds / 86_400, seconds / 3_600, seconds / 60) {
        (0, 0, 0) => format!("{seconds}s"),
        (0, 0, minutes) => format!("{minutes}m {}s", seconds % 60),
        (days, hours, minutes) if days < 2 => format!("{hours}h {}m", minutes % 60),
        (days, hours, _) => format!("{days}d {}h", hours % 24),
    }
}

/// Reads `90`, `90s`, `20m`, `2h` or `1h30m`; a bare number is seconds.
///
/// # Errors
/// The sentence that says what a duration looks like.
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    let refuse = || format!("{} is not a duration; write 90, 90s, 20m, 2h or 1h30m", secret::quoted(text));
    let mut total = 0_u64;
    let mut digits = String::new();
    for character in text.trim().chars() {
        if character.is_ascii_digit() {
            digits.push(character);
            continue;
        }
        let unit = match character {
            's' => 1,
            'm' => 60,
            'h' => 3_600,
            'd' => 86_400,
            _ => return Err(refuse()),
        };
        let amount: u64 = digits.parse().map_err(|_| refuse())?;
        total = amount.checked_mul(unit).and_then(|part| total.checked_add(part)).ok_or_else(refuse)?;
        digits.clear();
    }
    if digits.is_empty() {
        return if text.trim().is_empty() { Err(refuse()) } else { Ok(Duration::from_secs(total)) };
    }
    if total > 0 {
        return Err(refuse());
    }
    digits.parse().map(Duration::from_secs).map_err(|_| refuse())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_people_write_them() {
        let seconds = |text| parse_duration(text).map(|d| d.as_secs());
        assert_eq!(seconds("90"), Ok(90));
        assert_eq!(seconds("20m"), Ok(1_200));
        assert_eq!(seconds("1h30m"), Ok(5_400));
        for bad in ["", "m", "1h30", "-5", "1.5h", "20 m", "99999999999999999999", "99999999999999999d"] {
            assert!(parse_duration(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn times_left_are_said_as_people_say_them() {
        let said = |seconds| humane(Duration::from_secs(seconds));
        assert_eq!(said(12), "12s");
        assert_eq!(said(250), "4m 10s");
        assert_eq!(said(85_260), "23h 41m");
        assert_eq!(said(86_400 * 3 + 3_600), "3d 1h");
    }

    #[test]
    fn rfc3339_goes_there_and_back() {
        let time = Timestamp::from_secs(1_795_514_400);
        assert_eq!(time.rfc3339(), "2026-11-24T10:00:00Z");
        assert_eq!(Timestamp::parse_rfc3339(&time.rfc3339()), Some(time));
    }
}
