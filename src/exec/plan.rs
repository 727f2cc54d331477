//! What to run, and how it ended.

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::Path;
use std::process::Command;

use crate::error::Error;
use crate::mask::Masker;
use crate::platform::{CoreLimit, fixes};
use crate::secret::displayed_path;

/// The exit code for a command that exists but can't be executed, as in a shell.
const NOT_EXECUTABLE: i32 = 126;

/// The exit code for a command that does not exist, as in a shell.
const NOT_FOUND: i32 = 127;

/// What to run, and how.
pub(crate) struct Plan {
    /// The program and its arguments.
    pub(crate) command: Vec<OsString>,
    /// Environment variables that the command gets.
    pub(crate) set: Vec<(&'static str, OsString)>,
    /// Environment variables that the command does not get.
    pub(crate) remove: Vec<&'static str>,
    /// What to mask in the command's output; without it the command replaces this process.
    pub(crate) masking: Option<Masker>,
    /// The limit on core dumps, to be restored for the command.
    pub(crate) core_limit: CoreLimit,
}

/// How a command ended.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// The command ran and ended with this exit code: of 8 bits, and 128 + n for signal n, on Unix; of 32 bits on Windows.
    Ended(i32),
    /// The command could not be started. The exit code is a shell's, not that of the error's category.
    NotStarted { exit_code: i32, error: Error },
}

impl Plan {
    /// `argv` with the environment that the command is to have.
    pub(super) fn to_command(&self, argv: &[OsString]) -> Command {
        let mut command = Command::new(&argv[0]);
        command.args(&argv[1..]);
        for variable in &self.remove {
            command.env_remove(variable);
        }
        for (variable, value) in &self.set {
            command.env(variable, value);
        }
        command
    }

    /// A failed start in a shell's exit codes and in plain words.
    pub(super) fn not_started(&self, cause: &io::Error) -> Outcome {
        not_started(&self.command[0], cause)
    }
}

fn not_started(program: &OsStr, cause: &io::Error) -> Outcome {
    let path = Path::new(program);
    let is_path = path.components().count() > 1 || path.is_absolute();
    let (exit_code, reason, fix) = match cause.kind() {
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
        io::ErrorKind::PermissionDenied | io::ErrorKind::IsADirectory if path.is_dir() => {
            (NOT_EXECUTABLE, "it is a directory".to_owned(), "name a program in it")
        }
        io::ErrorKind::PermissionDenied => {
            (NOT_EXECUTABLE, "permission denied".to_owned(), fixes::NOT_EXECUTABLE)
        }
        // On Windows alone.
        io::ErrorKind::Unsupported => (
            NOT_EXECUTABLE,
            "it is no program".to_owned(),
            "name the program that runs it: powershell -File SCRIPT.ps1, python SCRIPT.py",
        ),
        io::ErrorKind::InvalidInput => (
            NOT_EXECUTABLE,
            "an argument can't be quoted for it".to_owned(),
            "leave line ends and NUL out of the arguments, or pass the value in a file or a variable",
        ),
        // Windows says so of a command line, Unix of a name.
        io::ErrorKind::InvalidFilename if cfg!(unix) => {
            (NOT_FOUND, "its name is too long".to_owned(), "name an existing program")
        }
        io::ErrorKind::ArgumentListTooLong | io::ErrorKind::InvalidFilename => (
            NOT_EXECUTABLE,
            "its arguments are too long".to_owned(),
            "pass them in a file, or fewer of them at once",
        ),
        _ => (NOT_EXECUTABLE, cause.to_string(), fixes::NO_PROGRAM),
    };
    let message = format!("cannot run {}: {reason}", displayed(program));
    let is_callers_fault = matches!(
        cause.kind(),
        io::ErrorKind::NotFound
            | io::ErrorKind::PermissionDenied
            | io::ErrorKind::IsADirectory
            | io::ErrorKind::Unsupported
            | io::ErrorKind::InvalidInput
    );
    let error = if is_callers_fault { Error::usage(message) } else { Error::internal(message) };
    Outcome::NotStarted { exit_code, error: error.fix(fix) }
}

/// A program as messages name it.
pub(super) fn displayed(program: &OsStr) -> String {
    format!("`{}`", displayed_path(Path::new(program)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exit_code(program: &str, cause: io::ErrorKind) -> i32 {
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
}
