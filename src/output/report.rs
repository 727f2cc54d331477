//! What a call says on stderr: its events, the line about the answer, and its error.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};
use std::io::Write;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::{Serialize, Serializer};

use super::format::LineFormat;
use super::lines::Lines;
use super::log_line::{NoFields, answer_line, error_line, event_line, millis, warning_line};
use super::whose::Whose;
use crate::broker::{Provided, RefreshReason, Source};
use crate::client::ClientId;
use crate::duration::format_duration;
use crate::error::Error;
use crate::lane::Lane;
use crate::log::{Event, Level, Log, ProgressTimer};
use crate::time::Clock;
use crate::world::{Machine, World};

/// The line about the answer says how long a call took when that was longer: as long as one waits for the first word.
const NOTEWORTHY: Duration = Duration::from_secs(2);

/// How much to say on stderr, and in which format.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LogOptions {
    pub(crate) level: Level,
    pub(crate) format: LineFormat,
}

/// Says on stderr what its options allow.
pub(crate) struct Reporter<'a> {
    options: LogOptions,
    clock: &'a dyn Clock,
    machine: &'a dyn Machine,
    state: Mutex<State<'a>>,
}

struct State<'a> {
    lines: Lines<'a>,
    timer: ProgressTimer,
    /// The last decision about each subject since the last attempt. Who waits makes the same ones again and again.
    decisions: BTreeMap<&'static str, String>,
}

/// What the line about a token says in fields.
#[derive(Serialize)]
struct TokenFields<'t> {
    source: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<Words<RefreshReason>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    waited_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client: Option<Words<&'t ClientId>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    host: Option<&'t str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lane: Option<Words<&'t Lane>>,
    seconds_left: Option<u64>,
}

/// A value as it is displayed.
struct Words<T>(T);

impl<T: fmt::Display> Serialize for Words<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'a> Reporter<'a> {
    /// A reporter of the call that `clock` measures.
    pub(crate) fn new(
        options: LogOptions,
        clock: &'a dyn Clock,
        machine: &'a dyn Machine,
        stderr: &'a mut (dyn Write + Send),
    ) -> Self {
        let (lines, timer) = (Lines::new(stderr), ProgressTimer::default());
        let state = Mutex::new(State { lines, timer, decisions: BTreeMap::new() });
        Self { options, clock, machine, state }
    }

    /// Where the token came from and why, with every warning.
    pub(crate) fn provided(&self, provided: &Provided, whose: Whose, warnings: &[String]) {
        if self.options.level < Level::Normal {
            return;
        }
        let now = self.clock.now();
        let remaining = provided.token.lifetime.map(|lifetime| lifetime.remaining(now));
        let left = remaining.map_or_else(
            || "of unknown lifetime".to_owned(),
            |remaining| format!("{} left", format_duration(remaining)),
        );
        let (verb, why) = match provided.source {
            Source::Reused => ("reused", String::new()),
            Source::Waited(waited) => {
                ("reused", format!(" (waited {:.1}s for another process)", waited.as_secs_f64()))
            }
            Source::Build => ("reused", " (from another agent of the build)".to_owned()),
            Source::SharedCache { waited } if waited.is_zero() => {
                ("reused", " (from the shared cache)".to_owned())
            }
            Source::SharedCache { waited } => {
                let waited = waited.as_secs_f64();
                ("reused", format!(" (from the shared cache, waited {waited:.1}s for another machine)"))
            }
            Source::Fetched(reason) => ("fetched", format!(" ({reason})")),
        };
        let (source, reason, waited) = match provided.source {
            Source::Reused => ("reused", None, None),
            Source::Waited(waited) => ("waited", None, Some(waited)),
            Source::Build => ("build", None, None),
            Source::SharedCache { waited } if waited.is_zero() => ("shared_cache", None, None),
            Source::SharedCache { waited } => ("shared_cache", None, Some(waited)),
            Source::Fetched(reason) => ("fetched", Some(Words(reason)), None),
        };
        let fields = TokenFields {
            source,
            reason,
            waited_ms: waited.map(millis),
            client: Some(Words(whose.client)),
            host: Some(whose.host),
            lane: whose.lane.map(Words),
            seconds_left: remaining.map(|remaining| remaining.as_secs()),
        };
        let sentence = format!("{verb} token {whose}, {left}{why}");
        self.answer("token", sentence, fields, warnings.iter().chain(&provided.warnings));
    }

