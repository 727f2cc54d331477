//! Removing files: those long dead, on the way, and all of them, on request.
//!
//! Only names that we write are touched, and lock files never: they are empty, and deleting one that is held would
//! give it two holders.

use std::io;

use super::names::TEMPORARY_PREFIX;
use crate::platform::{KILLED_WRITER, PrivateDir, PrivateDirectory as _};
use crate::store::interface::{MAX_VALUE_LEN, SWEEP_MIN_AGE};
use crate::store::name::RecordName;
use crate::time::Timestamp;

/// A file of ours that may be removed.
enum Removable {
    Record(RecordName),
    /// Being written, or left by a writer that was killed.
    Unfinished(String),
}

impl Removable {
    fn parse(name: String) -> Option<Self> {
        if name.starts_with(TEMPORARY_PREFIX) {
            return Some(Self::Unfinished(name));
        }
        RecordName::parse(&name).map(Self::Record)
    }

    fn name(&self) -> &str {
        match self {
            Self::Record(name) => name.as_str(),
            Self::Unfinished(name) => name,
        }
    }
}

fn removable(dir: &PrivateDir) -> Vec<Removable> {
    dir.names().unwrap_or_default().into_iter().filter_map(Removable::parse).collect()
}

pub(super) fn sweep(
    dir: &PrivateDir,
    now: Timestamp,
    is_over: &dyn Fn() -> bool,
    is_expired: &dyn Fn(&RecordName, &[u8]) -> bool,
) {
    let mut files = removable(dir);
    // Each time from another one on, so that every file has its turn where there are too many for one sweep.
    let first = usize::try_from(now.0).unwrap_or(0) % files.len().max(1);
    files.rotate_left(first);
    for file in files.iter().take_while(|_| !is_over()) {
        let Ok(modified) = dir.modified(file.name()) else { continue };
        let idle = now.since(modified);
        let is_dead = match file {
            Removable::Unfinished(_) => idle > KILLED_WRITER,
            // Most need not be opened: their age alone tells.
            Removable::Record(_) if idle <= SWEEP_MIN_AGE => false,
            Removable::Record(name) => match dir.read(name.as_str(), MAX_VALUE_LEN) {
                Ok(value) => is_expired(name, &value),
                // No file of ours: a link, a directory, another user's, or too long for a record.
                Err(error) => error.kind() == io::ErrorKind::PermissionDenied,
            },
        };
        if is_dead {
            let _ = discard(dir, file);
        }
    }
}

pub(super) fn clear(dir: &PrivateDir) -> io::Result<usize> {
    let mut removed = 0;
    let mut failed = None;
    for file in removable(dir) {
        match discard(dir, &file) {
            Ok(is_file) => removed += usize::from(is_file),
            Err(error) => failed = Some(error),
        }
    }
    failed.map_or(Ok(removed), Err)
}

/// Removes a file, and says whether it was one. A directory of that name goes only if it is empty: what is in it is not
/// ours, and no token.
fn discard(dir: &PrivateDir, file: &Removable) -> io::Result<bool> {
    match dir.remove(file.name()) {
        Err(_) if dir.is_dir(file.name()) => {
            let _ = dir.remove_dir(file.name());
            Ok(false)
        }
        removed => removed.map(|()| true),
    }
}
