//! Settings of `bind`, which always needs the credential.

use std::path::PathBuf;

use super::token::CredentialSettings;
use crate::bound::PROTOCOL;
use crate::cli::BindArgs;
use crate::environment::{Environment, variable};
use crate::error::{Error, Result};
use crate::time::{CommonClock, Timestamp};
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
    /// What the step tells of other agents of the build, if it shares their token.
    pub(crate) build: Option<BuildSettings>,
}

/// What the step tells of other agents of the build.
#[derive(Debug)]
pub(crate) struct BuildSettings {
    /// The sealed entries, `NAME:BASE64` each, separated by spaces.
    pub(crate) offered: String,
    /// The controller's clock.
    pub(crate) clock: CommonClock,
}

impl BuildSettings {
    /// `None` without the controller's time: the step shares nothing. Values from outside are never an error.
    fn resolve(environment: Environment, read_at: Timestamp) -> Option<Self> {
        let millis: i64 = environment.text(variable::NOW).ok()??.parse().ok()?;
        let offered = environment.text(variable::OFFERED).ok().flatten().unwrap_or_default();
        let clock = CommonClock::new(Timestamp(millis.checked_mul(1000)?), read_at);
        Some(Self { offered, clock })
    }
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
        // The step has read the controller's time before this process began.
        let started_at = world.clock.now();
        let asks_for_features = args.for_step.is_some() && world.environment.is_set(variable::STEP);
        let build = asks_for_features.then(|| BuildSettings::resolve(world.environment, started_at));
        Ok(Self {
            token: CredentialSettings::resolve(&args.token, world)?,
            dir: args.dir.clone(),
            carry_helper: args.carry_helper,
            asks_for_features,
            build: build.flatten(),
        })
    }
}
