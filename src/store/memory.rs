//! A store in memory, for tests of what stands above a store.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::interface::{Guard, Held, Lease, Probe, SWEEP_MIN_AGE, Store};
use super::name::{EntryName, RecordName};
use crate::time::{Clock, Timestamp};

/// Records in a map. Shared by reference, as a directory is shared by its path.
pub struct MemoryStore<'c> {
    clock: &'c dyn Clock,
    /// With the time at which each was put.
    records: Mutex<Records>,
    locked: Arc<Mutex<BTreeSet<EntryName>>>,
    is_full: AtomicBool,
}

type Records = BTreeMap<RecordName, (Timestamp, Vec<u8>)>;

/// What a panic of another thread leaves behind is still whole.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<'c> MemoryStore<'c> {
    /// An empty store.
    pub fn new(clock: &'c dyn Clock) -> Self {
        Self { clock, records: Mutex::default(), locked: Arc::default(), is_full: AtomicBool::default() }
    }

    /// Lets every further put fail, as on a full disk, or work again.
    pub fn set_full(&self, is_full: bool) {
        self.is_full.store(is_full, Ordering::Relaxed);
    }
}

struct NameLock {
    entry: EntryName,
    locked: Arc<Mutex<BTreeSet<EntryName>>>,
}

impl Guard for NameLock {}

impl Drop for NameLock {
    fn drop(&mut self) {
        lock(&self.locked).remove(&self.entry);
    }
}

impl Store for MemoryStore<'_> {
    fn get(&self, name: &RecordName) -> Option<Vec<u8>> {
        lock(&self.records).get(name).map(|(_, value)| value.clone())
    }

    fn put(&self, name: &RecordName, value: &[u8]) -> io::Result<()> {
        if self.is_full.load(Ordering::Relaxed) {
            return Err(io::ErrorKind::StorageFull.into());
        }
        lock(&self.records).insert(name.clone(), (self.clock.now(), value.to_vec()));
        Ok(())
    }

    fn remove(&self, name: &RecordName) -> io::Result<()> {
        lock(&self.records).remove(name);
        Ok(())
    }

    fn try_lock(&self, entry: &EntryName) -> Lease {
        if lock(&self.locked).insert(entry.clone()) {
            Lease::Held(Held::new(NameLock { entry: entry.clone(), locked: Arc::clone(&self.locked) }))
        } else {
            Lease::Busy
        }
    }

    fn list(&self) -> Vec<RecordName> {
        lock(&self.records).keys().cloned().collect()
    }

    fn sweep(
        &self,
        now: Timestamp,
        is_over: &dyn Fn() -> bool,
        is_expired: &dyn Fn(&RecordName, &[u8]) -> bool,
    ) {
        lock(&self.records).retain(|name, (written_at, value)| {
            is_over() || now.since(*written_at) <= SWEEP_MIN_AGE || !is_expired(name, value)
        });
    }

    fn clear(&self) -> io::Result<usize> {
        Ok(std::mem::take(&mut *lock(&self.records)).len())
    }

    fn location(&self) -> String {
        "memory".to_owned()
    }

    fn probe(&self, _another_process: &dyn Fn(&Path) -> io::Result<bool>) -> Probe {
        Probe { write: Ok(()), locks: Ok(true), file_system: None }
    }
}
