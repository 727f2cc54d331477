//! Everything outside of the program, injected: a test or another program can run all of it in its own world.

use std::ffi::OsString;
use std::io::{self, IsTerminal as _, Read, Write};
use std::path::PathBuf;

use zeroize::Zeroizing;

use crate::environment::Environment;
use crate::platform::CoreLimit;
use crate::random::Random;
use crate::time::Clock;

/// Everything outside of the program.
pub struct World<'a> {
    /// Environment variables.
    pub environment: Environment<'a>,
    /// What the machine says when asked.
    pub machine: &'a dyn Machine,
    /// Where a secret or a token may come from.
    pub stdin: &'a mut dyn Read,
    /// For the answer alone.
    pub stdout: &'a mut dyn Write,
    /// For everything else, also by the thread that says what is waited for.
    pub stderr: &'a mut (dyn Write + Send),
    /// The time.
    pub clock: &'a dyn Clock,
    /// Salts and jitter.
    pub random: &'a dyn Random,
    /// The limit on core dumps before this process lowered it.
    pub core_limit: CoreLimit,
}

/// What the machine says when asked. A hit asks for the user's cache directory at most.
pub trait Machine: Sync {
    /// The user's cache directory, where the platform has one.
    fn user_cache_dir(&self) -> Option<PathBuf>;

    /// The path of this program.
    ///
    /// # Errors
    /// The system does not say.
    fn program(&self) -> io::Result<PathBuf>;

    /// Whether stdout is a terminal.
    fn stdout_is_terminal(&self) -> bool;

    /// Whether stderr is a terminal.
    fn stderr_is_terminal(&self) -> bool;
}

/// The names of all variables of this process that have a value.
pub fn variable_names() -> Vec<OsString> {
    // The system copies the values as well.
    let variables =
        std::env::vars_os().map(|(name, value)| (name, Zeroizing::new(value.into_encoded_bytes())));
    variables.filter(|(_, value)| !value.is_empty()).map(|(name, _)| name).collect()
}

/// The machine that this process runs on.
#[derive(Clone, Copy, Debug)]
pub struct ThisMachine;

impl Machine for ThisMachine {
    fn user_cache_dir(&self) -> Option<PathBuf> {
        directories::BaseDirs::new().map(|dirs| dirs.cache_dir().to_owned())
    }

    fn program(&self) -> io::Result<PathBuf> {
        std::env::current_exe()
    }

    fn stdout_is_terminal(&self) -> bool {
        io::stdout().is_terminal()
    }

    fn stderr_is_terminal(&self) -> bool {
        io::stderr().is_terminal()
    }
}
