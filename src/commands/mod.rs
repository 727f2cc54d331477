//! One file per verb, and the way into them.

mod bind;
mod clear;
mod completions;
mod doctor;
mod evict;
mod exec;
mod get;
mod invalidate;
mod man;
mod obtain;
mod regions;
mod revoke;
mod status;

use std::ffi::OsString;
use std::io::{self, Read, Write};

use clap::error::ErrorKind;

use crate::cli::{self, ErrorFormat, Verb};
use crate::env::Env;
use crate::error::{Category, Error, Result};
use crate::exec::CoreLimit;
use crate::output::report;
use crate::random::Random;
use crate::secret;
use crate::time::Clock;

/// Everything outside of the program.
pub struct World<'a> {
    /// Environment variables.
    pub env: Env<'a>,
    /// Where a secret may come from.
    pub stdin: &'a mut dyn Read,
    /// For the answer alone.
    pub stdout: &'a mut dyn Write,
    /// For everything else.
    pub stderr: &'a mut dyn Write,
    /// The time.
    pub clock: &'a dyn Clock,
    /// Salts and jitter.
    pub random: &'a dyn Random,
    /// The limit on core dumps before we switched them off for ourselves.
    pub core_limit: CoreLimit,
}

/// Runs the program and returns its exit code.
pub fn run(args: impl IntoIterator<Item = OsString>, world: &mut World) -> u8 {
    let args: Vec<OsString> = args.into_iter().collect();
    let verb = match cli::parse(&args) {
        Ok(verb) => verb,
        Err(problem) => return unparsed(&args, &problem, world),
    };
    let (outcome, log) = match &verb {
        Verb::Get(args) => (get::run(args, world), Some(&args.ask.client.log)),
        Verb::Bind(args) => (bind::run(args, world), Some(&args.ask.client.log)),
        Verb::Exec(args) => (exec::run(args, world), Some(&args.ask.client.log)),
        Verb::Doctor(args) => (doctor::run(args, world), Some(&args.client.log)),
        Verb::Status(args) => (status::run(args, world), Some(&args.log)),
        Verb::Invalidate(args) => (invalidate::run(args, world), Some(&args.client.log)),
        Verb::Revoke(args) => (revoke::run(args, world), Some(&args.client.log)),
        Verb::Clear(args) => (clear::run(args, world), Some(&args.log)),
        Verb::Regions(args) => (regions::run(args, world), None),
        Verb::Completions(args) => (completions::run(args, world), None),
        Verb::Man => (man::run(world), None),
    };
    let error_format = log.and_then(|log| log.error_format).unwrap_or_default();
    outcome.unwrap_or_else(|error| fail(&error, error_format, world))
}

fn fail(error: &Error, format: ErrorFormat, world: &mut World) -> u8 {
    report::error(error, format, world.stderr);
    error.category.exit_code()
}

/// Help and version are answers; anything else is a usage error in the form the caller can read, which he
/// said in the very arguments that could not be parsed.
fn unparsed(args: &[OsString], problem: &clap::Error, world: &mut World) -> u8 {
    if !problem.use_stderr() {
        return answer(world, &problem.to_string())
            .map_or_else(|e| fail(&e, ErrorFormat::Text, world), |()| 0);
    }
    if problem.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        // A call without a verb asks what there is.
        let _ = world.stderr.write_all(problem.to_string().as_bytes());
        return Category::Usage.exit_code();
    }
    let ours = args.iter().map_while(|arg| (arg != "--").then(|| arg.to_string_lossy()));
    let has = |long: &str, value: Option<&str>| {
        let mut previous = false;
        ours.clone().any(|arg| {
            let joined = arg.strip_prefix(long).and_then(|rest| rest.strip_prefix('='));
            let hit = match value {
                Some(value) => joined == Some(value) || (previous && arg == value),
                None => joined.is_some() || arg == long,
            };
            previous = arg == long;
            hit
        })
    };
    let error = usage_error(problem, args);
    if has("--for-step", None) {
        return bind::tell_step(&error, world);
    }
    let json = has("--error-format", Some("json"));
    fail(&error, if json { ErrorFormat::Json } else { ErrorFormat::Text }, world)
}

/// Clap's first paragraph says what is wrong; the usage and the tips after it say what to do. It quotes the arguments.
fn usage_error(problem: &clap::Error, args: &[OsString]) -> Error {
    let args = args.iter().filter_map(|arg| arg.to_str()).flat_map(|arg| arg.split('='));
    let text = args
        .filter(|arg| secret::may_be_one(arg))
        .fold(problem.to_string(), |text, secret| text.replace(secret, "****"));
    let text = text.trim().trim_start_matches("error: ");
    let (message, hint) = text.split_once("\n\n").unwrap_or((text, "try --help"));
    let in_one_line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    Error::new(Category::Usage, in_one_line(message)).hint(in_one_line(hint))
}

/// Writes an answer to stdout. A reader who has gone away has what he wanted.
fn answer(world: &mut World, text: &str) -> Result<()> {
    match write_whole(world.stdout, text) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Error::internal(format!("cannot write the answer: {error}"))
                .hint("stdout may be on a full disk"))
        }
        _ => Ok(()),
    }
}

fn write_whole(stdout: &mut dyn Write, text: &str) -> io::Result<()> {
    stdout.write_all(text.as_bytes())?;
    stdout.flush()
}
