//! The terminal of a session, and the process group in its foreground.

use std::fs::File;

use rustix::process::{Pid, getpgrp};
use rustix::termios::{tcgetpgrp, tcsetpgrp};

use crate::platform::unix::raw;

/// The controlling terminal.
pub(super) struct Terminal(File);

impl Terminal {
    /// None in a session without one, such as a build agent's.
    pub(super) fn open() -> Option<Self> {
        File::open("/dev/tty").ok().map(Self)
    }

    /// Whether our process group is in the foreground.
    pub(super) fn is_ours(&self) -> bool {
        tcgetpgrp(&self.0).is_ok_and(|foreground| foreground == getpgrp())
    }

    /// Puts `group` into the foreground in place of ours.
    pub(super) fn give_to(&self, group: Pid) {
        // Fails only for a group that has just ended.
        let _ = tcsetpgrp(&self.0, group);
    }

    /// Puts our group into the foreground again, if `group` is there.
    pub(super) fn take_back_from(&self, group: Pid) {
        if tcgetpgrp(&self.0).is_ok_and(|foreground| foreground == group) {
            // To ask for it from the background is a reason to be stopped.
            let before = raw::block(&[libc::SIGTTOU]);
            let _ = tcsetpgrp(&self.0, getpgrp());
            raw::set_blocked(&before);
        }
    }
}
