//! The shared store, as one call sees it: each question takes its time, and is counted. An update reads, and writes only if
//! no other machine has written meanwhile, as on a real one.

use std::cell::Cell;
use std::time::Duration;

use genesys_token::store::{LeaseHolder, LeaseState, Look, Put, SharedName, SharedStore, StoreFault};
use genesys_token::time::{Clock as _, Timestamp};

use super::case::Trouble;
use super::world::World;
use crate::harness::fleet::STORE_TAKES;
use crate::harness::simulation::TaskClock;

/// What a call waits for a store that is silent.
const SILENCE: Duration = Duration::from_secs(1);
/// How often an update begins anew, as on Redis.
const MAX_UPDATES: usize = 3;

/// The store of one call, with its one connection.
pub struct CountedStore<'a> {
    world: &'a World<'a>,
    task: &'a TaskClock,
    is_connected: Cell<bool>,
}

impl<'a> CountedStore<'a> {
    pub fn new(world: &'a World, task: &'a TaskClock) -> Self {
        Self { world, task, is_connected: Cell::new(false) }
    }

    /// One question over the network.
    fn ask(&self) -> Result<(), StoreFault> {
        let World { case, tally, .. } = self.world;
        if !self.is_connected.replace(true) {
            tally.connect(self.task.time());
        }
        if case.trouble == Trouble::StoreOutage && case.outage().contains(&self.task.time()) {
            self.task.sleep(SILENCE);
            return Err(StoreFault::Slow);
        }
        self.task.sleep(STORE_TAKES);
        tally.question(self.task.time());
        Ok(())
    }
}

impl Drop for CountedStore<'_> {
    fn drop(&mut self) {
        if self.is_connected.get() {
            self.world.tally.disconnect();
        }
    }
}

impl SharedStore for CountedStore<'_> {
    fn look(&self, names: &[SharedName], lease: &SharedName) -> Result<Look, StoreFault> {
        self.ask()?;
        self.world.store.look(names, lease)
    }

    fn take_lease(
        &self,
        lease: &SharedName,
        holder: &LeaseHolder,
        life: Duration,
    ) -> Result<bool, StoreFault> {
        self.ask()?;
        self.world.store.take_lease(lease, holder, life)
    }

    fn update(
        &self,
        names: &[SharedName],
        lease: &SharedName,
        holder: &LeaseHolder,
        change: &mut dyn FnMut(&Look) -> Vec<Put>,
    ) -> Result<(), StoreFault> {
        for _ in 0..MAX_UPDATES {
            let before = content(&self.look(names, lease)?);
            self.ask()?;
            let store = &self.world.store;
            if content(&store.look(names, lease)?) == before {
                return store.update(names, lease, holder, change);
            }
            self.world.tally.contention();
        }
        Err(StoreFault::Contended)
    }

    fn location(&self) -> String {
        self.world.store.location()
    }
}

/// What of a look changes only when a machine writes: the values, and the end of the lease.
fn content(look: &Look) -> (Vec<Option<Vec<u8>>>, Option<Timestamp>) {
    let values = look.records.iter().map(|record| record.as_ref().map(|stored| stored.value.clone()));
    let lease = match look.lease {
        LeaseState::Held(Some(left)) => Some(look.time.plus(left)),
        _ => None,
    };
    (values.collect(), lease)
}
