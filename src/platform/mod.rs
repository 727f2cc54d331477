//! What differs between operating systems: each trait here is implemented once for Unix and once for Windows.
//!
//! Every file is opened without following links and checked after opening, and all work in a directory goes through what
//! was opened and checked. On Unix modes keep other users out, on Windows access lists.

mod files;
mod limits;
#[cfg(unix)]
pub(crate) mod unix;
#[cfg(windows)]
pub(crate) mod windows;

#[cfg(unix)]
use unix as system;
#[cfg(windows)]
use windows as system;

pub(crate) use files::{Directory, FileSystem, FindOutput, KILLED_WRITER, OutputTarget};
pub use files::{NewFile, PrivateDirectory};
pub use limits::ProcessLimits;
pub use system::{CoreLimit, PrivateDir, Unplaced};
pub(crate) use system::{Dir, fixes, wipe_freed_memory};
#[cfg(unix)]
pub use unix::WipingAllocator;
