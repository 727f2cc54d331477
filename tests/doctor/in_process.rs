//! Calls in the process of the test, in a world that the test makes.

use std::ffi::OsString;
use std::io;
use std::path::PathBuf;

use genesys_token::commands;
use genesys_token::environment::Environment;
use genesys_token::platform::CoreLimit;
use genesys_token::random::SystemRandom;
use genesys_token::time::SystemClock;
use genesys_token::world::{Machine, World};

use crate::harness::{Call, Done, PROGRAM};

/// A machine that says what the test wants.
#[derive(Default)]
pub(crate) struct FakeMachine {
    /// `None` when asking for it is a mistake.
    pub(crate) user_cache_dir: Option<PathBuf>,
    pub(crate) stdout_is_terminal: bool,
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
}

/// Runs a call on `machine`. It must end with this exit code, and print what is expected.
#[track_caller]
pub(crate) fn run(call: &Call, machine: &FakeMachine, code: i32) -> Done {
    let command = call.clone().into_command();
    let args = [command.get_program()].into_iter().chain(command.get_args()).map(OsString::from);
    let lookup = |name: &str| {
        let mut variables = command.get_envs();
        variables.find(|(variable, _)| *variable == name).and_then(|(_, value)| value).map(OsString::from)
    };
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    let mut world = World {
        environment: Environment::new(&lookup),
        machine,
        stdin: &mut io::empty(),
        stdout: &mut stdout,
        stderr: &mut stderr,
        clock: &SystemClock::start(),
        random: &SystemRandom::default(),
        core_limit: CoreLimit::default(),
    };
    let actual = commands::run(args, &mut world);
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    let done = Done { code: actual.into(), stdout: text(stdout), stderr: text(stderr) };
    call.check(&done, code);
    done
}
