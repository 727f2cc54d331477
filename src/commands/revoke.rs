//! `revoke`: ends the cached token at the server, then drops it here.

use super::evict::{self, Evicted, of_client};
use crate::cache::Cache;
use crate::cli::RevokeArgs;
use crate::error::{Category, Error, Result};
use crate::login::{Connection, Revocation};
use crate::output::{Level, Reporter};
use crate::settings::{ClientSettings, RevokeSettings};
use crate::world::World;

pub(super) fn run(args: &RevokeArgs, world: &mut World) -> Result<u8> {
    let RevokeSettings { client } = RevokeSettings::resolve(args, world)?;
    let line = match evict::open_store(&client)? {
        Some(store) => {
            revoke(&client, &Cache::new(&store, client.cache_key(), &client.client.secret), world)?
        }
        None => Evicted::Nothing.sentence(&client),
    };
    Reporter::new(client.log, world.stderr).say(Level::Normal, || line);
    Ok(0)
}

/// All of it under the lock: no process gets a token that is being ended, nor waits for the lock when it has one.
fn revoke(client: &ClientSettings, cache: &Cache, world: &World) -> Result<String> {
    let lock = evict::lock(cache, client.timeout, world.clock)?;
    let Some(token) = cache.token() else { return Ok(Evicted::Nothing.sentence(client)) };
    let connection = Connection::new(&client.endpoint.transport, world.clock);
    let left = client.timeout.saturating_sub(world.clock.elapsed());
    let ended = match connection.revoke(&client.endpoint.api_url, &token.value, left) {
        Revocation::Revoked => "revoked the token",
        Revocation::DeadAlready => "the API host had already ended the token",
        Revocation::Failed(why) => {
            let message = format!("cannot revoke the token {}: {why}", of_client(client));
            return Err(Error::new(Category::Unavailable, message)
                .hint("it is still cached; try again, or disable the OAuth client in Genesys Cloud"));
        }
    };
    evict::drop_token(cache, Some(&token.value), &lock)?;
    Ok(format!("{ended} {}, and dropped it from the cache", of_client(client)))
}
