//! Dropping a cached token, under its lock: what `invalidate` and `revoke` share.

use std::time::Duration;

use crate::cache::Cache;
use crate::duration::format_duration;
use crate::error::{Category, Error, Result};
use crate::settings::ClientSettings;
use crate::store::{DirStore, Held};
use crate::time::Clock;
use crate::token::AccessToken;

/// How often to try whether the lock is free.
const POLL_INTERVAL: Duration = Duration::from_millis(20);

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
        let client = of_client(client);
        match self {
            Self::Dropped => format!("dropped the cached token {client}"),
            Self::Kept => format!("kept the cached token {client}: it is another one"),
            Self::Nothing => format!("there is no cached token {client}"),
        }
    }
}

/// The client of a token, as messages name it.
pub(super) fn of_client(client: &ClientSettings) -> String {
    format!("of client {} at {}", client.client.id, client.host)
}

/// The store, if the cache exists.
pub(super) fn open_store(settings: &ClientSettings) -> Result<Option<DirStore>> {
    settings.cache.open_existing().map_err(|why| {
        Error::usage(why).hint("name the cache's directory with --cache-dir or GENESYS_TOKEN_CACHE_DIR")
    })
}

/// Drops the cached token, or only `only`. The lock sees to it that a newer token is never taken for the old one.
pub(super) fn drop_token(cache: &Cache, only: Option<&AccessToken>, lock: &Held) -> Result<Evicted> {
    let Some(token) = cache.token() else { return Ok(Evicted::Nothing) };
    if only.is_some_and(|only| *only != token.value) {
        return Ok(Evicted::Kept);
    }
    cache.drop_token(&token.value, lock).map_err(|error| {
        Error::internal(format!("cannot remove {}: {error}", cache.location()))
            .hint("check that the cache's directory can be written")
    })?;
    Ok(Evicted::Dropped)
}

/// Waits for the lock, at most until `limit` has passed since the call started. A store without locks has none to wait
/// for.
pub(super) fn lock(cache: &Cache, limit: Duration, clock: &dyn Clock) -> Result<Held> {
    loop {
        if let Some(lock) = cache.try_lock().into_proof() {
            return Ok(lock);
        }
        if clock.elapsed() >= limit {
            let held = format_duration(limit);
            let message = format!("another process has held the cache's lock for {held}");
            return Err(Error::new(Category::Unavailable, message)
                .hint("it may be suspended; a longer --timeout waits longer"));
        }
        clock.sleep(POLL_INTERVAL);
    }
}
