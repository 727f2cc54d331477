//! Runs a command with the token in its environment and out of its output.
//!
//! There are two ways:
//!
//! - **Without masking** the command replaces this process, so that nothing is left to tell the two apart.
//! - **With masking** the command is a child. Its stdin is ours; its stdout and stderr come through pipes and
//!   a [`Filter`](crate::mask::Filter) each, or through one of both when ours are the same file,
//!   since their order is lost in two. Signals are handed on, and the exit code is handed back. When nobody
//!   reads our stdout any more, nobody reads the command's either, so that it ends as it would in a plain
//!   pipe.
//!
//! The command's end is the end: a grandchild that it left behind with our pipes open is listened to for
//! [`DRAIN`] at most, but what the command itself has written always arrives, however slow the reader.
//!
//! # Limitations
//!
//! - **A masked command sees a pipe, never a terminal**, so it may leave out colours and progress bars.
//! - **Only Linux ends the command when this process is killed with `SIGKILL`**; elsewhere it runs on.
//! - **In the foreground of a terminal, `kill` of the whole process group reaches the command twice**, from
//!   the sender and from us: nothing tells a signal to the group from one to us alone.
//! - **Whoever kills our process group with `SIGKILL` does not reach the command's children**: outside of a terminal
//!   the command has a group of its own, and only the command itself dies with us. Jenkins finds them by their
//!   environment.
//! - **Signals are not handed on where there are none** (Windows): there the console tells both processes.

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::error::{Error, Result};
use crate::mask::Masker;

#[cfg(not(unix))]
mod portable;
#[cfg(unix)]
mod pump;
#[cfg(unix)]
#[allow(unsafe_code)]
mod raw;
#[cfg(unix)]
mod signals;
#[cfg(unix)]
mod unix;

#[cfg(not(unix))]
use portable as platform;
#[cfg(unix)]
use unix as platform;

pub use platform::{CoreLimit, disable_core_dumps, outlive_file_size_limit};

/// How long to listen, after the command's end, to processes it left behind: long enough for the last words
/// of a pipeline that is ending with it, short enough that a daemon it started does not hold a build.
pub const DRAIN: Duration = Duration::from_secs(1);

/// What a read takes at most: large enough that system calls cost nothing beside the copying, and still
/// within a core's cache.
const CHUNK: usize = 256 * 1024;

/// The exit code for a command that is there but cannot be run, as in a shell.
const NOT_EXECUTABLE: u8 = 126;

/// The exit code for a command that is not there, as in a shell.
const NOT_FOUND: u8 = 127;

/// What to run, and how.
pub struct Plan {
    /// The program and its arguments.
    pub command: Vec<OsString>,
    /// Environment variables the command gets.
    pub set: Vec<(String, OsString)>,
    /// Environment variables the command does not get.
    pub remove: Vec<String>,
    /// What to hide in the command's output; without it the command replaces this process.
    pub masking: Option<Masker>,
    /// The limit on core dumps that [`disable_core_dumps`] replaced, for the command to have again.
    pub core_limit: CoreLimit,
}

/// How it went.
#[derive(Debug)]
pub enum Outcome {
    /// The command ran and ended with this exit code, which is 128 + n for signal n.
    Ended(u8),
    /// The command could not be started. The exit code is a shell's, so it is none of the error's category.
    NotStarted {
        /// 127 when there is no such command, 126 when it cannot be executed.
        exit_code: u8,
        /// The reason, for the user.
        error: Error,
    },
}

/// Runs the command to its end, or, without masking, becomes it.
///
/// To be called from the main thread: on Linux the command does not outlive the thread that started it.
///
/// # Errors
///
/// `usage` for an empty command; `internal` when the command's output could not be passed on, for example to
/// a full disk. A closed pipe is no error: the command notices it itself.
pub fn run(plan: &Plan) -> Result<Outcome> {
    if plan.command.is_empty() {
        return Err(
            Error::usage("no command to run").hint("name it after `--`: genesys-token exec -- CMD ARGS")
        );
    }
    match &plan.masking {
        Some(masker) => platform::supervise(plan, masker).map_err(|error| {
            Error::internal(format!("cannot pass on the output of {}: {error}", name(&plan.command[0])))
                .hint("our own stdout may be on a full disk, or ulimit -a too low for pipes and threads")
        }),
        None => platform::replace(plan),
    }
}

/// `argv` with the environment it is to have.
fn command(plan: &Plan, argv: &[OsString]) -> Command {
    let mut command = Command::new(&argv[0]);
    command.args(&argv[1..]);
    for variable in &plan.remove {
        command.env_remove(variable);
    }
    for (variable, value) in &plan.set {
        command.env(variable, value);
    }
    command
}

/// A failed start in a shell's exit codes and in plain words.
fn not_started(program: &OsStr, cause: &io::Error) -> Outcome {
    let path = Path::new(program);
    let is_path = path.components().count() > 1 || path.is_absolute();
    let (exit_code, reason, hint) = match cause.kind() {
        io::ErrorKind::NotFound if !is_path => (
            NOT_FOUND,
            "no such command on PATH".to_owned(),
            "check the spelling and PATH; exec runs programs, not shell built-ins",
        ),
        io::ErrorKind::NotFound if path.exists() => (
            NOT_FOUND,
            "its interpreter is missing".to_owned(),
            "look at the file's `#!` line; a CR at its end is enough",
        ),
        io::ErrorKind::NotFound => {
            (NOT_FOUND, "no such file".to_owned(), "check the path and the working directory")
        }
        io::ErrorKind::PermissionDenied if path.is_dir() => {
            (NOT_EXECUTABLE, "it is a directory".to_owned(), "name a program in it")
        }
        io::ErrorKind::PermissionDenied => {
            (NOT_EXECUTABLE, "permission denied".to_owned(), "make the file executable: chmod +x")
        }
        _ => (
            NOT_EXECUTABLE,
            cause.to_string(),
            "the file may be no program for this machine, or ulimit -a too low for one more",
        ),
    };
    let message = format!("cannot run {}: {reason}", name(program));
    let is_the_caller_s = matches!(cause.kind(), io::ErrorKind::NotFound | io::ErrorKind::PermissionDenied);
    let error = if is_the_caller_s { Error::usage(message) } else { Error::internal(message) };
    Outcome::NotStarted { exit_code, error: error.hint(hint) }
}

fn name(program: &OsStr) -> String {
    format!("`{}`", program.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exit_code(program: &str, cause: io::ErrorKind) -> u8 {
        match not_started(OsStr::new(program), &cause.into()) {
            Outcome::NotStarted { exit_code, error } => {
                assert!(error.message.contains(program), "{error}");
                exit_code
            }
            Outcome::Ended(code) => panic!("ended with {code}"),
        }
    }

    #[test]
    fn a_failed_start_has_a_shells_exit_code() {
        assert_eq!(exit_code("nowhere", io::ErrorKind::NotFound), 127);
        assert_eq!(exit_code("./nowhere", io::ErrorKind::NotFound), 127);
        assert_eq!(exit_code("/", io::ErrorKind::PermissionDenied), 126);
        assert_eq!(exit_code("prog", io::ErrorKind::ArgumentListTooLong), 126);
    }

    #[test]
    fn an_empty_command_is_a_usage_error() {
        let plan = Plan {
            command: vec![],
            set: vec![],
            remove: vec![],
            masking: None,
            core_limit: CoreLimit::default(),
        };
        assert_eq!(run(&plan).unwrap_err().category, crate::error::Category::Usage);
    }
}
