//! `clear`: empties the cache, without looking into what it deletes.

use super::World;
use crate::cache;
use crate::cli::ClearArgs;
use crate::error::{Error, Result};
use crate::output::report::{self, Level, Reporter};
use crate::settings;

pub fn run(args: &ClearArgs, world: &mut World) -> Result<u8> {
    report::level(&args.log, &world.env)?;
    let place = settings::place(args.cache_dir.as_deref(), &world.env);
    let dir = cache::find(&place, &world.env).map_err(|why| {
        Error::usage(why).hint("only a directory that is the caller's and closed to others is cleared")
    })?;
    let removed = match &dir {
        Some(dir) => cache::clear(dir).map_err(|error| {
            Error::internal(format!("cannot clear {}: {error}", dir.path().display()))
                .hint("check that the directory can be written")
        })?,
        None => 0,
    };
    let at = cache::path(&place, &world.env).map_or_else(|why| why, |path| path.display().to_string());
    Reporter::new(&args.log, &world.env, world.stderr)?
        .say(Level::Normal, || format!("removed {removed} files from {at}"));
    Ok(0)
}
