//! `invalidate`: drops the cached token, with `--token-stdin` only if it is still that very one.

use super::evict::{self, Evicted};
use crate::cache::{Cache, DropReason};
use crate::cli::InvalidateArgs;
use crate::error::Result;
use crate::output::{Level, Reporter};
use crate::settings::InvalidateSettings;
use crate::token::AccessToken;
use crate::world::World;

pub(super) fn run(args: &InvalidateArgs, world: &mut World) -> Result<u8> {
    let InvalidateSettings { client, only } = InvalidateSettings::resolve(args, world)?;
    let evicted = match evict::open_store(&client)? {
        Some(store) => {
            let cache = Cache::new(&store, client.cache_key(), &client.client.secret);
            drop_token(&cache, only.as_ref(), world)?
        }
        None => Evicted::Nothing,
    };
    Reporter::new(client.log, world.stderr).say(Level::Normal, || evicted.sentence(&client));
    Ok(0)
}

/// Drops the cached token, or only `only`. Another process may hold the lock, and be suspended: that stops nobody.
fn drop_token(cache: &Cache, only: Option<&AccessToken>, world: &World) -> Result<Evicted> {
    let Some(token) = cache.token() else { return Ok(Evicted::Nothing) };
    if only.is_some_and(|only| *only != token.value) {
        return Ok(Evicted::Kept);
    }
    let (lock, reason) = (cache.try_lock().into_proof(), DropReason::Discarded);
    cache
        .drop_token(&token, reason, lock.as_ref(), world.clock.now(), world.random)
        .map_err(|error| evict::undropped(cache, &error))?;
    Ok(Evicted::Dropped)
}
