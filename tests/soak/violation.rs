//! A promise that was broken: what, who, when.

use std::fmt;
use std::time::{Duration, Instant};

#[derive(Debug)]
pub struct Violation {
    pub what: &'static str,
    pub who: String,
    pub when: Instant,
    pub detail: String,
}

impl Violation {
    pub fn new(what: &'static str, who: impl fmt::Display, when: Instant, detail: impl Into<String>) -> Self {
        Self { what, who: who.to_string(), when, detail: detail.into() }
    }

    /// The line about it, with the time since `start`.
    pub fn line(&self, start: Instant) -> String {
        let Self { what, who, detail, .. } = self;
        let when = self.when.saturating_duration_since(start);
        format!("VIOLATION at {:.3}s: {what}: {who}: {detail}", when.as_secs_f64())
    }
}

/// By how much `later` is after `earlier`, negative when it is before.
pub fn seconds_between(earlier: Instant, later: Instant) -> f64 {
    let ahead: Duration = later.saturating_duration_since(earlier);
    let behind: Duration = earlier.saturating_duration_since(later);
    ahead.as_secs_f64() - behind.as_secs_f64()
}
