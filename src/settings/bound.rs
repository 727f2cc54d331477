//! The token of the block around a call, which has no credential.

use std::time::Duration;

use super::api::ApiSettings;
use super::same_token::{first_conflict, undecided};
use super::servers::{base_url, foreign_host};
use super::transport::transport;
use super::value::{expect_org, log, min_ttl, timeout, verify_after};
use crate::base_url::BaseUrl;
use crate::bound::read_token;
use crate::cli::TokenArgs;
use crate::environment::Environment;
use crate::environment::variable;
use crate::error::{Error, Result};
use crate::organization::ExpectedOrganization;
use crate::output::{LogOptions, TokenOf};
use crate::region::{self, Region};
use crate::time::Timestamp;
use crate::token::AccessToken;
use crate::world::World;

/// A bound token, and what is known of it.
#[derive(Debug)]
pub(crate) struct BoundSettings {
    /// The token.
    pub(crate) token: AccessToken,
    /// What helps when it does not do.
    pub(crate) remedy: &'static str,
    /// When it ends, if that is known.
    pub(crate) expires_at: Option<Timestamp>,
    /// The time that it must have left.
    pub(crate) min_ttl: Option<Duration>,
    /// Whether to check that it is alive.
    pub(crate) verify: bool,
    /// The organisation that it must be of.
    pub(crate) expect_org: Option<ExpectedOrganization>,
    /// Where to ask for either; `None` when nothing is to be asked.
    pub(crate) api: Option<ApiSettings>,
    /// The deadline of the whole call.
    pub(crate) timeout: Duration,
    /// Names the API server if it is not Genesys' own, and what set it.
    pub(crate) foreign_host: Option<String>,
    /// AWS name of its region.
    pub(crate) region: Option<String>,
    /// Base URL of its API.
    pub(crate) api_url: Option<String>,
    /// How much to say on stderr.
    pub(crate) log: LogOptions,
    /// What the user should know about these settings.
    pub(crate) warnings: Vec<String>,
}

/// The token around a call, and whose it is.
#[derive(Debug)]
pub(super) struct BoundToken {
    token: AccessToken,
    /// `None` when a program of 0.1.0 bound it.
    of: Option<TokenOf>,
    remedy: &'static str,
}

/// What helps in the block of a `bind`.
const REFRESH: &str =
    "set 'refresh: true' in the step, which then keeps the credential bound to fetch a new token";

/// What helps inside of an `exec`.
const KEEP_CREDENTIALS: &str =
    "run the command by exec --keep-credentials, which leaves it the credential to fetch a new token";

impl BoundToken {
    /// The token in the file that `bind` wrote, or else in the environment that `exec` made. A token that the user
    /// exported for another tool is not ours: it is not the one that `exec` says it provided.
    ///
    /// # Errors
    /// The file can't be trusted or holds no token.
    pub(super) fn find(environment: Environment) -> Result<Option<Self>> {
        let of = environment.text(variable::TOKEN_OF)?.and_then(|json| TokenOf::parse(&json));
        if let Some(file) = environment.path(variable::TOKEN_FILE) {
            let token = read_token(&file)?;
            // A program of 0.1.0 that binds within another block leaves the words about the outer token.
            let of = of.filter(|of| of.is_of(&token));
            return Ok(Some(Self { token, of, remedy: REFRESH }));
        }
        let Some(of) = of else { return Ok(None) };
        let token = environment.text(variable::ACCESS_TOKEN)?.and_then(|text| AccessToken::parse(text).ok());
        let token = token.filter(|token| of.is_of(token));
        Ok(token.map(|token| Self { token, of: Some(of), remedy: KEEP_CREDENTIALS }))
    }
}

