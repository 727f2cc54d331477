//! What differs between operating systems: each trait here is implemented once for Unix and once for any other system.
//!
//! On Unix every file is opened without following links and checked after opening. The portable implementation keeps
//! the same promises as far as the standard library goes; on Windows a user's profile directory is private by its
//! inherited ACL.

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

pub use files::PrivateDirectory;
pub(crate) use files::{FileSystem, temporary_file, without_path};
pub use limits::ProcessLimits;
pub use system::{CoreLimit, PrivateDir};
