//! Dropping a cached token, under its lock: what `invalidate` and `revoke` share.

use std::fmt;
use std::time::Duration;

use super::World;
use crate::cache::{self, Lock, Store};
use crate::error::{Category, Error, Result};
use crate::secret::Secret;
use crate::settings::Settings;
use crate::time::{Clock, humane};

/// How often to look whether the lock is free.
const LOOK: Duration = Duration::from_millis(20);

/// What became of the cached token. Its `Display` begins a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evicted {
    /// It is gone.
    Dropped,
    /// There was another one, which stays.
    Kept,
    /// There was none.
    Nothing,
}

impl fmt::Display for Evicted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Dropped => "dropped the cached token",
            Self::Kept => "kept the cached token, which is another one,",
            Self::Nothing => "there is no cached token",
        })
    }
}

/// The client's place in a cache that is there already.
pub fn store(settings: &Settings, world: &World) -> Result<Option<Store>> {
    let dir = cache::find(&settings.place, &world.env).map_err(|why| {
        Error::usage(why).hint("name the cache's directory with --cache-dir or GENESYS_TOKEN_CACHE_DIR")
    })?;
    Ok(dir.map(|dir| settings.store(dir)))
}

/// Drops the cached token, or only `only`. Whoever fetches one meanwhile holds the lock, so that a newer one is never
/// taken for the old.
pub fn drop_token(store: &Store, only: Option<&Secret>, _locked: &Lock) -> Result<Evicted> {
    let Some(token) = store.token() else { return Ok(Evicted::Nothing) };
    if only.is_some_and(|only| *only != token.value) {
        return Ok(Evicted::Kept);
    }
    store.drop_token(&token.value).map_err(|error| {
        Error::internal(format!("cannot remove {}: {error}", store.path().display()))
            .hint("check that the cache's directory can be written")
    })?;
    Ok(Evicted::Dropped)
}

/// Waits for the lock until `limit` is over. A file system without locks has none to wait for.
pub fn lock(store: &Store, limit: Duration, clock: &dyn Clock) -> Result<Lock> {
    loop {
        match store.try_lock() {
            Lock::Busy if clock.elapsed() < limit => clock.sleep(LOOK),
            Lock::Busy => {
                let message = format!("another process holds the cache's lock for {}", humane(limit));
                return Err(Error::new(Category::Unavailable, message)
                    .hint("it may be stopped; a longer --timeout waits longer"));
            }
            lock => return Ok(lock),
        }
    }
}
