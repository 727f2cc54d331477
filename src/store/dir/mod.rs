//! The store in a private directory: one file per record, replaced atomically, and a lock file per entry.
//!
//! # Limitations
//!
//! - **On a network file system that has no locks, a lease excludes nobody.**
//! - A record that can't be read, for any reason, is missing.

mod dir_store;
mod location;
mod lock;
mod names;
mod probe;
mod sweep;

pub use dir_store::DirStore;
pub use location::CacheLocation;
pub use names::TEMPORARY_PREFIX;
pub(crate) use probe::another_process_gets_lock;
