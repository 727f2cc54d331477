//! What the cache asks of a store.

use std::fmt;
use std::io;
use std::path::Path;
use std::time::Duration;

use super::name::{EntryName, RecordName};
use crate::platform::FileSystem;
use crate::time::Timestamp;

/// Bytes. A token of 16 KiB in base64 with its header fits, and nothing we write is longer.
pub const MAX_VALUE_LEN: usize = 64 * 1024;

/// A record that was written less than this long ago is never swept.
pub(super) const SWEEP_MIN_AGE: Duration = Duration::from_hours(24);

/// Keeps records by their names. [The module](super) says what a networked store must decide.
pub trait Store {
    /// The record `name`; `None` when it is missing or can't be read, since for the caller both are a miss.
    fn get(&self, name: &RecordName) -> Option<Vec<u8>>;

    /// Replaces or creates the record `name`, atomically.
    ///
    /// # Errors
    /// The store is full, read-only or gone. The old record is still there, whole.
    fn put(&self, name: &RecordName, value: &[u8]) -> io::Result<()>;

    /// Removes the record `name`; a missing one is fine.
    ///
    /// # Errors
    /// The store is read-only or gone.
    fn remove(&self, name: &RecordName) -> io::Result<()>;

    /// Tries to take the lock of an entry, without waiting.
    fn try_lock(&self, entry: &EntryName) -> Lease;

    /// The names of all records, in no order.
    fn list(&self) -> Vec<RecordName>;

    /// Removes what is long dead: records written more than a day before `now` that `is_expired` says are expired, and
    /// what killed writers left. Best effort, and only until `is_over`: the next call goes on.
    fn sweep(
        &self,
        now: Timestamp,
        is_over: &dyn Fn() -> bool,
        is_expired: &dyn Fn(&RecordName, &[u8]) -> bool,
    );

    /// Removes every record and what writers left, by their names alone, and says how many. Locks stay.
    ///
    /// # Errors
    /// One could not be removed; the others are.
    fn clear(&self) -> io::Result<usize>;

    /// Where the store is, as messages name it.
    fn location(&self) -> String;

    /// Tries what a caller needs, for the doctor. `another_process` says whether a second process gets the lock on
    /// the file that it is given.
    fn probe(&self, another_process: &dyn Fn(&Path) -> io::Result<bool>) -> Probe;
}

/// What came of trying to take a lock.
#[derive(Debug)]
pub enum Lease {
    /// The lock is ours.
    Held(Held),
    /// Another process has it.
    Busy,
    /// The store has no locks: go without.
    Unsupported,
}

impl Lease {
    /// The right to change an entry, which on a store without locks excludes nobody; `None` while another process
    /// has it.
    pub(crate) fn into_proof(self) -> Option<Held> {
        match self {
            Self::Held(held) => Some(held),
            Self::Unsupported => Some(Held(None)),
            Self::Busy => None,
        }
    }
}

/// The lock of an entry, until dropped. Functions that may only run under it take a reference as the proof.
pub struct Held(Option<Box<dyn Guard>>);

impl Held {
    pub(super) fn new(guard: impl Guard + 'static) -> Self {
        Self(Some(Box::new(guard)))
    }
}

impl fmt::Debug for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Held" } else { "Held without a lock" })
    }
}

/// What holds a store's lock, and gives it back when it is dropped.
pub trait Guard {}

/// What came of [`Store::probe`].
#[derive(Debug)]
pub struct Probe {
    /// Whether a record can be written.
    pub write: io::Result<()>,
    /// Whether a lock that this process holds excludes another one.
    pub locks: io::Result<bool>,
    /// What the store lies on, when that is known.
    pub file_system: Option<FileSystem>,
}
