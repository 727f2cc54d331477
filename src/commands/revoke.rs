//! `revoke`: ends the cached token at the server, then drops it here.

use super::World;
use super::evict;
use crate::cli::RevokeArgs;
use crate::error::{Category, Error, Result};
use crate::login::{Connection, Revocation};
use crate::output::report::{Level, Reporter};
use crate::settings;

pub fn run(args: &RevokeArgs, world: &mut World) -> Result<u8> {
    let settings = settings::settle(&args.client, &world.env, world.stdin)?;
    let store = evict::store(&settings, world)?;
    let whose = format!("of client {} at {}", settings.client.id, settings.host);
    let said = match store.as_ref().and_then(|store| store.token().map(|token| (store, token))) {
        None => format!("there is no cached token {whose}"),
        Some((store, token)) => {
            let api_url = &settings.endpoint.api_url;
            let connection = Connection::new(&settings.endpoint.route, world.clock);
            let ended = match connection.revoke(api_url, &token.value, settings.timeout) {
                Revocation::Revoked => "revoked the token",
                Revocation::DeadAlready => "the token was dead already",
                Revocation::Failed(why) => {
                    let message = format!("cannot revoke the token {whose}: {why}");
                    return Err(Error::new(Category::Unavailable, message).hint(
                        "it is still cached; try again, or disable the OAuth client in Genesys Cloud",
                    ));
                }
            };
            let evicted = evict::drop_token(store, Some(&token.value), settings.timeout, world)?;
            format!("{ended} {whose}; {evicted}")
        }
    };
    Reporter::new(&args.client.log, &world.env, world.stderr)?.say(Level::Normal, || said);
    Ok(0)
}
