//! How the command is, and the end of processes that have no other parent.

use std::io;
use std::os::unix::process::ExitStatusExt as _;
use std::process::ExitStatus;

use rustix::process::{Pid, WaitOptions, getpid, wait, waitpid};

/// What has happened to the command.
pub(super) enum Change {
    Ended(ExitStatus),
    /// By this signal.
    Stopped(i32),
}

/// What has happened to the process `command`, our child, if anything has.
///
/// Process 1 of a container inherits all that lose their parent, and nobody else reaps them.
pub(super) fn next_change(command: Pid) -> io::Result<Option<Change>> {
    let options = WaitOptions::NOHANG | WaitOptions::UNTRACED;
    loop {
        let changed = if getpid() == Pid::INIT { wait(options) } else { waitpid(Some(command), options) };
        match changed {
            Ok(Some((process, _))) if process != command => {}
            Ok(Some((_, status))) => {
                let stopped = status.stopping_signal().map(Change::Stopped);
                return Ok(Some(
                    stopped.unwrap_or_else(|| Change::Ended(ExitStatus::from_raw(status.as_raw()))),
                ));
            }
            Ok(None) => return Ok(None),
            Err(error) => return Err(error.into()),
        }
    }
}
