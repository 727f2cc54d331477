//! Resource limits (getrlimit(2)) on Unix.

use std::sync::Arc;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::raw;
use crate::platform::limits::ProcessLimits;

/// A limit on core dumps that was lowered; nothing when it was not.
#[derive(Clone, Copy, Debug, Default)]
pub struct CoreLimit(Option<Rlimit>);

/// Bytes. Too few for a core, and on Linux the one value that also keeps it from a program such as apport: the kernel
/// writes into a pipe at any other value, 0 included (`do_coredump` in its `fs/coredump.c`).
const NO_CORE: u64 = 1;

impl ProcessLimits for CoreLimit {
    /// Only the soft limit is lowered, so that it can be restored, and the process stays dumpable: Jenkins reads its
    /// environment to find what to kill.
    fn disable_core_dumps() -> Self {
        let before = getrlimit(Resource::Core);
        let least = before.maximum.map_or(NO_CORE, |maximum| maximum.min(NO_CORE));
        let none = Rlimit { current: Some(least), maximum: before.maximum };
        Self(setrlimit(Resource::Core, none).is_ok().then_some(before))
    }

    fn restore(self) {
        if let Some(limit) = self.0 {
            let _ = setrlimit(Resource::Core, limit);
        }
    }

    /// By a handler, which ends with `exec`, so that the command gets the signal as it was.
    fn survive_file_size_limit() {
        if !raw::is_ignored(libc::SIGXFSZ) {
            // Best effort: without the handler the signal ends the process, as it does any other.
            let _ = signal_hook::flag::register(libc::SIGXFSZ, Arc::default());
        }
    }
}
