//! The process group of the command.
//!
//! In the foreground of a terminal it has to be ours, or the command could not read from it, and Ctrl-C and Ctrl-Z would
//! miss it; so would the other commands of a pipeline. Anywhere else the command gets its own, and signals reach it
//! through us alone: a signal to our group, as `timeout` and build agents send it, reaches the command once and not
//! twice.
//!
//! A command in a group of its own may still come to the foreground, when a shell's `fg` puts us there. It gets the
//! terminal once it needs it, and whatever stops it stops us too, since the shell waits for us.

use std::os::raw::c_int;

use libc::{SIGTSTP, SIGTTIN, SIGTTOU};
use rustix::process::{Pid, Signal, getpid, kill_process, kill_process_group};

use super::terminal::Terminal;

/// Which group the command is in.
pub(super) enum Group {
    /// Ours: it gets what the terminal sends.
    Ours,
    /// Its own, in a session that may have a terminal.
    Own(Option<Terminal>),
}

impl Group {
    /// The one that fits how we were started.
    pub(super) fn choose() -> Self {
        match Terminal::open() {
            Some(terminal) if terminal.is_ours() => Self::Ours,
            terminal => Self::Own(terminal),
        }
    }

    /// Whether the command can be stopped without us, although a shell waits for us.
    pub(super) fn stops_alone(&self) -> bool {
        matches!(self, Self::Own(Some(_)))
    }

    /// Sends `signal` to the command whose process is `command`: to all of its group, if that is not ours.
    pub(super) fn send(&self, command: Pid, signal: Signal) {
        // Fails only for a command that has just become another user's, such as sudo, or has just ended.
        let _ = match self {
            Self::Ours => kill_process(command, signal),
            Self::Own(_) => kill_process_group(command, signal),
        };
    }

    /// The command was stopped by `signal`. What needs the terminal gets it while we are in the foreground; else we stop
    /// as well, until the shell continues us. A command that another program stops by `SIGSTOP` is that program's to
    /// continue.
    pub(super) fn stopped(&self, command: Pid, signal: c_int) {
        let Self::Own(Some(terminal)) = self else { return };
        if matches!(signal, SIGTTIN | SIGTTOU) && terminal.is_ours() {
            terminal.give_to(command);
            self.send(command, Signal::CONT);
        } else if matches!(signal, SIGTSTP | SIGTTIN | SIGTTOU) {
            let _ = kill_process(getpid(), Signal::STOP);
        }
    }

    /// The command has ended, and needs the terminal no more.
    pub(super) fn ended(&self, command: Pid) {
        if let Self::Own(Some(terminal)) = self {
            terminal.take_back_from(command);
        }
    }
}
