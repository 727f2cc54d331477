//! What listens to a call.

use std::fmt;

use super::event::{Awaited, Decision, Event, Subject, Waiting};
use super::level::Level;
use crate::time::Timestamp;

/// What listens to a call. While a request is waited for, a thread of its own says so.
pub trait Log: Sync {
    /// The level up to which it listens.
    fn level(&self) -> Level;

    /// Takes an event. A wait is told again and again, as long as it lasts; when to show it is up to the log.
    fn record(&self, event: &Event);
}

impl dyn Log + '_ {
    /// Tells that the call still waits.
    pub fn waiting(&self, awaited: Awaited, until: Timestamp) {
        self.record(&Event::Waiting(Waiting { awaited, until }));
    }

    /// Records a decision, if anyone listens.
    pub fn decided(&self, subject: Subject, outcome: &'static str, reason: fmt::Arguments) {
        if self.level() >= Level::Debug {
            self.record(&Event::Decision(Decision { subject, outcome, reason }));
        }
    }
}

/// Listens to nothing.
#[derive(Clone, Copy, Debug)]
pub struct NoLog;

impl Log for NoLog {
    fn level(&self) -> Level {
        Level::Quiet
    }

    fn record(&self, _: &Event) {}
}
