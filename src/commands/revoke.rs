//! `revoke`: ends the cached token at the server, then drops it here.

use super::evict::{self, Evicted, of_client};
use super::explain::with_foreign_hosts;
use crate::cache::{Cache, DropReason};
use crate::cli::RevokeArgs;
use crate::error::{Category, Error, Result};
use crate::login::{Connection, Revocation};
use crate::output::Reporter;
use crate::settings::{ClientSettings, RevokeSettings};
use crate::token::AccessToken;
use crate::world::World;

pub(super) fn run(args: &RevokeArgs, world: &mut World) -> Result<u8> {
    let RevokeSettings { client } = RevokeSettings::resolve(args, world)?;
    let line =
        revoke_cached(&client, world).map_err(|error| with_foreign_hosts(error, &client.foreign_hosts))?;
    Reporter::new(client.log, world.stderr).done(line, &client.all_warnings());
    Ok(0)
}

fn revoke_cached(client: &ClientSettings, world: &World) -> Result<String> {
    match evict::open_store(client)? {
        Some(store) => revoke(client, &Cache::new(&store, client.cache_key(), &client.client.secret), world),
        None => Ok(Evicted::Nothing.sentence(client)),
    }
}

/// First takes the cached token out of use, so that no call is given a token that is being ended. Then ends it, and
/// those that an earlier call could not end. Needs no lock, whose holder may be suspended.
fn revoke(client: &ClientSettings, cache: &Cache, world: &World) -> Result<String> {
    let lock = cache.try_lock().into_proof();
    let cached = cache.token();
    if let Some(token) = &cached {
        // On a full disk it stays in use until it has ended.
        let (reason, now) = (DropReason::Revoking, world.clock.now());
        let _ = cache.drop_token(token, reason, lock.as_ref(), now, world.random);
    }
    let taken = cache.to_revoke();
    let in_use = cached.map(|token| token.value).filter(|value| !taken.contains(value));
    let mut line = Evicted::Nothing.sentence(client);
    for value in taken.iter().chain(&in_use) {
        let ended = end_token(client, value, in_use.is_none(), world)?;
        cache
            .mark_revoked(value, lock.as_ref(), world.random)
            .map_err(|error| evict::undropped(cache, &error))?;
        line = format!("{ended} {}, and dropped it from the cache", of_client(client));
    }
    Ok(line)
}

/// Ends one token at the API host, and says who did.
fn end_token(
    client: &ClientSettings,
    value: &AccessToken,
    is_out_of_use: bool,
    world: &World,
) -> Result<&'static str> {
    let connection = Connection::new(&client.endpoint.transport, world.clock);
    let left = client.timeout.saturating_sub(world.clock.elapsed());
    match connection.revoke(&client.endpoint.api_url, value, left) {
        Revocation::Revoked => Ok("revoked the token"),
        Revocation::DeadAlready => Ok("the API host had already ended the token"),
        Revocation::Failed(why) => {
            let message = format!("cannot revoke the token {}: {why}", of_client(client));
            let state = if is_out_of_use { "no call is given it any more" } else { "it is still cached" };
            Err(Error::new(Category::Unavailable, message)
                .cause(state)
                .fix("run revoke again, or disable the OAuth client in Genesys Cloud"))
        }
    }
}
