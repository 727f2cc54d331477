//! A shared store in memory, for tests and simulations of what stands above it.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::fault::StoreFault;
use super::interface::{LeaseHolder, LeaseState, Look, Put, SharedName, SharedStore, Stored};
use crate::time::{Clock, Timestamp};

/// Records in a map, on a clock of its own.
pub struct MemorySharedStore<'c> {
    clock: &'c dyn Clock,
    content: Mutex<Content>,
}

#[derive(Default)]
struct Content {
    /// Each with its end; a lease is its holder's name.
    records: BTreeMap<SharedName, (Timestamp, Vec<u8>)>,
    fault: Option<StoreFault>,
    questions: usize,
}

impl Content {
    fn ask(&mut self) -> Result<(), StoreFault> {
        self.questions += 1;
        self.fault.clone().map_or(Ok(()), Err)
    }

    fn get(&self, name: &SharedName, now: Timestamp) -> Option<Stored> {
        let (end, value) = self.records.get(name).filter(|(end, _)| *end > now)?;
        Some(Stored { value: value.clone(), left: end.since(now) })
    }

    fn look(&self, names: &[SharedName], lease: &SharedName, time: Timestamp) -> Look {
        let records = names.iter().map(|name| self.get(name, time)).collect();
        let lease =
            self.get(lease, time).map_or(LeaseState::Free, |lease| LeaseState::Held(Some(lease.left)));
        Look { time, records, lease }
    }
}

impl<'c> MemorySharedStore<'c> {
    /// An empty store.
    pub fn new(clock: &'c dyn Clock) -> Self {
        Self { clock, content: Mutex::default() }
    }

    /// Lets every further question fail, or work again.
    pub fn set_fault(&self, fault: Option<StoreFault>) {
        self.content().fault = fault;
    }

    /// How often it was asked anything.
    pub fn questions(&self) -> usize {
        self.content().questions
    }

    /// Forgets everything.
    pub fn flush(&self) {
        self.content().records.clear();
    }

    /// The names and bytes of what is there, for tests that look for what must not be, and for its size.
    pub fn dump(&self) -> Vec<(SharedName, Vec<u8>)> {
        let content = self.content();
        content.records.iter().map(|(name, (_, value))| (name.clone(), value.clone())).collect()
    }

    /// Puts any bytes under any name, as anybody who may write there can.
    pub fn plant(&self, name: &SharedName, value: &[u8], life: Duration) {
        let end = self.clock.now().plus(life);
        self.content().records.insert(name.clone(), (end, value.to_vec()));
    }

    fn content(&self) -> MutexGuard<'_, Content> {
        self.content.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SharedStore for MemorySharedStore<'_> {
    fn look(&self, names: &[SharedName], lease: &SharedName) -> Result<Look, StoreFault> {
        let mut content = self.content();
        content.ask()?;
        Ok(content.look(names, lease, self.clock.now()))
    }

    fn take_lease(
        &self,
        lease: &SharedName,
        holder: &LeaseHolder,
        life: Duration,
    ) -> Result<bool, StoreFault> {
        let mut content = self.content();
        content.ask()?;
        let now = self.clock.now();
        let is_free = content.get(lease, now).is_none();
        if is_free {
            content.records.insert(lease.clone(), (now.plus(life), holder.0.clone().into_bytes()));
        }
        Ok(is_free)
    }

    fn update(
        &self,
        names: &[SharedName],
        lease: &SharedName,
        holder: &LeaseHolder,
        change: &mut dyn FnMut(&Look) -> Vec<Put>,
    ) -> Result<(), StoreFault> {
        let mut content = self.content();
        content.ask()?;
        let now = self.clock.now();
        for put in change(&content.look(names, lease, now)) {
            content.records.insert(put.name, (now.plus(put.life), put.value));
        }
        if content.get(lease, now).is_some_and(|stored| stored.value == holder.0.as_bytes()) {
            content.records.remove(lease);
        }
        Ok(())
    }

    fn location(&self) -> String {
        "memory".to_owned()
    }
}
