//! Housekeeping on the way: entries long expired, stale notes, and files of killed writers.
//!
//! Looks only at names that we write and leaves everything else alone. Lock files stay for ever: they are
//! empty, and deleting one that is held would give it two holders.

use std::ffi::OsStr;
use std::time::{Duration, SystemTime};

use super::entry;
use super::key::{Key, NOTE, TEMPORARY, TOKEN};
use super::seal;
use crate::sys::PrivateDir;
use crate::time::Timestamp;

/// A day after its end nobody asks for a token any more, not even with a wrong clock. It also means that a
/// file changed less than a day ago needs no opening: most are told by their age alone.
const LONG_EXPIRED: Duration = Duration::from_secs(86_400);
/// Writing takes milliseconds; whoever began this long ago was killed.
const KILLED_WRITER: Duration = Duration::from_secs(600);
/// The longest header we write is far shorter.
const FILE_LIMIT: usize = 64 * 1024;

/// Removes what is long dead. Failing to is no failure: the next call tries again.
pub fn prune(dir: &PrivateDir, now: Timestamp) {
    let Ok(names) = std::fs::read_dir(dir.path()) else { return };
    for entry in names.flatten() {
        let name = entry.file_name();
        let Some(name) = OsStr::to_str(&name) else { continue };
        let Some(patience) = patience(name) else { continue };
        let idle = entry.metadata().and_then(|metadata| metadata.modified()).map(age_at(now));
        if idle.is_ok_and(|idle| idle > patience) && is_dead(dir, name, now) {
            let _ = dir.remove(name);
        }
    }
}

/// How long a file of this name is left alone after its last change; `None` when it is none of ours.
fn patience(name: &str) -> Option<Duration> {
    if name.starts_with(TEMPORARY) {
        return Some(KILLED_WRITER);
    }
    let stem = name.strip_suffix(TOKEN).or_else(|| name.strip_suffix(NOTE))?;
    Key::is_key(stem).then_some(LONG_EXPIRED)
}

fn is_dead(dir: &PrivateDir, name: &str, now: Timestamp) -> bool {
    if !name.ends_with(TOKEN) {
        return true;
    }
    let Ok(file) = dir.read(name, FILE_LIMIT) else { return false };
    // Without the secret the header can't be trusted; at worst a token is fetched anew.
    seal::peek::<entry::Times>(&file).is_ok_and(|times| now.since(times.expires_at) > LONG_EXPIRED)
}

fn age_at(now: Timestamp) -> impl Fn(SystemTime) -> Duration {
    move |modified| {
        let modified = modified.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        now.since(Timestamp(0).plus(modified))
    }
}
