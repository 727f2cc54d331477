//! Arguments that clap did not turn into a call: help and version, which are answers, and usage errors.

use std::ffi::OsString;

use clap::error::ErrorKind;

use super::bind;
use super::print::print;
use crate::error::{Category, Error};
use crate::output::{ErrorFormats, LineFormat, report_error};
use crate::secret::{self, REDACTED};
use crate::world::World;

/// Prints help or version, or reports the usage error in the format that the arguments ask for, unparsed as they are.
/// Returns the exit code.
pub(super) fn answer(args: &[OsString], problem: &clap::Error, world: &mut World) -> i32 {
    if !problem.use_stderr() {
        return match print(world, &problem.to_string()) {
            Ok(()) => 0,
            Err(error) => fail(&error, ErrorFormats::default(), world),
        };
    }
    if problem.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        // A call without a verb wants to know the verbs.
        let _ = world.stderr.write_all(problem.to_string().as_bytes());
        return Category::Usage.exit_code();
    }
    let error = usage_error(problem, args);
    if has_flag(args, "--for-step", None) {
        return bind::answer_step(&error, world);
    }
    let format = |flag| if has_flag(args, flag, Some("json")) { LineFormat::Json } else { LineFormat::Text };
    fail(&error, ErrorFormats { log: format("--log-format"), error: format("--error-format") }, world)
}

fn fail(error: &Error, formats: ErrorFormats, world: &mut World) -> i32 {
    report_error(error, formats, world);
    error.category.exit_code()
}

/// Whether the arguments before `--` have the flag `long`, with `value` if that is given.
fn has_flag(args: &[OsString], long: &str, value: Option<&str>) -> bool {
    let own = args.iter().map_while(|arg| (arg != "--").then(|| arg.to_string_lossy()));
    let mut follows_flag = false;
    for arg in own {
        let joined = arg.strip_prefix(long).and_then(|rest| rest.strip_prefix('='));
        let is_hit = match value {
            Some(value) => joined == Some(value) || (follows_flag && arg == value),
            None => joined.is_some() || arg == long,
        };
        if is_hit {
            return true;
        }
        follows_flag = arg == long;
    }
    false
}

/// Clap's first paragraph says what is wrong; the tips and the usage after it say what to do. It quotes the arguments.
fn usage_error(problem: &clap::Error, args: &[OsString]) -> Error {
    // A password may have the sign in it that divides a flag from its value.
    let values = args.iter().filter_map(|arg| arg.to_str()).flat_map(|arg| {
        let value = arg.split_once('=').map(|(_, value)| value);
        [Some(arg), value].into_iter().flatten().chain(arg.split('='))
    });
    let text = values
        .filter(|arg| secret::may_be_secret(arg) || secret::has_password(arg))
        .fold(problem.to_string(), |text, secret| text.replace(secret, REDACTED));
    let in_one_line = |text: &str| secret::visible(text.split_whitespace().collect::<Vec<_>>().join(" "));
    let mut paragraphs = text.trim().trim_start_matches("error: ").split("\n\n").map(in_one_line);
    let message = paragraphs.next().unwrap_or_default();
    let hints: Vec<String> = paragraphs.map(|hint| hint_in_our_words(&hint)).collect();
    hints.into_iter().fold(Error::usage(message), Error::fix)
}

/// Our hints are lower case, without a label and a full stop.
fn hint_in_our_words(hint: &str) -> String {
    let hint = hint.trim_start_matches("tip: ").replace("Usage: ", "usage: ");
    hint.replace("For more information, try '--help'.", "--help says more")
}
