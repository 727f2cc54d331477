//! Lines of JSON for those who collect logs; `docs/log.schema.json` describes them.

use std::time::Duration;

use serde::Serialize;

use crate::error::Error;
use crate::log::{Decision, Event, Level, Outcome};
use crate::time::Timestamp;

/// What every line begins with.
#[derive(Serialize)]
struct Line<F> {
    time: String,
    level: &'static str,
    event: &'static str,
    #[serde(flatten)]
    fields: F,
}

#[derive(Serialize)]
struct WithMessage<'m, F> {
    message: &'m str,
    #[serde(flatten)]
    fields: F,
}

/// Nothing beside its words.
#[derive(Serialize)]
pub(super) struct NoFields {}

/// What an event has beside its words.
#[derive(Serialize)]
#[serde(untagged)]
enum EventFields {
    Waiting { r#for: &'static str, until: String, seconds_left: u64 },
    Attempt { attempt: u32, outcome: &'static str, took_ms: u64 },
    Decision { outcome: &'static str },
}

/// The line of an event with these words.
pub(super) fn event_line(event: &Event, text: &str, now: Timestamp) -> String {
    let fields = match event {
        Event::Waiting(waiting) => EventFields::Waiting {
            r#for: waiting.awaited.name(),
            until: waiting.until.rfc3339_millis(),
            seconds_left: waiting.left(now).as_secs(),
        },
        Event::Attempt(attempt) => EventFields::Attempt {
            attempt: attempt.number,
            outcome: match attempt.outcome {
                Outcome::Token => "token",
                Outcome::Failed { class, .. } => class,
            },
            took_ms: millis(attempt.took),
        },
        Event::Decision(Decision { outcome, .. }) => EventFields::Decision { outcome },
    };
    line(now, level_name(event.level()), event.name(), WithMessage { message: text, fields })
}

/// The line about the answer of a call that took so long.
pub(super) fn answer_line(
    event: &'static str,
    text: &str,
    fields: impl Serialize,
    took: Duration,
    now: Timestamp,
) -> String {
    #[derive(Serialize)]
    struct Answer<F> {
        #[serde(flatten)]
        fields: F,
        took_ms: u64,
    }
    let fields = Answer { fields, took_ms: millis(took) };
    line(now, level_name(Level::Normal), event, WithMessage { message: text, fields })
}

/// The line of a warning.
pub(super) fn warning_line(warning: &str, now: Timestamp) -> String {
    line(now, "warning", "warning", WithMessage { message: warning, fields: NoFields {} })
}

/// The line of an error, with the fields of `--error-format json`.
pub(super) fn error_line(error: &Error, now: Timestamp) -> String {
    let fields: serde_json::Value = serde_json::from_str(&error.to_json()).expect("an error is JSON");
    line(now, "error", "error", fields)
}

fn line(now: Timestamp, level: &'static str, event: &'static str, fields: impl Serialize) -> String {
    let line = Line { time: now.rfc3339_millis(), level, event, fields };
    serde_json::to_string(&line).expect("strings and numbers are JSON")
}

/// As `GENESYS_TOKEN_LOG` names it.
fn level_name(level: Level) -> &'static str {
    match level {
        Level::Quiet => "quiet",
        Level::Normal => "normal",
        Level::Verbose => "verbose",
        Level::Debug => "debug",
    }
}

/// Whole milliseconds.
pub(super) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
