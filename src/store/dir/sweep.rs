//! Removing files: those long dead, on the way, and all of them, on request.
//!
//! Only names that we write are touched, and lock files never: they are empty, and deleting one that is held would
//! give it two holders.

use std::io;
use std::time::Duration;

use super::names::TEMPORARY_PREFIX;
use crate::platform::{PrivateDir, PrivateDirectory as _};
use crate::store::interface::{MAX_VALUE_LEN, SWEEP_MIN_AGE};
use crate::store::name::RecordName;
use crate::time::Timestamp;

/// Writing takes milliseconds; a writer that began this long ago was killed.
const KILLED_WRITER: Duration = Duration::from_mins(10);

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

fn removable(dir: &PrivateDir) -> impl Iterator<Item = Removable> {
    dir.names().unwrap_or_default().into_iter().filter_map(Removable::parse)
}

pub(super) fn sweep(dir: &PrivateDir, now: Timestamp, is_expired: &dyn Fn(&RecordName, &[u8]) -> bool) {
    for file in removable(dir) {
        let Ok(modified) = dir.modified(file.name()) else { continue };
        let idle = now.since(modified);
        let is_dead = match &file {
            Removable::Unfinished(_) => idle > KILLED_WRITER,
            // Most need not be opened: their age alone tells.
            Removable::Record(_) if idle <= SWEEP_MIN_AGE => false,
            Removable::Record(name) => {
                dir.read(name.as_str(), MAX_VALUE_LEN).is_ok_and(|value| is_expired(name, &value))
            }
        };
        if is_dead {
            let _ = dir.remove(file.name());
        }
    }
}

pub(super) fn clear(dir: &PrivateDir) -> io::Result<usize> {
    let mut removed = 0;
    let mut failed = None;
    for file in removable(dir) {
        match dir.remove(file.name()) {
            Ok(()) => removed += 1,
            Err(error) => failed = Some(error),
        }
    }
    failed.map_or(Ok(removed), Err)
}
