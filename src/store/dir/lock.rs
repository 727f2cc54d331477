//! The lock of one entry: an advisory lock on a file of 0 bytes that is never the data and never deleted.
//!
//! The kernel releases the lock when its holder dies, however it dies; so there is no stale lock to clean up.
//! A file deleted under a lock would give it two holders: hence it is never deleted.

use std::fs::File;
use std::io;

use fs2::FileExt as _;

use super::names::{LOCK_SUFFIX, TEMPORARY_PREFIX};
use crate::platform::{PrivateDir, PrivateDirectory as _};
use crate::store::interface::{Guard, Held, Lease};
use crate::store::name::EntryName;

struct FileLock(File);

impl Guard for FileLock {}

impl Drop for FileLock {
    fn drop(&mut self) {
        // Explicitly, since a child forked meanwhile by another thread could still have the descriptor.
        let _ = fs2::FileExt::unlock(&self.0);
    }
}

/// Tries to take the lock of `entry` in `dir`, without waiting.
pub(super) fn try_lock(dir: &PrivateDir, entry: &EntryName) -> Lease {
    let name = [entry.as_str(), LOCK_SUFFIX].concat();
    let opened = match dir.open_lock(&name) {
        Err(_) if dir.is_dir(&name) => {
            dir.move_dir_away(&name, TEMPORARY_PREFIX).and_then(|()| dir.open_lock(&name))
        }
        opened => opened,
    };
    let Ok(file) = opened else { return Lease::Unsupported };
    match try_lock_file(&file) {
        Ok(true) => Lease::Held(Held::new(FileLock(file))),
        Ok(false) => Lease::Busy,
        Err(_) => Lease::Unsupported,
    }
}

/// Whether the lock on `file` is ours now.
///
/// # Errors
/// The file system has no locks.
pub(super) fn try_lock_file(file: &File) -> io::Result<bool> {
    match file.try_lock_exclusive() {
        Ok(()) => Ok(true),
        Err(error) if is_busy(&error) => Ok(false),
        Err(error) => Err(error),
    }
}

fn is_busy(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::WouldBlock
        || error.raw_os_error() == fs2::lock_contended_error().raw_os_error()
}
