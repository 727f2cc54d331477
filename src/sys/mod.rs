//! What differs between operating systems in the file system, behind one interface.
//!
//! Every Unix call about files is in `unix.rs`; the portable twin keeps the same promises as far as the
//! standard library goes (on Windows the user's profile directory is private by its inherited ACL).

#[cfg(unix)]
mod unix;
#[cfg(unix)]
pub use unix::{FileSystem, PrivateDir, home_is_usable, read_token_file};

#[cfg(not(unix))]
mod portable;
#[cfg(not(unix))]
pub use portable::{FileSystem, PrivateDir, home_is_usable, read_token_file};
