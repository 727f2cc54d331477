//! The shared cache of a call, if it has one. Nothing is read or connected to before it is asked.

use std::cell::OnceCell;
use std::time::Duration;

use crate::cache::{CacheKey, SharedCache, SharedLocation};
use crate::random::Random;
use crate::settings::{ClientSettings, SharedCacheSettings};
use crate::store::{LeaseHolder, Look, Put, RedisStore, SharedName, SharedStore, StoreFault};
use crate::time::Clock;

/// A store that is opened when it is first asked: most calls have a token on the disk.
pub(super) struct LazyStore<'c> {
    settings: &'c SharedCacheSettings,
    timeout: Duration,
    clock: &'c dyn Clock,
    store: OnceCell<Result<RedisStore<'c>, StoreFault>>,
}

impl<'c> LazyStore<'c> {
    /// The store of `client`, if it has one.
    pub(super) fn new(client: &'c ClientSettings, clock: &'c dyn Clock) -> Option<Self> {
        let settings = client.shared_cache.as_ref()?;
        Some(Self { settings, timeout: client.timeout, clock, store: OnceCell::new() })
    }

    /// The records of `cache_key` in it, a key of `client`.
    pub(super) fn cache<'s>(
        &'s self,
        cache_key: &'s CacheKey,
        client: &'s ClientSettings,
        random: &'s dyn Random,
    ) -> SharedCache<'s> {
        let location = SharedLocation { prefix: &self.settings.prefix, identity: self.settings.identity() };
        SharedCache::new(self, location, cache_key, &client.client.secret, self.clock, random)
    }

    fn store(&self) -> Result<&RedisStore<'c>, StoreFault> {
        let limit = self.settings.limit(self.timeout);
        let open = || Ok(self.settings.store(limit, self.clock)?.within(self.timeout));
        self.store.get_or_init(open).as_ref().map_err(Clone::clone)
    }
}

impl SharedStore for LazyStore<'_> {
    fn look(&self, names: &[SharedName], lease: &SharedName) -> Result<Look, StoreFault> {
        self.store()?.look(names, lease)
    }

    fn take_lease(
        &self,
        lease: &SharedName,
        holder: &LeaseHolder,
        life: Duration,
    ) -> Result<bool, StoreFault> {
        self.store()?.take_lease(lease, holder, life)
    }

    fn update(
        &self,
        names: &[SharedName],
        lease: &SharedName,
        holder: &LeaseHolder,
        change: &mut dyn FnMut(&Look) -> Vec<Put>,
    ) -> Result<(), StoreFault> {
        self.store()?.update(names, lease, holder, change)
    }

    fn location(&self) -> String {
        self.settings.address.to_string()
    }
}
