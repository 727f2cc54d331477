//! `invalidate`: drops the cached token, with `--token-stdin` only if it is still that very one.

use super::evict::{self, Evicted};
use crate::cache::Cache;
use crate::cli::InvalidateArgs;
use crate::error::Result;
use crate::output::{Level, Reporter};
use crate::settings::InvalidateSettings;
use crate::world::World;

pub(super) fn run(args: &InvalidateArgs, world: &mut World) -> Result<u8> {
    let InvalidateSettings { client, only } = InvalidateSettings::resolve(args, world)?;
    let evicted = match evict::open_store(&client)? {
        Some(store) => {
            let cache = Cache::new(&store, client.cache_key(), &client.client.secret);
            let lock = evict::lock(&cache, client.timeout, world.clock)?;
            evict::drop_token(&cache, only.as_ref(), &lock)?
        }
        None => Evicted::Nothing,
    };
    Reporter::new(client.log, world.stderr).say(Level::Normal, || evicted.sentence(&client));
    Ok(0)
}
