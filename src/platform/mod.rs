//! What differs between operating systems: each trait here is implemented once for Unix and once for any other system.
//!
//! On Unix every file is opened without following links and checked after opening, and all work in a directory goes
//! through the descriptor that was checked. The portable implementation keeps the same promises as far as the standard
//! library goes; on Windows a user's profile directory is private by its inherited ACL.

mod files;
mod limits;
#[cfg(not(unix))]
mod portable;
#[cfg(unix)]
pub(crate) mod unix;

#[cfg(not(unix))]
use portable as system;
#[cfg(unix)]
use unix as system;

pub(crate) use files::{Directory, FileSystem, FindOutput, KILLED_WRITER, OutputTarget};
pub use files::{NewFile, PrivateDirectory};
pub use limits::ProcessLimits;
pub use system::{CoreLimit, PrivateDir, Unplaced};
pub(crate) use system::{Dir, wipe_freed_memory};
#[cfg(unix)]
pub use unix::WipingAllocator;
