//! Housekeeping on the way: entries long expired, stale notes, and files of killed writers.
//!
//! Looks only at names that we write and leaves everything else alone. Lock files stay for ever: they are
//! empty, and deleting one that is held would give it two holders.

use std::time::Duration;

use super::entry;
use super::key::Content;
use super::list::files;
use super::seal::{self, FILE_LIMIT};
use crate::sys::PrivateDir;
use crate::time::Timestamp;

/// A day after its end nobody asks for a token any more, not even with a wrong clock. It also means that a
/// file changed less than a day ago needs no opening: most are told by their age alone.
const LONG_EXPIRED: Duration = Duration::from_secs(86_400);
/// Writing takes milliseconds; whoever began this long ago was killed.
const KILLED_WRITER: Duration = Duration::from_secs(600);

/// Removes what is long dead. Failing to is no failure: the next call tries again.
pub fn prune(dir: &PrivateDir, now: Timestamp) {
    for (name, content) in files(dir) {
        let patience = if content == Content::Unfinished { KILLED_WRITER } else { LONG_EXPIRED };
        let idle = dir.modified(&name).map(|modified| now.since(modified));
        if idle.is_ok_and(|idle| idle > patience) && is_dead(dir, &name, content, now) {
            let _ = dir.remove(&name);
        }
    }
}

fn is_dead(dir: &PrivateDir, name: &str, content: Content, now: Timestamp) -> bool {
    if content != Content::Token {
        return true;
    }
    let Ok(file) = dir.read(name, FILE_LIMIT) else { return false };
    // Without the secret the header can't be trusted; at worst a token is fetched anew.
    seal::peek::<entry::Times>(&file).is_ok_and(|times| now.since(times.expires_at) > LONG_EXPIRED)
}
