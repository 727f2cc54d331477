//! `invalidate`: drops the cached token, with `--token-stdin` only if it is still that very one.

use super::evict::{self, Evicted};
use super::explain::with_foreign_hosts;
use crate::cache::{Cache, DropReason};
use crate::cli::InvalidateArgs;
use crate::error::Result;
use crate::output::Reporter;
use crate::settings::{ClientSettings, InvalidateSettings};
use crate::token::AccessToken;
use crate::world::World;

pub(super) fn run(args: &InvalidateArgs, world: &mut World) -> Result<u8> {
    let InvalidateSettings { client, only } = InvalidateSettings::resolve(args, world)?;
    let evicted = drop_cached(&client, only.as_ref(), world)
        .map_err(|error| with_foreign_hosts(error, &client.foreign_hosts))?;
    Reporter::new(client.log, world.clock, world.machine, world.stderr)
        .done(evicted.sentence(&client), &client.all_warnings());
    Ok(0)
}

fn drop_cached(client: &ClientSettings, only: Option<&AccessToken>, world: &World) -> Result<Evicted> {
    match evict::open_store(client)? {
        Some(store) => {
            drop_token(&Cache::new(&store, client.cache_key(), &client.client.secret), only, world)
        }
        None => Ok(Evicted::Nothing),
    }
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
