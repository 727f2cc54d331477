//! Settings of `clear`.

use super::value::{cache, log};
use crate::cli::ClearArgs;
use crate::error::Result;
use crate::output::LogOptions;
use crate::store::CacheLocation;
use crate::world::World;

#[derive(Debug)]
pub(crate) struct ClearSettings {
    pub(crate) cache: CacheLocation,
    pub(crate) log: LogOptions,
}

impl ClearSettings {
    pub(crate) fn resolve(args: &ClearArgs, world: &World) -> Result<Self> {
        Ok(Self {
            cache: cache(args.cache_dir.as_deref(), world.environment, world.machine),
            log: log(&args.log, world.environment)?,
        })
    }
}
