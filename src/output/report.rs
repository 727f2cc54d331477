//! The one line on stderr, and errors. Each is one `write`, so that lines of parallel stages never mix.

use std::io::Write;

use super::format::ErrorFormat;
use crate::broker::{Provided, Source};
use crate::client::ClientId;
use crate::duration::format_duration;
use crate::error::Error;
use crate::time::Timestamp;

/// How much to say on stderr.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    /// Errors only.
    Quiet,
    /// One line.
    Normal,
    /// How it was done.
    Verbose,
    /// Everything that is no secret.
    Debug,
}

/// Writes to stderr.
pub(crate) struct Reporter<'a> {
    level: Level,
    stderr: &'a mut dyn Write,
}

impl<'a> Reporter<'a> {
    /// A reporter that says as much as `level` allows.
    pub(crate) fn new(level: Level, stderr: &'a mut dyn Write) -> Self {
        Self { level, stderr }
    }

    /// Writes `text` as a line of its own, at `level` or above.
    pub(crate) fn say(&mut self, level: Level, text: impl FnOnce() -> String) {
        if self.level >= level {
            write_line(self.stderr, &text());
        }
    }

    /// Where the token came from and why, with every warning, in one line.
    pub(crate) fn provided(
        &mut self,
        provided: &Provided,
        client: &ClientId,
        host: &str,
        warnings: &[String],
        now: Timestamp,
    ) {
        self.say(Level::Normal, || {
            let (verb, reason) = match provided.source {
                Source::Reused => ("reused", String::new()),
                Source::Waited(waited) => {
                    ("reused", format!(" (waited {:.1}s for another process)", waited.as_secs_f64()))
                }
                Source::Fetched(reason) => ("fetched", format!(" ({reason})")),
            };
            let left = provided.token.lifetime.map_or_else(
                || "of unknown lifetime".to_owned(),
                |lifetime| format!("{} left", format_duration(lifetime.remaining(now))),
            );
            let line = format!("{verb} token of client {client} at {host}, {left}{reason}");
            with_warnings(line, warnings.iter().chain(&provided.warnings))
        });
    }

    /// What was done to a cached token, with every warning, in one line.
    pub(crate) fn done(&mut self, sentence: String, warnings: &[String]) {
        self.say(Level::Normal, || with_warnings(sentence, warnings));
    }

    /// The same for a bound token that was reused, whose time left may be unknown.
    pub(crate) fn bound(&mut self, left: Option<std::time::Duration>, warnings: &[String]) {
        self.say(Level::Normal, || {
            let left = left.map_or_else(String::new, |left| format!(", {} left", format_duration(left)));
            with_warnings(format!("reused the bound token{left}"), warnings)
        });
    }
}

fn with_warnings<'a>(line: String, warnings: impl IntoIterator<Item = &'a String>) -> String {
    warnings.into_iter().fold(line, |line, warning| line + "; warning: " + warning)
}

/// Writes an error in `format`.
pub(crate) fn report_error(error: &Error, format: ErrorFormat, stderr: &mut dyn Write) {
    match format {
        ErrorFormat::Text => write_line(stderr, &format!("error: {error}")),
        ErrorFormat::Json => {
            let _ = stderr.write_all((error.to_json() + "\n").as_bytes());
        }
    }
}

fn write_line(stderr: &mut dyn Write, text: &str) {
    // Without stderr there is no way left to report anything.
    let _ = stderr.write_all(["genesys-token: ", text, "\n"].concat().as_bytes());
}
