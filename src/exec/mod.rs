//! Runs a command with the token in its environment and out of its output.
//!
//! There are two ways:
//!
//! - **Without masking** the command replaces this process, so nothing distinguishes the two. On Windows no process can
//!   become another: there the command is a child on our own streams.
//! - **With masking** the command is a child. Its stdin is ours; its stdout and stderr pass through pipes and
//!   a [`Filter`](crate::mask::Filter) each, or through one of both when ours are the same file, since two pipes would
//!   lose their order. Signals are forwarded to the command, and its exit code becomes ours. When the reader of our
//!   stdout is gone, the command's stdout is closed too, so that it ends as it would in a plain pipe.
//!
//! Job control works however the call was started: see `unix/group.rs`. As process 1 of a container it reaps orphans.
//!
//! The call ends when the command ends: a grandchild that still holds our pipes open is read for [`DRAIN`] at most, but
//! what the command itself has written always arrives, however slow the reader.
//!
//! # Limitations
//!
//! - **A masked command sees a pipe, never a terminal**, so it may leave out colours, progress bars and pagers.
//! - **Only Linux and Windows end the command when this process is killed**, Windows with all that it has started;
//!   elsewhere it runs on.
//! - **A signal to every process of a cgroup reaches the command twice**, from the sender and from us, and in the
//!   foreground of a terminal so does a `kill` of the whole process group: nothing tells a signal to all from one to us
//!   alone.
//! - **A `SIGKILL` to our process group does not reach the command's children**: outside of a terminal the command has a
//!   group of its own, and only the command itself dies with us. Jenkins finds its children by their environment.
//! - **Windows has no signals to forward**: the console tells every process of Ctrl-C, Ctrl-Break and its end. This
//!   process leaves them to the command, outlives it, and passes on its last words and its exit code.

mod interface;
mod plan;
#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
use unix::Unix as System;
#[cfg(windows)]
use windows::Windows as System;

#[cfg(doc)]
use interface::DRAIN;
pub(crate) use plan::{Outcome, Plan};

use crate::error::{Error, Result};
use crate::platform::fixes;
use interface::Supervisor as _;
use plan::displayed;

/// Runs the command to its end, or, without masking, becomes it.
///
/// To be called from the main thread: on Linux the command does not outlive the thread that started it.
///
/// # Errors
/// `usage` for an empty command; `internal` when the command's output could not be written, for example to a full
/// disk. A closed pipe is no error: the command notices it itself.
pub(crate) fn run(plan: &Plan) -> Result<Outcome> {
    if plan.command.is_empty() {
        return Err(
            Error::usage("no command to run").fix("name it after `--`: genesys-token exec -- CMD ARGS")
        );
    }
    match &plan.masking {
        Some(masker) => System::supervise(plan, masker).map_err(|error| {
            Error::internal(format!("cannot pass on the output of {}: {error}", displayed(&plan.command[0])))
                .cause("our own stdout is on a full disk, or a limit too low for pipes and threads")
                .fix(fixes::OUTPUT_NOT_WRITTEN)
        }),
        None => System::replace(plan),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::CoreLimit;

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
