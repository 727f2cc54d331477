//! Settings of `bind`, which always needs the credential.

use std::path::PathBuf;

use super::token::CredentialSettings;
use crate::bound::PROTOCOL;
use crate::cli::BindArgs;
use crate::environment::variable;
use crate::error::{Error, Result};
use crate::world::World;

#[derive(Debug)]
pub(crate) struct BindSettings {
    pub(crate) token: CredentialSettings,
    /// The directory to create.
    pub(crate) dir: PathBuf,
    /// Whether to copy the program into it.
    pub(crate) carry_helper: bool,
    /// Whether the step asks what this program can do.
    pub(crate) asks_for_features: bool,
}

impl BindSettings {
    pub(crate) fn resolve(args: &BindArgs, world: &mut World) -> Result<Self> {
        if let Some(version) = args.for_step.filter(|version| *version != PROTOCOL) {
            return Err(Error::usage(format!(
                "the step speaks protocol {version}, and this genesys-token {} speaks {PROTOCOL}",
                env!("CARGO_PKG_VERSION")
            ))
            .fix("use a program and a library of the same release"));
        }
        Ok(Self {
            token: CredentialSettings::resolve(&args.token, world)?,
            dir: args.dir.clone(),
            carry_helper: args.carry_helper,
            asks_for_features: args.for_step.is_some() && world.environment.is_set(variable::STEP),
        })
    }
}