    /// The same for a bound token that was reused, whose time left may be unknown.
    pub(crate) fn bound(&self, remaining: Option<Duration>, warnings: &[String]) {
        let left = remaining.map_or_else(String::new, |left| format!(", {} left", format_duration(left)));
        let seconds_left = remaining.map(|left| left.as_secs());
        let (reason, waited_ms, client, host, lane) = (None, None, None, None, None);
        let fields = TokenFields { source: "bound", reason, waited_ms, client, host, lane, seconds_left };
        self.answer("token", format!("reused the bound token{left}"), fields, warnings);
    }

    /// What was done, with every warning.
    pub(crate) fn done(&self, sentence: String, warnings: &[String]) {
        self.answer("done", sentence, NoFields {}, warnings);
    }

    /// The line about the answer, and its warnings: in JSON each is a line of its own.
    fn answer<'w>(
        &self,
        event: &'static str,
        mut sentence: String,
        fields: impl Serialize,
        warnings: impl IntoIterator<Item = &'w String>,
    ) {
        if self.options.level < Level::Normal {
            return;
        }
        let (warnings, took) = (warnings.into_iter(), self.clock.elapsed());
        if took > NOTEWORTHY {
            let _ = write!(sentence, ", took {:.1}s", took.as_secs_f64());
        }
        let lines = &mut self.state().lines;
        match self.options.format {
            LineFormat::Text => {
                lines.write(&warnings.fold(sentence, |line, warning| line + "; warning: " + warning));
            }
            LineFormat::Json => {
                let now = self.clock.now();
                for warning in warnings {
                    lines.write_as_is(&warning_line(warning, now));
                }
                lines.write_as_is(&answer_line(event, &sentence, fields, took, now));
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State<'a>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Log for Reporter<'_> {
    fn level(&self) -> Level {
        self.options.level
    }

    fn record(&self, event: &Event) {
        if self.options.level < event.level() {
            return;
        }
        let state = &mut *self.state();
        let is_text = self.options.format == LineFormat::Text;
        let is_wait = matches!(event, Event::Waiting(_));
        let rewrites = is_text && is_wait && self.machine.stderr_is_terminal();
        let interval = if rewrites { ProgressTimer::OF_TERMINAL } else { ProgressTimer::OF_LINES };
        if is_wait && !state.timer.is_due(self.clock.elapsed(), interval) {
            return;
        }
        let now = self.clock.now();
        let text = event.text(now);
        match event {
            Event::Waiting(_) => {}
            Event::Attempt(_) => state.decisions.clear(),
            Event::Decision(_) => {
                if state.decisions.insert(event.name(), text.clone()).as_ref() == Some(&text) {
                    return;
                }
            }
        }
        if rewrites {
            state.lines.rewrite(&text);
        } else if is_text {
            state.lines.write(&text);
        } else {
            state.lines.write_as_is(&event_line(event, &text, now));
        }
    }
}

/// The formats of an error: of all lines, and of errors.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ErrorFormats {
    pub(crate) log: LineFormat,
    pub(crate) error: LineFormat,
}

/// Writes an error. A line of a log in JSON has its fields as well.
pub(crate) fn report_error(error: &Error, formats: ErrorFormats, world: &mut World) {
    let mut lines = Lines::new(world.stderr);
    match (formats.log, formats.error) {
        (LineFormat::Json, _) => lines.write_as_is(&error_line(error, world.clock.now())),
        (_, LineFormat::Json) => lines.write_as_is(&error.to_json()),
        _ => lines.write(&format!("error: {error}")),
    }
}
