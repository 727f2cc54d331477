//! `clear`: empties the cache, without parsing what it deletes.

use crate::cli::ClearArgs;
use crate::error::{Error, Result};
use crate::output::Reporter;
use crate::secret::visible;
use crate::settings::ClearSettings;
use crate::store::{CacheLocation, Store as _};
use crate::world::World;

pub(super) fn run(args: &ClearArgs, world: &mut World) -> Result<i32> {
    let ClearSettings { cache, log } = ClearSettings::resolve(args, world)?;
    let store = cache.open_existing().map_err(|why| {
        Error::usage(why).fix("only a directory that is the caller's and closed to others is cleared")
    })?;
    let removed = match &store {
        Some(store) => store.clear().map_err(|error| {
            Error::internal(format!("cannot clear {}: {error}", store.location()))
                .fix("make the directory writable, and try again")
        })?,
        None => 0,
    };
    let files = if removed == 1 { "file" } else { "files" };
    let sentence = match &cache {
        CacheLocation::At(path) => format!("removed {removed} {files} from {}", visible(path.display())),
        CacheLocation::Nowhere(reason) => format!("there is no cache: {reason}"),
    };
    Reporter::new(log, world.clock, world.machine, world.stderr).done(sentence, &[]);
    Ok(0)
}
