//! Calls in the process of the test, in a world that the test makes.

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::PathBuf;

use genesys_token::commands;
use genesys_token::environment::Environment;
use genesys_token::platform::CoreLimit;
use genesys_token::random::SystemRandom;
use genesys_token::time::{Clock, SystemClock};
use genesys_token::world::{Machine, World};

use super::call::{Call, PROGRAM};
use super::done::Done;

/// A machine that says what the test wants.
#[derive(Default)]
pub struct FakeMachine {
    /// `None` when asking for it is a mistake.
    pub user_cache_dir: Option<PathBuf>,
    pub stdout_is_terminal: bool,
    pub stderr_is_terminal: bool,
}

impl Machine for FakeMachine {
    fn user_cache_dir(&self) -> Option<PathBuf> {
        Some(self.user_cache_dir.clone().expect("this call has no use for the user's cache directory"))
    }

    fn program(&self) -> io::Result<PathBuf> {
        Ok(PROGRAM.into())
    }

    fn stdout_is_terminal(&self) -> bool {
        self.stdout_is_terminal
    }

    fn stderr_is_terminal(&self) -> bool {
        self.stderr_is_terminal
    }
}

/// Runs a call on `machine`. It must end with this exit code, and print what is expected.
#[track_caller]
pub fn run(call: &Call, machine: &FakeMachine, code: i32) -> Done {
    let mut stderr = Vec::new();
    let (actual, stdout) = run_at(call, machine, &SystemClock::start(), &mut stderr);
    let done = Done::new(actual, stdout, &String::from_utf8(stderr).expect("UTF-8"));
    call.check(&done, code);
    done
}

/// Runs a call on `machine` by this clock. Returns its exit code and what it wrote to stdout.
pub fn run_at(
    call: &Call,
    machine: &FakeMachine,
    clock: &dyn Clock,
    stderr: &mut (dyn Write + Send),
) -> (i32, String) {
    let command = call.clone().into_command();
    let args = [command.get_program()].into_iter().chain(command.get_args()).map(OsString::from);
    let lookup = |name: &str| {
        let mut variables = command.get_envs();
        variables.find(|(variable, _)| *variable == name).and_then(|(_, value)| value).map(OsString::from)
    };
    let mut stdout = Vec::new();
    let mut world = World {
        environment: Environment::new(&lookup),
        machine,
        stdin: &mut io::empty(),
        stdout: &mut stdout,
        stderr,
        clock,
        random: &SystemRandom::default(),
        core_limit: CoreLimit::default(),
    };
    let code = commands::run(args, &mut world);
    (code, String::from_utf8(stdout).expect("UTF-8"))
}
