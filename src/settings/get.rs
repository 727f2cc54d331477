//! Settings of `get`.

use std::path::PathBuf;
use std::time::Duration;

use super::token::TokenSettings;
use super::value::timeout;
use crate::cli::GetArgs;
use crate::error::Result;
use crate::output::TokenFormat;
use crate::world::World;

#[derive(Debug)]
pub(crate) struct GetSettings {
    pub(crate) token: TokenSettings,
    pub(crate) format: TokenFormat,
    /// The file to write the answer to, instead of stdout.
    pub(crate) output: Option<PathBuf>,
    /// The deadline of the whole call.
    pub(crate) timeout: Duration,
}

impl GetSettings {
    pub(crate) fn resolve(args: &GetArgs, world: &mut World) -> Result<Self> {
        Ok(Self {
            token: TokenSettings::resolve(&args.token, world)?,
            format: args.format.unwrap_or_default(),
            output: args.output.clone(),
            timeout: timeout(args.token.client.timeout, world.environment)?,
        })
    }
}
