//! Windows: as on Unix, entries are opened by their names in an open directory and checked after opening; access lists
//! stand in for modes.
//!
//! Directories and files for the caller alone are made with an access list that has three entries: the caller, the system
//! and the administrators, who are to Windows what root is to Unix. It is protected, so that nothing is inherited from
//! the directory above. The owner stays as the system chooses it: for an elevated administrator it is the group.
//!
//! # Limitations
//!
//! - **Administrators can read a token**, as root can on Unix.
//! - **A disk without access lists, such as FAT, has no private directories**: they are refused, and there is no cache.
//! - **Where renaming has no POSIX semantics, as on shares, a file that another program keeps open is not replaced**:
//!   after a second of patience the token is not cached.

mod at;
mod directory;
mod files;
pub(crate) mod fixes;
mod limits;
mod output;
mod parents;
mod patience;
#[allow(unsafe_code)]
pub(crate) mod raw;
mod security;
#[cfg(test)]
mod tests;

pub use at::Unplaced;
pub(crate) use directory::Dir;
pub use files::PrivateDir;
pub use limits::CoreLimit;

/// Nothing: here freed memory stays as it is.
pub(crate) fn wipe_freed_memory() {}
