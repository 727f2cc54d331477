//! Dropping a cached token, on the disk and in the shared cache: what `invalidate` and `revoke` share.

use super::fleet::LazyStore;
use crate::cache::{Cache, DropReason, SharedCache, SharedLook};
use crate::error::{Error, Result};
use crate::random::Random;
use crate::settings::ClientSettings;
use crate::store::{DirStore, StoreFault};
use crate::time::Clock;
use crate::token::Token;

/// What became of the cached token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Evicted {
    /// It is gone.
    Dropped,
    /// The cached token was another one, and stays.
    Kept,
    /// There was none.
    Nothing,
}

impl Evicted {
    /// The sentence about the token of `client`.
    pub(super) fn sentence(self, client: &ClientSettings) -> String {
        let whose = client.whose();
        match self {
            Self::Dropped => format!("dropped the cached token {whose}"),
            Self::Kept => format!("kept the cached token {whose}: it is another one"),
            Self::Nothing => format!("there is no cached token {whose}"),
        }
    }
}

/// Where a client's token may be. The shared cache helps where it can: without it there is a warning.
pub(super) struct Places<'c> {
    /// The cache on the disk, if it exists.
    pub(super) disk: Option<&'c Cache<'c>>,
    fleet: Option<&'c SharedCache<'c>>,
    clock: &'c dyn Clock,
    random: &'c dyn Random,
    /// What the user should know.
    pub(super) warnings: Vec<String>,
}

/// Calls `act` with the places of the token of `client`.
///
/// # Errors
/// Those of `act`, or the cache's directory can't be used.
pub(super) fn with_places<T>(
    client: &ClientSettings,
    (clock, random): (&dyn Clock, &dyn Random),
    act: impl FnOnce(&mut Places) -> Result<T>,
) -> Result<T> {
    let cache_key = client.cache_key();
    let store = open_store(client)?;
    let disk = store.as_ref().map(|store| Cache::new(store, cache_key.clone(), &client.client.secret));
    let shared_store = LazyStore::new(client, clock);
    let fleet = shared_store.as_ref().map(|store| store.cache(&cache_key, client, random));
    let (disk, fleet) = (disk.as_ref(), fleet.as_ref());
    let mut places = Places { disk, fleet, clock, random, warnings: Vec::new() };
    act(&mut places).map_err(|error| places.warnings.iter().fold(error, Error::cause))
}

impl Places<'_> {
    /// The cached tokens: one, unless the disk has another one than the fleet.
    pub(super) fn tokens(&mut self) -> Vec<Token> {
        let mut tokens: Vec<Token> = self.disk.and_then(Cache::token).into_iter().collect();
        let shared = self.look().and_then(|look| {
            let token = look.token.as_ref()?.token.clone();
            // A machine without a disk has no other list of what is still to be revoked.
            (self.disk.is_none() || !look.has_dropped(&token.value)).then_some(token)
        });
        tokens.extend(shared.filter(|shared| !tokens.iter().any(|token| token.value == shared.value)));
        tokens
    }

    fn look(&mut self) -> Option<SharedLook> {
        let look = self.fleet?.look();
        look.inspect_err(|fault| self.warn(fault)).ok()
    }

    /// Drops a token everywhere. Another process may hold the lock, and be suspended: that stops nobody.
    ///
    /// # Errors
    /// The cache's directory can't be written. The fleet has dropped it all the same.
    pub(super) fn drop_token(&mut self, token: &Token, reason: DropReason) -> std::io::Result<()> {
        if let Some(fleet) = self.fleet.filter(|fleet| !fleet.has_failed())
            && let Err(fault) = fleet.drop_token(token)
        {
            self.warn(&fault);
        }
        let Some(disk) = self.disk else { return Ok(()) };
        let (lock, now) = (disk.try_lock().into_proof(), self.clock.now());
        disk.drop_token(token, reason, lock.as_ref(), now, self.random)
    }

    fn warn(&mut self, fault: &StoreFault) {
        let location = self.fleet.map(SharedCache::location).unwrap_or_default();
        self.warnings.push(format!(
            "other machines may still take the token from the shared cache at {location}: {fault}"
        ));
    }
}

/// The store, if the cache exists.
fn open_store(settings: &ClientSettings) -> Result<Option<DirStore>> {
    settings.cache.open_existing().map_err(|why| {
        Error::usage(why).fix("name the cache's directory with --cache-dir or GENESYS_TOKEN_CACHE_DIR")
    })
}

/// The error of a token that could not be dropped.
pub(super) fn undropped(cache: &Cache, error: &std::io::Error) -> Error {
    Error::internal(format!("cannot drop {}: {error}", cache.location()))
        .fix("make the cache's directory writable, and try again")
}
