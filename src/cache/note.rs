//! What the last unsuccessful request taught, shared with every caller of the same key.

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::root::Root;
use super::seal::{self, Unreadable};
use crate::error::Error;
use crate::random::Random;
use crate::time::Timestamp;

/// What kind of answer it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Final: asking again with the same credential gives the same answer.
    Refused,
    /// Asked too often: nobody asks before `not_before`.
    RateLimited,
    /// A failure that may pass.
    Failed,
    /// A good token that can't be cached: everybody has to fetch for himself.
    Uncacheable,
}

/// A record of one request without a cacheable token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// What kind of answer it was.
    pub kind: Kind,
    /// When the answer was there.
    pub answered_at: Timestamp,
    /// Before this time asking again is of no use.
    pub not_before: Timestamp,
    /// How many such answers in a row, across processes.
    pub streak: u32,
    /// The error as its caller saw it.
    pub error: Error,
}

/// What an empty file says, last written at `answered_at`: somebody had an answer, and no room to write it down.
pub fn of_full_disk(answered_at: Timestamp) -> Note {
    let error = Error::internal("the cache's disk is full");
    Note { kind: Kind::Uncacheable, answered_at, not_before: answered_at, streak: 1, error }
}

/// The readable part of a note, which is all that housekeeping needs.
#[derive(Debug, Serialize, Deserialize)]
pub struct Readable {
    /// When the note was written; microseconds since the epoch.
    pub noted_at: Timestamp,
}

/// The file content of `note`; `None` when the system has no randomness.
pub fn encode(root: &Root, name: &str, note: &Note, random: &dyn Random) -> Option<Vec<u8>> {
    let payload = serde_json::to_vec(note).ok()?;
    seal::seal(root, name, &Readable { noted_at: note.answered_at }, &payload, random)
}

/// The note in a file that [`encode`] made.
///
/// # Errors
/// Anything but an intact note of this root and name.
pub fn decode(root: &Root, name: &str, file: &[u8]) -> Result<Note, Unreadable> {
    let (_, payload): (Readable, Zeroizing<Vec<u8>>) = seal::open(root, name, file)?;
    serde_json::from_slice(&payload).map_err(|_| Unreadable)
}
