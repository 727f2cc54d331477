//! Which signals reach the command, and how often.
//!
//! Handlers are installed before the command starts, and signals that arrive before it has started are forwarded
//! afterwards, so none is lost. Everything happens in one thread, which also reaps the child: a signal can
//! never hit a process that got its number afterwards.

use std::io;
use std::os::raw::c_int;
use std::process::ExitStatus;

use libc::{SIGCHLD, SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGUSR1, SIGUSR2, SIGWINCH};
use rustix::process::{Pid, Signal};
use signal_hook::iterator::SignalsInfo;
use signal_hook::iterator::exfiltrator::origin::WithOrigin;

use super::children::{Change, next_change};
use super::group::Group;
use crate::platform::unix::raw::{self, Blocked};

/// The forwarded signals, and why:
///
/// - HUP, INT, QUIT, TERM: a request to end us is meant for the command.
/// - USR1, USR2: their meaning is the command's, as in "print your progress".
/// - WINCH: the command may ask the terminal for its size, for example through stdin.
/// - CONT: `timeout` and shells send it along, so that a stopped command gets the others.
///
/// Also TSTP, to a command in a group of its own: Ctrl-Z after `fg` reaches us alone.
///
/// Not forwarded: PIPE, since the command gets its own; TTIN and TTOU, which a terminal sends to who uses it; ALRM and
/// the like, which no process sends to another.
const FORWARDED: [c_int; 8] = [SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGWINCH, SIGCONT];

/// The signals that would end us without our handler.
const ENDING: [c_int; 6] = [SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2];

/// Receives the signals that are meant for the command.
pub(super) struct Relay {
    signals: SignalsInfo<WithOrigin>,
    before: Dispositions,
    policy: Policy,
}

/// What happened to signals when we started: the command inherits that.
#[derive(Clone)]
pub(super) struct Dispositions {
    ignored: Vec<c_int>,
    blocked: Blocked,
}

impl Dispositions {
    /// Restores them in the command's process. System calls alone: safe between `fork` and `exec`.
    pub(super) fn restore(&self) {
        for &signal in &self.ignored {
            raw::ignore(signal);
        }
        raw::set_blocked(&self.blocked);
    }
}

impl Relay {
    /// Installs the handlers, also for signals that are ignored (`nohup`, a background job): the command inherits that
    /// it ignores them, but may handle them all the same, and then has to get them.
    pub(super) fn install(group: &Group) -> io::Result<Self> {
        let forwarded = FORWARDED.into_iter().chain(group.stops_alone().then_some(SIGTSTP));
        let ignored = forwarded.clone().filter(|&signal| raw::is_ignored(signal)).collect();
        // CHLD wakes us up when the command ends. It must not be ignored, or the exit code would be lost.
        let awaited: Vec<c_int> = forwarded.chain([SIGCHLD]).collect();
        let signals = SignalsInfo::new(&awaited)?;
        // A careless parent may have left them blocked; for the command they are restored.
        let blocked = raw::unblock(&awaited);
        Ok(Self { signals, before: Dispositions { ignored, blocked }, policy: Policy::default() })
    }

    /// What happened to signals when we started.
    pub(super) fn before(&self) -> &Dispositions {
        &self.before
    }

    /// Forwards signals until the process `command` ends. After that they are for us, while we may still wait for a slow
    /// reader.
    pub(super) fn wait(mut self, command: Pid, group: &Group) -> io::Result<ExitStatus> {
        // A signal that arrived before the command had started has missed it, wherever it came from.
        for origin in self.signals.pending() {
            self.policy.forward(origin.signal, true, command, group);
        }
        loop {
            match next_change(command)? {
                Some(Change::Ended(status)) => {
                    group.ended(command);
                    self.release();
                    return Ok(status);
                }
                Some(Change::Stopped(signal)) => group.stopped(command, signal),
                None => {
                    for origin in self.signals.wait() {
                        self.policy.forward(origin.signal, origin.process.is_some(), command, group);
                    }
                }
            }
        }
    }

    fn release(&self) {
        for signal in ENDING {
            if self.before.ignored.contains(&signal) {
                raw::ignore(signal);
            } else {
                raw::restore_default(signal);
            }
        }
    }
}

/// What is remembered of the signals so far.
#[derive(Default)]
struct Policy {
    term_was_sent: bool,
}

impl Policy {
    fn forward(&mut self, signal: c_int, by_a_process: bool, command: Pid, group: &Group) {
        if self.is_due(signal, by_a_process, group)
            && let Some(signal) = Signal::from_named_raw(signal)
        {
            group.send(command, signal);
        }
    }

    fn is_due(&mut self, signal: c_int, by_a_process: bool, group: &Group) -> bool {
        match signal {
            SIGCHLD => false,
            // Many commands clean up on the first TERM and give up on the second, and one request often comes
            // twice: `timeout` signals its child and then its group.
            SIGTERM => !std::mem::replace(&mut self.term_was_sent, true),
            // No process sent it: Ctrl-C, Ctrl-\ or a new window size, which the terminal signals to the whole
            // foreground. HUP is not among them: the kernel may signal a lost terminal to the session leader
            // alone.
            SIGINT | SIGQUIT | SIGWINCH => by_a_process || matches!(group, Group::Own(_)),
            _ => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHARED: &Group = &Group::Ours;
    const OWN: &Group = &Group::Own(None);

    #[test]
    fn term_is_forwarded_once() {
        let mut policy = Policy::default();
        assert!(policy.is_due(SIGTERM, true, OWN));
        assert!(!policy.is_due(SIGTERM, true, OWN));
        assert!(policy.is_due(SIGINT, true, OWN) && policy.is_due(SIGINT, true, OWN));
    }

    #[test]
    fn a_signal_from_the_terminal_to_the_whole_group_is_not_forwarded() {
        for signal in [SIGINT, SIGQUIT, SIGWINCH] {
            assert!(!Policy::default().is_due(signal, false, SHARED));
            assert!(Policy::default().is_due(signal, true, SHARED));
            assert!(Policy::default().is_due(signal, false, OWN));
        }
        assert!(Policy::default().is_due(SIGHUP, false, SHARED));
    }

    #[test]
    fn the_end_of_a_child_is_not_forwarded() {
        assert!(!Policy::default().is_due(SIGCHLD, true, OWN));
    }
}
