//! `revoke`: ends the cached token at the server, then drops it here.

use super::evict::{self, Evicted};
use super::explain::with_foreign_hosts;
use crate::cache::{Cache, DropReason};
use crate::cli::RevokeArgs;
use crate::error::{Category, Error, Result};
use crate::log::Log;
use crate::login::{Connection, Revocation};
use crate::output::Reporter;
use crate::random::Random;
use crate::settings::{ClientSettings, RevokeSettings};
use crate::time::Clock;
use crate::token::AccessToken;
use crate::world::World;

pub(super) fn run(args: &RevokeArgs, world: &mut World) -> Result<u8> {
    let RevokeSettings { client } = RevokeSettings::resolve(args, world)?;
    let reporter = Reporter::new(client.log, world.clock, world.machine, world.stderr);
    let call = Call { client: &client, clock: world.clock, random: world.random, log: &reporter };
    let line = call.revoke_cached().map_err(|error| with_foreign_hosts(error, &client.foreign_hosts))?;
    reporter.done(line, &client.all_warnings());
    Ok(0)
}

/// What the steps of one call need.
struct Call<'c> {
    client: &'c ClientSettings,
    clock: &'c dyn Clock,
    random: &'c dyn Random,
    log: &'c dyn Log,
}

impl Call<'_> {
    fn revoke_cached(&self) -> Result<String> {
        let client = self.client;
        match evict::open_store(client)? {
            Some(store) => self.revoke(&Cache::new(&store, client.cache_key(), &client.client.secret)),
            None => Ok(Evicted::Nothing.sentence(client)),
        }
    }

    /// First takes the cached token out of use, so that no call is given a token that is being ended. Then ends it, and
    /// those that an earlier call could not end. Needs no lock, whose holder may be suspended.
    fn revoke(&self, cache: &Cache) -> Result<String> {
        let lock = cache.try_lock().into_proof();
        let cached = cache.token();
        if let Some(token) = &cached {
            // On a full disk it stays in use until it has ended.
            let (reason, now) = (DropReason::Revoking, self.clock.now());
            let _ = cache.drop_token(token, reason, lock.as_ref(), now, self.random);
        }
        let taken = cache.to_revoke();
        let in_use = cached.map(|token| token.value).filter(|value| !taken.contains(value));
        let mut line = Evicted::Nothing.sentence(self.client);
        for value in taken.iter().chain(&in_use) {
            let ended = self.end_token(value, in_use.is_none())?;
            cache
                .mark_revoked(value, lock.as_ref(), self.random)
                .map_err(|error| evict::undropped(cache, &error))?;
            line = format!("{ended} {}, and dropped it from the cache", self.client.whose());
        }
        Ok(line)
    }

    /// Ends one token at the API host, and says who did.
    fn end_token(&self, value: &AccessToken, is_out_of_use: bool) -> Result<&'static str> {
        let Self { client, clock, log, .. } = *self;
        let connection = Connection::new(&client.endpoint.transport, clock, log);
        let left = client.timeout.saturating_sub(clock.elapsed());
        match connection.revoke(&client.endpoint.api_url, value, left) {
            Revocation::Revoked => Ok("revoked the token"),
            Revocation::DeadAlready => Ok("the API host had already ended the token"),
            Revocation::Failed(why) => {
                let message = format!("cannot revoke the token {}: {why}", client.whose());
                let state = if is_out_of_use { "no call is given it any more" } else { "it is still cached" };
                Err(Error::new(Category::Unavailable, message)
                    .cause(state)
                    .fix("run revoke again, or disable the OAuth client in Genesys Cloud"))
            }
        }
    }
}
