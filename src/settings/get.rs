//! Settings of `get`.

use std::path::PathBuf;

use super::token::TokenSettings;
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
}

impl GetSettings {
    pub(crate) fn resolve(args: &GetArgs, world: &mut World) -> Result<Self> {
        Ok(Self {
            token: TokenSettings::resolve(&args.token, world)?,
            format: args.format.unwrap_or_default(),
            output: args.output.clone(),
        })
    }
}
