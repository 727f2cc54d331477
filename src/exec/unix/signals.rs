//! Which signals reach the command, and how often.
//!
//! Handlers are installed before the command starts, and signals that arrive before it has started are forwarded
//! afterwards, so none is lost. Everything happens in one thread, which also reaps the child: a signal can
//! never hit a process that got its number afterwards.

use std::io;
use std::os::raw::c_int;
use std::process::{Child, ExitStatus};

use libc::{SIGCHLD, SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGWINCH};
use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use signal_hook::iterator::SignalsInfo;
use signal_hook::iterator::exfiltrator::origin::WithOrigin;

use crate::platform::unix::raw::{self, Blocked};

/// The forwarded signals, and why:
///
/// - HUP, INT, QUIT, TERM: a request to end us is meant for the command.
/// - USR1, USR2: their meaning is the command's, as in "print your progress".
/// - WINCH: the command may ask the terminal for its size, for example through stdin.
/// - CONT: `timeout` and shells send it along, so that a stopped command gets the others.
///
/// Not forwarded: PIPE, since the command gets its own; TSTP, TTIN and TTOU, which a terminal sends to all of
/// its foreground; ALRM and the like, which no process sends to another.
const FORWARDED: [c_int; 8] = [SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGWINCH, SIGCONT];

/// The signals that would end us without our handler.
const ENDING: [c_int; 6] = [SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2];

/// The receiver of the signals.
#[derive(Clone, Copy)]
pub(super) enum Target {
    /// The command alone: it is in our process group, and has already got what the terminal sends.
    Process(Pid),
    /// The process group of the command, in which we are not.
    Group(Pid),
}

/// Receives the signals that are meant for the command.
pub(super) struct Relay {
    signals: SignalsInfo<WithOrigin>,
    handled: Vec<c_int>,
    blocked_before: Blocked,
    policy: Policy,
}

impl Relay {
    /// Installs the handlers. A signal that is ignored already (`nohup`, a background job) gets none: so it
    /// stays ignored for the command too, since ignored signals are inherited and handlers are not.
    pub(super) fn install() -> io::Result<Self> {
        let handled: Vec<c_int> = FORWARDED.into_iter().filter(|&signal| !raw::is_ignored(signal)).collect();
        // CHLD wakes us up when the command ends. It must not be ignored, or the exit code would be lost.
        let awaited: Vec<c_int> = handled.iter().copied().chain([SIGCHLD]).collect();
        let signals = SignalsInfo::new(&awaited)?;
        // A careless parent may have left them blocked; for the command they are restored.
        let blocked_before = raw::unblock(&awaited);
        Ok(Self { signals, handled, blocked_before, policy: Policy::default() })
    }

    /// The signals that were blocked when we started.
    pub(super) fn blocked_before(&self) -> Blocked {
        self.blocked_before
    }

    /// Forwards signals until the command ends. After that they are for us, while we may still wait for a slow
    /// reader.
    pub(super) fn wait(mut self, child: &mut Child, target: Target) -> io::Result<ExitStatus> {
        // A signal that arrived before the command had started has missed it, wherever it came from.
        for origin in self.signals.pending() {
            self.policy.forward(origin.signal, true, target);
        }
        loop {
            if let Some(status) = child.try_wait()? {
                self.release();
                return Ok(status);
            }
            for origin in self.signals.wait() {
                self.policy.forward(origin.signal, origin.process.is_some(), target);
            }
        }
    }

    fn release(&self) {
        for &signal in self.handled.iter().filter(|signal| ENDING.contains(signal)) {
            raw::restore_default(signal);
        }
    }
}

/// What is remembered of the signals so far.
#[derive(Default)]
struct Policy {
    term_was_sent: bool,
}

impl Policy {
    fn forward(&mut self, signal: c_int, by_a_process: bool, target: Target) {
        if !self.is_due(signal, by_a_process, target) {
            return;
        }
        let Some(signal) = Signal::from_named_raw(signal) else { return };
        // Fails only for a command that has just become another user's, such as sudo, or has just ended.
        let _ = match target {
            Target::Process(pid) => kill_process(pid, signal),
            Target::Group(pid) => kill_process_group(pid, signal),
        };
    }

    fn is_due(&mut self, signal: c_int, by_a_process: bool, target: Target) -> bool {
        match signal {
            SIGCHLD => false,
            // Many commands clean up on the first TERM and give up on the second, and one request often comes
            // twice: `timeout` signals its child and then its group.
            SIGTERM => !std::mem::replace(&mut self.term_was_sent, true),
            // No process sent it: Ctrl-C, Ctrl-\ or a new window size, which the terminal signals to the whole
            // foreground. HUP is not among them: the kernel may signal a lost terminal to the session leader
            // alone.
            SIGINT | SIGQUIT | SIGWINCH => by_a_process || matches!(target, Target::Group(_)),
            _ => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHARED: Target = Target::Process(Pid::INIT);
    const OWN: Target = Target::Group(Pid::INIT);

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
