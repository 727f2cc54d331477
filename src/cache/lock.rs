//! The lock of one key: an advisory lock on a file of 0 bytes that is never the data and never deleted.
//!
//! The kernel drops the lock when its holder dies, however it dies; so there is no stale lock to clean up.
//! A file that is deleted under a lock would give two holders: hence never deleted.
//!
//! Limitation: **on a network file system that has no locks single-flight is best effort**.

use std::fs::File;
use std::io;

use fs2::FileExt as _;

use crate::sys::PrivateDir;

/// Holds the lock until dropped.
#[derive(Debug)]
pub struct Guard(File);

impl Drop for Guard {
    fn drop(&mut self) {
        // Explicit, since a child forked meanwhile by another thread could still have the descriptor.
        let _ = fs2::FileExt::unlock(&self.0);
    }
}

/// What came of trying.
#[derive(Debug)]
pub enum Lock {
    /// Ours now.
    Held(Guard),
    /// Somebody else's.
    Busy,
    /// This file system gives no lock: go without.
    Unsupported,
}

/// Tries to take the lock `name`, without waiting.
pub fn try_lock(dir: &PrivateDir, name: &str) -> Lock {
    let Ok(file) = dir.open_lock(name) else { return Lock::Unsupported };
    match file.try_lock_exclusive() {
        Ok(()) => Lock::Held(Guard(file)),
        Err(error) if is_busy(&error) => Lock::Busy,
        Err(_) => Lock::Unsupported,
    }
}

fn is_busy(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::WouldBlock
        || error.raw_os_error() == fs2::lock_contended_error().raw_os_error()
}
