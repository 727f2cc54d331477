//! One file per record, replaced atomically.

use std::io;
use std::path::Path;

use super::lock;
use super::names::TEMPORARY_PREFIX;
use super::probe;
use super::sweep;
use crate::platform::{PrivateDir, PrivateDirectory as _};
use crate::secret::visible;
use crate::store::interface::{Lease, MAX_VALUE_LEN, Probe, Store};
use crate::store::name::{EntryName, RecordName};
use crate::time::Timestamp;

/// A store in a directory that belongs to the caller.
#[derive(Debug)]
pub struct DirStore {
    dir: PrivateDir,
}

impl DirStore {
    /// Opens the directory, or creates it with its parents.
    ///
    /// # Errors
    /// It is not the caller's alone, or creating it failed.
    pub fn open_or_create(path: &Path) -> io::Result<Self> {
        Ok(Self { dir: PrivateDir::open_or_create(path)? })
    }

    /// Opens a directory that exists.
    ///
    /// # Errors
    /// It is missing, or not the caller's alone.
    pub fn open_existing(path: &Path) -> io::Result<Self> {
        Ok(Self { dir: PrivateDir::open(path)? })
    }
}

impl Store for DirStore {
    fn get(&self, name: &RecordName) -> Option<Vec<u8>> {
        self.dir.read(name.as_str(), MAX_VALUE_LEN).ok()
    }

    fn put(&self, name: &RecordName, value: &[u8]) -> io::Result<()> {
        self.dir.replace(name.as_str(), value, TEMPORARY_PREFIX)
    }

    fn remove(&self, name: &RecordName) -> io::Result<()> {
        self.dir.remove(name.as_str())
    }

    fn try_lock(&self, entry: &EntryName) -> Lease {
        lock::try_lock(&self.dir, entry)
    }

    fn list(&self) -> Vec<RecordName> {
        let names = self.dir.names().unwrap_or_default();
        names.iter().filter_map(|name| RecordName::parse(name)).collect()
    }

    fn sweep(
        &self,
        now: Timestamp,
        is_over: &dyn Fn() -> bool,
        is_expired: &dyn Fn(&RecordName, &[u8]) -> bool,
    ) {
        sweep::sweep(&self.dir, now, is_over, is_expired);
    }

    fn clear(&self) -> io::Result<usize> {
        sweep::clear(&self.dir)
    }

    fn location(&self) -> String {
        visible(self.dir.path().display())
    }

    fn probe(&self, another_process: &dyn Fn(&Path) -> io::Result<bool>) -> Probe {
        probe::probe(&self.dir, another_process)
    }
}
