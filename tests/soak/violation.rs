//! A broken promise: what happened, to which process or file, and when.

use std::fmt;
use std::time::Instant;

/// What also happens when the computer stands still.
const TIMED: [&str; 8] = [
    "a missed deadline",
    "an avoidable failure",
    "an expired token",
    "two requests at once",
    "too many requests",
    "a needless request",
    "a wait for nobody",
    "a healthy store not used",
];

#[derive(Debug)]
pub(crate) struct Violation {
    /// Which promise is broken, in words that `tests/soak/prove` counts.
    what: &'static str,
    /// The process or the file.
    subject: String,
    pub(crate) when: Instant,
    detail: String,
}

impl Violation {
    pub(crate) fn new(
        what: &'static str,
        subject: impl fmt::Display,
        when: Instant,
        detail: impl Into<String>,
    ) -> Self {
        Self { what, subject: subject.to_string(), when, detail: detail.into() }
    }

    pub(crate) fn is_timed(&self) -> bool {
        TIMED.contains(&self.what)
    }

    /// The line to print, with the time since `start`.
    pub(crate) fn line(&self, start: Instant) -> String {
        let Self { what, subject, detail, .. } = self;
        let when = self.when.saturating_duration_since(start);
        format!("VIOLATION at {:.3}s: {what}: {subject}: {detail}", when.as_secs_f64())
    }
}

/// The seconds from `from` to `to`, negative when `to` is earlier.
pub(crate) fn seconds_between(from: Instant, to: Instant) -> f64 {
    to.saturating_duration_since(from).as_secs_f64() - from.saturating_duration_since(to).as_secs_f64()
}
