//! `revoke`: ends the cached token at the server, then drops it here.

use super::evict::{self, Evicted, Places};
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

pub(super) fn run(args: &RevokeArgs, world: &mut World) -> Result<i32> {
    let RevokeSettings { client } = RevokeSettings::resolve(args, world)?;
    let reporter = Reporter::new(client.log, world.clock, world.machine, world.stderr);
    let call = Call { client: &client, clock: world.clock, random: world.random, log: &reporter };
    let (line, warnings) =
        evict::with_places(&client, (world.clock, world.random), |places| call.revoke(places))
            .map_err(|error| with_foreign_hosts(error, &client.foreign_hosts))?;
    reporter.done(line, &[client.all_warnings(), warnings].concat());
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
    /// First takes the cached tokens out of use, so that no call is given one that is being ended. Then ends them, and those
    /// that an earlier call could not end; with what the user should know.
    fn revoke(&self, places: &mut Places) -> Result<(String, Vec<String>)> {
        let cached = places.tokens();
        let mut in_use = Vec::new();
        for token in &cached {
            // On a full disk it stays in use until it has ended.
            if places.drop_token(token, DropReason::Revoking).is_err() {
                in_use.push(token.value.clone());
            }
        }
        let mut ending = places.disk.map(Cache::to_revoke).unwrap_or_default();
        ending.extend(cached.into_iter().map(|token| token.value));
        let mut line = Evicted::Nothing.sentence(self.client);
        let mut ended = Vec::new();
        for value in ending {
            if ended.contains(&value) {
                continue;
            }
            let how = self.end_token(&value, !in_use.contains(&value) && places.warnings.is_empty())?;
            if let Some(disk) = places.disk {
                let lock = disk.try_lock().into_proof();
                disk.mark_revoked(&value, lock.as_ref(), self.random)
                    .map_err(|error| evict::undropped(disk, &error))?;
            }
            line = format!("{how} {}, and dropped it from the cache", self.client.whose());
            ended.push(value);
        }
        Ok((line, std::mem::take(&mut places.warnings)))
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
