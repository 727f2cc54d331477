//! A store in memory, for tests of what stands above a store.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;
use std::rc::Rc;

use super::interface::{Guard, Held, Lease, Probe, SWEEP_MIN_AGE, Store};
use super::name::{EntryName, RecordName};
use crate::time::{Clock, Timestamp};

/// Records in a map. Shared by reference, as a directory is shared by its path.
pub struct MemoryStore<'c> {
    clock: &'c dyn Clock,
    /// With the time at which each was put.
    records: RefCell<BTreeMap<RecordName, (Timestamp, Vec<u8>)>>,
    locked: Rc<RefCell<BTreeSet<EntryName>>>,
    is_full: Cell<bool>,
}

impl<'c> MemoryStore<'c> {
    /// An empty store.
    pub fn new(clock: &'c dyn Clock) -> Self {
        Self { clock, records: RefCell::default(), locked: Rc::default(), is_full: Cell::default() }
    }

    /// Lets every further put fail, as on a full disk, or work again.
    pub fn set_full(&self, is_full: bool) {
        self.is_full.set(is_full);
    }
}

struct NameLock {
    entry: EntryName,
    locked: Rc<RefCell<BTreeSet<EntryName>>>,
}

impl Guard for NameLock {}

impl Drop for NameLock {
    fn drop(&mut self) {
        self.locked.borrow_mut().remove(&self.entry);
    }
}

impl Store for MemoryStore<'_> {
    fn get(&self, name: &RecordName) -> Option<Vec<u8>> {
        self.records.borrow().get(name).map(|(_, value)| value.clone())
    }

    fn put(&self, name: &RecordName, value: &[u8]) -> io::Result<()> {
        if self.is_full.get() {
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.records.borrow_mut().insert(name.clone(), (self.clock.now(), value.to_vec()));
        Ok(())
    }

    fn remove(&self, name: &RecordName) -> io::Result<()> {
        self.records.borrow_mut().remove(name);
        Ok(())
    }

    fn try_lock(&self, entry: &EntryName) -> Lease {
        if self.locked.borrow_mut().insert(entry.clone()) {
            Lease::Held(Held::new(NameLock { entry: entry.clone(), locked: Rc::clone(&self.locked) }))
        } else {
            Lease::Busy
        }
    }

    fn list(&self) -> Vec<RecordName> {
        self.records.borrow().keys().cloned().collect()
    }

    fn sweep(
        &self,
        now: Timestamp,
        is_over: &dyn Fn() -> bool,
        is_expired: &dyn Fn(&RecordName, &[u8]) -> bool,
    ) {
        self.records.borrow_mut().retain(|name, (written_at, value)| {
            is_over() || now.since(*written_at) <= SWEEP_MIN_AGE || !is_expired(name, value)
        });
    }

    fn clear(&self) -> io::Result<usize> {
        Ok(std::mem::take(&mut *self.records.borrow_mut()).len())
    }

    fn location(&self) -> String {
        "memory".to_owned()
    }

    fn probe(&self, _another_process: &dyn Fn(&Path) -> io::Result<bool>) -> Probe {
        Probe { write: Ok(()), locks: Ok(true), file_system: None }
    }
}
