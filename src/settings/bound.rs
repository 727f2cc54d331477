//! The token of the block around a call, which has no credential.

use std::path::PathBuf;
use std::time::Duration;

use super::servers::{base_url, foreign_host};
use super::transport::transport;
use super::value::{level, min_ttl, timeout, verify_after};
use crate::base_url::BaseUrl;
use crate::cli::TokenArgs;
use crate::environment::variable;
use crate::error::{Error, Result};
use crate::login::Transport;
use crate::output::Level;
use crate::region::Region;
use crate::time::Timestamp;
use crate::world::World;

/// A bound token, and what is known of it.
#[derive(Debug)]
pub(crate) struct BoundSettings {
    /// The file that holds it.
    pub(crate) file: PathBuf,
    /// When it ends, if that is known.
    pub(crate) expires_at: Option<Timestamp>,
    /// The time that it must have left.
    pub(crate) min_ttl: Option<Duration>,
    /// How to check that it is alive, if that is wanted.
    pub(crate) check: Option<BoundCheck>,
    /// AWS name of its region.
    pub(crate) region: Option<String>,
    /// Base URL of its API.
    pub(crate) api_url: Option<String>,
    /// How much to say on stderr.
    pub(crate) log: Level,
    /// What the user should know about these settings.
    pub(crate) warnings: Vec<String>,
}

/// How to check that a bound token is alive.
#[derive(Debug)]
pub(crate) struct BoundCheck {
    /// The API server.
    pub(crate) api_url: BaseUrl,
    /// How to connect to it.
    pub(crate) transport: Transport,
    /// The deadline of the whole call.
    pub(crate) timeout: Duration,
}

/// What helps when the bound token does not.
pub(crate) const REMEDY: &str =
    "with 'refresh: true' the step keeps the credential bound, so that a new token can be fetched";

impl BoundSettings {
    /// Resolves them.
    ///
    /// # Errors
    /// A flag that a bound token can't satisfy, or a value that makes no sense.
    pub(super) fn resolve(args: &TokenArgs, file: PathBuf, world: &World) -> Result<Self> {
        let environment = world.environment;
        let log = level(&args.client.log, environment)?;
        let region = environment.text(variable::REGION)?;
        refuse_other_token(args, region.as_deref())?;
        let expires_at = match environment.text(variable::EXPIRES_AT)? {
            Some(text) => Some(Timestamp::parse_rfc3339(&text).ok_or_else(not_a_time)?),
            None => None,
        };
        let api_url = environment.text(variable::API_REGION)?;
        let mut warnings = Vec::new();
        let check = match (verify_after(args.verify, environment)?, &api_url) {
            (None, _) => None,
            (Some(_), None) => {
                let name = variable::API_REGION.name;
                warnings.push(format!("cannot tell whether the token is alive: {name} is not set"));
                None
            }
            (Some(_), Some(text)) => {
                let source = variable::API_REGION.name;
                let api_url = base_url(text, source)?;
                warnings.extend(foreign_host(&api_url, source));
                Some(BoundCheck {
                    transport: transport(&args.client, environment, &[&api_url])?,
                    api_url,
                    timeout: timeout(args.client.timeout, environment)?,
                })
            }
        };
        let min_ttl = min_ttl(args.min_ttl, environment)?;
        Ok(Self { file, expires_at, min_ttl, check, region, api_url, log, warnings })
    }
}

/// A bound token is what it is: a flag that requires another one can't be satisfied.
fn refuse_other_token(args: &TokenArgs, region: Option<&str>) -> Result<()> {
    let is_elsewhere = match &args.client.region {
        Some(wanted) => region != Some(Region::parse(wanted)?.aws),
        None => false,
    };
    for (given, flag) in [
        (!args.client.scope.is_empty(), "--scope"),
        (args.force_refresh.is_some(), "--force-refresh"),
        (args.client.client_id.is_some(), "--client-id"),
        (args.client.login_url.is_some(), "--login-url"),
        (args.client.api_url.is_some(), "--api-url"),
        (is_elsewhere, "another --region"),
    ] {
        if given {
            let message = format!("{flag} needs the client secret, and this block has only a bound token");
            return Err(Error::credentials(message).hint(REMEDY));
        }
    }
    Ok(())
}

fn not_a_time() -> Error {
    Error::credentials(format!("the value of {} is not a time", variable::EXPIRES_AT.name))
        .hint("the block's variables were changed; leave them as withGenesysToken or bind set them")
}
