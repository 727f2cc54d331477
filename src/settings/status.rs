//! Settings of `status`.

use super::value::{cache, log};
use crate::cli::StatusArgs;
use crate::error::Result;
use crate::output::{ListFormat, LogOptions};
use crate::store::CacheLocation;
use crate::world::World;

#[derive(Debug)]
pub(crate) struct StatusSettings {
    pub(crate) cache: CacheLocation,
    pub(crate) format: ListFormat,
    pub(crate) log: LogOptions,
}

impl StatusSettings {
    pub(crate) fn resolve(args: &StatusArgs, world: &World) -> Result<Self> {
        Ok(Self {
            cache: cache(args.cache_dir.as_deref(), world.environment, world.machine),
            format: args.format,
            log: log(&args.log, world.environment)?,
        })
    }
}
