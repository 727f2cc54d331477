//! Trying what a caller needs of the directory: to write, and locks that exclude other processes.

use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::path::Path;

use super::lock::try_lock_file;
use super::names::TEMPORARY_PREFIX;
use crate::platform::{NewFile as _, PrivateDir, PrivateDirectory as _};
use crate::store::interface::Probe;

/// As large as a usual entry, so that a full disk shows.
const TRIAL_LEN: usize = 4096;

pub(super) fn probe(dir: &PrivateDir, another_process: &dyn Fn(&Path) -> io::Result<bool>) -> Probe {
    Probe {
        write: try_to_write(dir),
        locks: try_to_exclude(dir, another_process),
        file_system: dir.file_system().ok(),
    }
}

fn try_to_write(dir: &PrivateDir) -> io::Result<()> {
    dir.new_file(TEMPORARY_PREFIX)?.file().write_all(&[0; TRIAL_LEN])
}

fn try_to_exclude(dir: &PrivateDir, another_process: &dyn Fn(&Path) -> io::Result<bool>) -> io::Result<bool> {
    let new = dir.new_file(TEMPORARY_PREFIX)?;
    if !try_lock_file(new.file())? {
        return Err(io::Error::other("a new file is locked already"));
    }
    another_process(&new.path()).map(|gets_it| !gets_it)
}

/// What the other process does: whether it gets the lock of the file at `path`.
///
/// # Errors
/// The file can't be opened, or has no locks.
pub(crate) fn another_process_gets_lock(path: &Path) -> io::Result<bool> {
    try_lock_file(&OpenOptions::new().read(true).write(true).open(path)?)
}
