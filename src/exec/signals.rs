//! Which signals reach the command, and how often.
//!
//! Handlers are installed before the command starts, and what came in before it had started is handed on
//! afterwards, so none is lost. Everything happens in one thread, which also collects the child: a signal can
//! never hit a process that got its number afterwards.

use std::io;
use std::os::raw::c_int;
use std::process::{Child, ExitStatus};

use libc::{SIGCHLD, SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGWINCH};
use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use signal_hook::iterator::SignalsInfo;
use signal_hook::iterator::exfiltrator::origin::WithOrigin;

use super::raw::{self, Blocked};

/// What is handed on, and why:
///
/// - HUP, INT, QUIT, TERM: whoever wants us to end means the command.
/// - USR1, USR2: their meaning is the command's, as in "print your progress".
/// - WINCH: the command may ask the terminal for its size, for example through stdin.
/// - CONT: `timeout` and shells send it along, for a command that is stopped to get the others.
///
/// Not handed on: PIPE, since the command gets its own; TSTP, TTIN and TTOU, which a terminal sends to all of
/// its foreground; ALRM and the like, which nobody sends to another.
const HANDED_ON: [c_int; 8] = [SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGWINCH, SIGCONT];

/// Those that would end us but for our handler.
const ENDING: [c_int; 6] = [SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2];

/// Who gets the signals.
#[derive(Clone, Copy)]
pub(super) enum Target {
    /// The command alone: it is in our process group, and what the terminal sends it has already.
    Process(Pid),
    /// The process group of the command, in which we are not.
    Group(Pid),
}

/// Takes the signals that are meant for the command.
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
        let handled: Vec<c_int> = HANDED_ON.into_iter().filter(|&signal| !raw::is_ignored(signal)).collect();
        // CHLD wakes us up when the command ends. It must not be ignored, or its exit code would be lost.
        let awaited: Vec<c_int> = handled.iter().copied().chain([SIGCHLD]).collect();
        let signals = SignalsInfo::new(&awaited)?;
        // A careless parent may have left them blocked; the command gets them as they were.
        let blocked_before = raw::unblock(&awaited);
        Ok(Self { signals, handled, blocked_before, policy: Policy::default() })
    }

    /// The signals that were blocked when we started.
    pub(super) fn blocked_before(&self) -> Blocked {
        self.blocked_before
    }

    /// Hands signals on until the command ends. From then on they mean us, who may still be waiting for a
    /// reader.
    pub(super) fn wait(mut self, child: &mut Child, target: Target) -> io::Result<ExitStatus> {
        // Whatever came before the command had started went past it, wherever it came from.
        for origin in self.signals.pending() {
            self.policy.hand_on(origin.signal, true, target);
        }
        loop {
            if let Some(status) = child.try_wait()? {
                self.release();
                return Ok(status);
            }
            for origin in self.signals.wait() {
                self.policy.hand_on(origin.signal, origin.process.is_some(), target);
            }
        }
    }

    fn release(&self) {
        for &signal in self.handled.iter().filter(|signal| ENDING.contains(signal)) {
            raw::restore_default(signal);
        }
    }
}

/// What has to be remembered of the signals so far.
#[derive(Default)]
struct Policy {
    term_was_sent: bool,
}

impl Policy {
    fn hand_on(&mut self, signal: c_int, by_a_process: bool, target: Target) {
        if !self.is_due(signal, by_a_process, target) {
            return;
        }
        let Some(signal) = Signal::from_named_raw(signal) else { return };
        // The only failure is a command that has just become another user's, such as sudo, or has just ended.
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
            // No process sent it: Ctrl-C, Ctrl-\ or a new window size, which the terminal tells the whole
            // foreground. HUP is not among them: of a lost terminal the kernel may tell the session leader
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
    fn term_is_handed_on_once() {
        let mut policy = Policy::default();
        assert!(policy.is_due(SIGTERM, true, OWN));
        assert!(!policy.is_due(SIGTERM, true, OWN));
        assert!(policy.is_due(SIGINT, true, OWN) && policy.is_due(SIGINT, true, OWN));
    }

    #[test]
    fn what_the_terminal_told_the_whole_group_is_not_told_again() {
        for signal in [SIGINT, SIGQUIT, SIGWINCH] {
            assert!(!Policy::default().is_due(signal, false, SHARED));
            assert!(Policy::default().is_due(signal, true, SHARED));
            assert!(Policy::default().is_due(signal, false, OWN));
        }
        assert!(Policy::default().is_due(SIGHUP, false, SHARED));
    }

    #[test]
    fn a_dead_child_is_nobodys_business() {
        assert!(!Policy::default().is_due(SIGCHLD, true, OWN));
    }
}
