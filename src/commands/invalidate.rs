//! `invalidate`: drops the cached token, with `--token-stdin` only if it is still that very one.

use super::evict::{self, Evicted, Places};
use super::explain::with_foreign_hosts;
use crate::cache::DropReason;
use crate::cli::InvalidateArgs;
use crate::error::Result;
use crate::output::Reporter;
use crate::settings::InvalidateSettings;
use crate::token::AccessToken;
use crate::world::World;

pub(super) fn run(args: &InvalidateArgs, world: &mut World) -> Result<i32> {
    let InvalidateSettings { client, only } = InvalidateSettings::resolve(args, world)?;
    let (evicted, warnings) =
        evict::with_places(&client, (world.clock, world.random), |places| drop_cached(places, only.as_ref()))
            .map_err(|error| with_foreign_hosts(error, &client.foreign_hosts))?;
    let warnings = [client.all_warnings(), warnings].concat();
    Reporter::new(client.log, world.clock, world.machine, world.stderr)
        .done(evicted.sentence(&client), &warnings);
    Ok(0)
}

/// Drops the cached token, or only `only`; with what the user should know.
fn drop_cached(places: &mut Places, only: Option<&AccessToken>) -> Result<(Evicted, Vec<String>)> {
    let tokens = places.tokens();
    let mut evicted = if tokens.is_empty() { Evicted::Nothing } else { Evicted::Kept };
    for token in tokens.iter().filter(|token| only.is_none_or(|only| *only == token.value)) {
        let dropped = places.drop_token(token, DropReason::Discarded);
        if let (Err(error), Some(disk)) = (dropped, places.disk) {
            return Err(evict::undropped(disk, &error));
        }
        evicted = Evicted::Dropped;
    }
    Ok((evicted, std::mem::take(&mut places.warnings)))
}
