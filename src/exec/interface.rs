//! What each operating system implements.

use std::io;
use std::time::Duration;

use super::plan::{Outcome, Plan};
use crate::error::Result;
use crate::mask::Masker;

/// How long the output of a command's descendants is read after its end: long enough for the last words of a pipeline
/// that ends with it, short enough that a daemon it started does not hold up a build.
pub(crate) const DRAIN: Duration = Duration::from_secs(1);

/// How long output is held back that may still have to be masked: a prompt is soon whole, and a program
/// that prints a token in pieces has printed enough of it by then. Less than the half second that is promised, since
/// nothing wakes up in time.
pub(super) const MAX_HOLD: Duration = Duration::from_millis(400);

/// Bytes per read: large enough that system calls cost nothing beside the copying, and still within a core's cache.
pub(super) const CHUNK_LEN: usize = 256 * 1024;

/// The two ways to run a command.
pub(super) trait Supervisor {
    /// Becomes the command, or does what comes nearest to it.
    ///
    /// # Errors
    /// The command's end can't be waited for.
    fn replace(plan: &Plan) -> Result<Outcome>;

    /// Runs the command as a child, its output through `masker`.
    ///
    /// # Errors
    /// The output could not be read or written.
    fn supervise(plan: &Plan, masker: &Masker) -> io::Result<Outcome>;
}
