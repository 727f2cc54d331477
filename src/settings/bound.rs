//! The token of the block around a call, which has no credential.

use std::path::PathBuf;
use std::time::Duration;

use super::same_token::{first_conflict, undecided};
use super::servers::{base_url, foreign_host};
use super::transport::transport;
use super::value::{level, min_ttl, timeout, verify_after};
use crate::base_url::BaseUrl;
use crate::cli::TokenArgs;
use crate::environment::Environment;
use crate::environment::variable;
use crate::error::{Error, Result};
use crate::login::Transport;
use crate::output::{Level, TokenOf};
use crate::region::Region;
use crate::time::Timestamp;
use crate::token::AccessToken;
use crate::world::World;

/// A bound token, and what is known of it.
#[derive(Debug)]
pub(crate) struct BoundSettings {
    /// Where it is.
    pub(crate) source: BoundSource,
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

/// Where the token of the block around a call is.
#[derive(Debug)]
pub(crate) enum BoundSource {
    /// In the file that `bind` wrote.
    File(PathBuf),
    /// In the environment that `exec` made.
    Exec(AccessToken),
}

impl BoundSource {
    /// The token around this call. A token that the user exported for another tool is not ours: `exec` says of its own
    /// whose it is.
    ///
    /// # Errors
    /// A variable is not UTF-8.
    pub(super) fn find(environment: Environment) -> Result<Option<Self>> {
        if let Some(file) = environment.path(variable::TOKEN_FILE) {
            return Ok(Some(Self::File(file)));
        }
        let (Some(of), Some(token)) = (token_of(environment)?, environment.text(variable::ACCESS_TOKEN)?)
        else {
            return Ok(None);
        };
        Ok(AccessToken::parse(token).ok().filter(|token| of.is_of(token)).map(Self::Exec))
    }
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
    pub(super) fn resolve(args: &TokenArgs, source: BoundSource, world: &World) -> Result<Self> {
        let environment = world.environment;
        let log = level(&args.client.log, environment)?;
        let region = environment.text(variable::REGION)?;
        let api_url = environment.text(variable::API_REGION)?;
        let mut warnings = refuse_other_token(args, region.as_deref(), api_url.as_deref(), environment)?;
        let expires_at = match environment.text(variable::EXPIRES_AT)? {
            Some(text) => Some(Timestamp::parse_rfc3339(&text).ok_or_else(not_a_time)?),
            None => None,
        };
        let check = match (verify_after(args.verify, environment)?, &api_url) {
            (None, _) => None,
            (Some(_), None) => {
                let name = variable::API_REGION.name;
                warnings.push(format!("cannot tell whether the token is alive: {name} is not set"));
                None
            }
            (Some(_), Some(text)) => {
                let name = variable::API_REGION.name;
                let api_url = base_url(text, name)?;
                warnings.extend(foreign_host(&api_url, name));
                Some(BoundCheck {
                    transport: transport(&args.client, environment, &[&api_url])?,
                    api_url,
                    timeout: timeout(args.client.timeout, environment)?,
                })
            }
        };
        let min_ttl = min_ttl(args.min_ttl, environment)?;
        Ok(Self { source, expires_at, min_ttl, check, region, api_url, log, warnings })
    }
}

/// A bound token is what it is: a flag or a variable that means another one can't be satisfied. Returns warnings about
/// variables of which nobody can say whether they do.
fn refuse_other_token(
    args: &TokenArgs,
    region: Option<&str>,
    api_url: Option<&str>,
    environment: Environment,
) -> Result<Vec<String>> {
    let forced = args.force_refresh.is_some().then_some("--force-refresh");
    let (conflict, undecided) = match token_of(environment)? {
        Some(of) => (forced.or(first_conflict(&args.client, &of, api_url, environment)?), Vec::new()),
        None => (forced.or(any_flag(args, region)?), undecided(environment).collect()),
    };
    if let Some(conflict) = conflict {
        let message = format!("{conflict} needs the client secret, and this block has only a bound token");
        return Err(Error::credentials(message).hint(REMEDY));
    }
    let ignored =
        |name| format!("{name} is ignored: the program that bound the token does not say whose it is");
    Ok(undecided.into_iter().map(ignored).collect())
}

/// Whose token it is; `None` when a program of 0.1.0 bound it.
fn token_of(environment: Environment) -> Result<Option<TokenOf>> {
    Ok(environment.text(variable::TOKEN_OF)?.and_then(|json| TokenOf::parse(&json)))
}

/// The first flag of the client, which may mean another token.
fn any_flag(args: &TokenArgs, region: Option<&str>) -> Result<Option<&'static str>> {
    let is_elsewhere = match &args.client.region {
        Some(wanted) => region != Some(Region::parse(wanted)?.aws),
        None => false,
    };
    let flags = [
        (!args.client.scope.is_empty(), "--scope"),
        (args.client.client_id.is_some(), "--client-id"),
        (args.client.login_url.is_some(), "--login-url"),
        (args.client.api_url.is_some(), "--api-url"),
        (is_elsewhere, "another --region"),
    ];
    Ok(flags.into_iter().find_map(|(is_given, flag)| is_given.then_some(flag)))
}

fn not_a_time() -> Error {
    Error::credentials(format!("the value of {} is not a time", variable::EXPIRES_AT.name))
        .hint("the block's variables were changed; leave them as withGenesysToken or bind set them")
}
