//! `revoke`: ends the cached token at the server, then drops it here.

use super::World;
use super::evict;
use crate::cache::Store;
use crate::cli::RevokeArgs;
use crate::error::{Category, Error, Result};
use crate::login::{Connection, Revocation};
use crate::output::report::{self, Level, Reporter};
use crate::settings::{self, Settings};

pub fn run(args: &RevokeArgs, world: &mut World) -> Result<u8> {
    report::level(&args.client.log, &world.env)?;
    let settings = settings::settle(&args.client, &world.env, world.stdin)?;
    let said = match evict::store(&settings, world)? {
        Some(store) => revoke(&settings, &store, world)?,
        None => nothing(&settings),
    };
    Reporter::new(&args.client.log, &world.env, world.stderr)?.say(Level::Normal, || said);
    Ok(0)
}

/// All of it under the lock: nobody is handed a token that is being ended, nor waits for the lock when it is.
fn revoke(settings: &Settings, store: &Store, world: &World) -> Result<String> {
    let lock = evict::lock(store, settings.timeout, world.clock)?;
    let Some(token) = store.token() else { return Ok(nothing(settings)) };
    let api_url = &settings.endpoint.api_url;
    let connection = Connection::new(&settings.endpoint.route, world.clock);
    let left = settings.timeout.saturating_sub(world.clock.elapsed());
    let ended = match connection.revoke(api_url, &token.value, left) {
        Revocation::Revoked => "revoked the token",
        Revocation::DeadAlready => "the API host does not know the token any more, that",
        Revocation::Failed(why) => {
            let message = format!("cannot revoke the token {}: {why}", whose(settings));
            return Err(Error::new(Category::Unavailable, message)
                .hint("it is still cached; try again, or disable the OAuth client in Genesys Cloud"));
        }
    };
    let evicted = evict::drop_token(store, Some(&token.value), &lock)?;
    Ok(format!("{ended} {}; {evicted}", whose(settings)))
}

fn nothing(settings: &Settings) -> String {
    format!("there is no cached token {}", whose(settings))
}

fn whose(settings: &Settings) -> String {
    format!("of client {} at {}", settings.client.id, settings.host)
}