impl BoundSettings {
    /// Resolves them.
    ///
    /// # Errors
    /// A flag that a bound token can't satisfy, or a value that makes no sense.
    pub(super) fn resolve(args: &TokenArgs, bound: BoundToken, world: &World) -> Result<Self> {
        let environment = world.environment;
        let log = log(&args.client.log, environment)?;
        let api_url = environment.text(variable::API_REGION)?;
        let mut warnings = Vec::new();
        let region = match &bound.of {
            Some(of) => Some(of.region.clone()),
            None => region_beside(api_url.as_deref(), environment, &mut warnings)?,
        };
        refuse_other_token(args, &bound, region.as_deref(), api_url.as_deref(), environment)?;
        if bound.of.is_none() {
            let why = "the program that bound the token does not say whose it is";
            warnings.extend(undecided(environment).map(|name| format!("{name} is ignored: {why}")));
        }
        let expires_at = match environment.text(variable::EXPIRES_AT)? {
            Some(text) => Some(Timestamp::parse_rfc3339(&text).ok_or_else(not_a_time)?),
            None => None,
        };
        let verify = verify_after(args.verify, environment)?.is_some();
        let expect_org = expect_org(args.expect_org.as_deref(), environment)?;
        let name = variable::API_REGION.name;
        let api = match &api_url {
            Some(text) if verify || expect_org.is_some() => {
                let api_url = base_url(text, name)?;
                Some(ApiSettings { transport: transport(&args.client, environment, &[&api_url])?, api_url })
            }
            None if verify => {
                warnings.push(format!("cannot tell whether the token is alive: {name} is not set"));
                None
            }
            _ => None,
        };
        let foreign_host = api.as_ref().and_then(|api| foreign_host(&api.api_url, name));
        let timeout = timeout(args.client.timeout, environment)?;
        let min_ttl = min_ttl(args.min_ttl, environment)?;
        let BoundToken { token, remedy, .. } = bound;
        Ok(Self {
            token,
            remedy,
            expires_at,
            min_ttl,
            verify,
            expect_org,
            api,
            timeout,
            foreign_host,
            region,
            api_url,
            log,
            warnings,
        })
    }
}

/// The AWS name of the region in which the API is. `GENESYSCLOUD_REGION` may have been changed inside the block, and
/// must not be passed on beside the API URL of another region.
fn region_beside(
    api_url: Option<&str>,
    environment: Environment,
    warnings: &mut Vec<String>,
) -> Result<Option<String>> {
    let given = environment.text(variable::REGION)?;
    let api_url = api_url.and_then(|url| BaseUrl::parse(url).ok());
    let Some(region) = api_url.and_then(|url| region::of_host(url.host())) else { return Ok(given) };
    if given.is_some_and(|given| Region::parse(&given).map_or(true, |given| given.aws != region.aws)) {
        let (ignored, api_region) = (variable::REGION.name, variable::API_REGION.name);
        warnings.push(format!("{ignored} is ignored: {api_region} is in {}", region.aws));
    }
    Ok(Some(region.aws.to_owned()))
}

/// A bound token is what it is: a flag or a variable that means another one can't be satisfied.
fn refuse_other_token(
    args: &TokenArgs,
    bound: &BoundToken,
    region: Option<&str>,
    api_url: Option<&str>,
    environment: Environment,
) -> Result<()> {
    let conflict = match &bound.of {
        _ if args.force_refresh.is_some() => Some("--force-refresh"),
        Some(of) => first_conflict(&args.client, of, api_url, environment)?,
        None => any_flag(args, region)?,
    };
    let Some(conflict) = conflict else { return Ok(()) };
    let message = format!("{conflict} needs the client secret, and this block has only a bound token");
    Err(Error::credentials(message).fix(bound.remedy))
}

/// The first flag of the client, which may mean another token.
fn any_flag(args: &TokenArgs, region: Option<&str>) -> Result<Option<&'static str>> {
    let is_elsewhere = match &args.client.region {
        Some(wanted) => region != Some(Region::parse(wanted)?.aws),
        None => false,
    };
    let flags = [
        (!args.client.scope.is_empty(), "--scope"),
        (args.client.lane.is_some(), "--lane"),
        (args.client.client_id.is_some(), "--client-id"),
        (args.client.login_url.is_some(), "--login-url"),
        (args.client.api_url.is_some(), "--api-url"),
        (is_elsewhere, "another --region"),
    ];
    Ok(flags.into_iter().find_map(|(is_given, flag)| is_given.then_some(flag)))
}

fn not_a_time() -> Error {
    Error::credentials(format!("the value of {} is not a time", variable::EXPIRES_AT.name))
        .cause("the block's variables were changed")
        .fix("leave them as withGenesysToken or bind set them")
}
