//! The one line on stderr, and errors. Each is one `write`, so that lines of parallel stages never mix.

use std::io::Write;

use crate::broker::{Handed, Source};
use crate::cli::{ErrorFormat, LogArgs};
use crate::client::ClientId;
use crate::env::Env;
use crate::error::{Error, Result};
use crate::time::{Timestamp, humane};

/// How much is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Errors only.
    Quiet,
    /// One line.
    Normal,
    /// And how it was done.
    Verbose,
    /// And everything that is no secret.
    Debug,
}

/// Writes to stderr.
pub struct Reporter<'a> {
    level: Level,
    stderr: &'a mut dyn Write,
}

impl<'a> Reporter<'a> {
    /// A reporter that says as much as flags and environment ask for.
    ///
    /// # Errors
    /// `GENESYS_TOKEN_LOG` is not a level.
    pub fn new(args: &LogArgs, env: &Env, stderr: &'a mut dyn Write) -> Result<Self> {
        Ok(Self { level: level(args, env)?, stderr })
    }

    /// Says `text` in a line of its own, at `level` or above.
    pub fn say(&mut self, level: Level, text: impl FnOnce() -> String) {
        if self.level >= level {
            write_line(self.stderr, &text());
        }
    }

    /// Where the token came from and why, with everything the user should know, in one line.
    pub fn handed(
        &mut self,
        handed: &Handed,
        client: &ClientId,
        host: &str,
        remarks: &[String],
        now: Timestamp,
    ) {
        self.say(Level::Normal, || {
            let (verb, why) = match handed.source {
                Source::Reused => ("reused", String::new()),
                Source::Waited(waited) => {
                    ("reused", format!(" (waited {:.1}s for another process)", waited.as_secs_f64()))
                }
                Source::Fetched(why) => ("fetched", format!(" ({why})")),
            };
            let left = handed.token.lifetime.map_or_else(
                || "of unknown life".to_owned(),
                |lifetime| format!("{} left", humane(lifetime.left(now))),
            );
            let mut line = format!("{verb} token of client {client} at {host}, {left}{why}");
            for remark in remarks.iter().chain(&handed.remarks) {
                line.push_str("; warning: ");
                line.push_str(remark);
            }
            line
        });
    }
}

/// How much flags and environment ask to say.
///
/// # Errors
/// `GENESYS_TOKEN_LOG` is not a level.
pub fn level(args: &LogArgs, env: &Env) -> Result<Level> {
    Ok(match (args.quiet.is_some(), args.verbose) {
        (true, _) => Level::Quiet,
        (false, 0) => match env.text("GENESYS_TOKEN_LOG")?.as_deref() {
            None | Some("normal") => Level::Normal,
            Some("quiet") => Level::Quiet,
            Some("verbose") => Level::Verbose,
            Some("debug") => Level::Debug,
            Some(_) => {
                return Err(Error::usage("the value of GENESYS_TOKEN_LOG is not a level")
                    .hint("write quiet, normal, verbose or debug"));
            }
        },
        (false, 1) => Level::Verbose,
        (false, _) => Level::Debug,
    })
}

/// Writes an error in the form asked for.
pub fn error(error: &Error, format: ErrorFormat, stderr: &mut dyn Write) {
    match format {
        ErrorFormat::Text => write_line(stderr, &format!("error: {error}")),
        ErrorFormat::Json => {
            let _ = stderr.write_all(format!("{}\n", error.to_json()).as_bytes());
        }
    }
}

fn write_line(stderr: &mut dyn Write, text: &str) {
    // Nobody is left to tell when stderr is gone.
    let _ = stderr.write_all(format!("genesys-token: {text}\n").as_bytes());
}
