//! What every verb with a credential needs.

use std::time::Duration;

use super::credential::client;
use super::servers::Servers;
use super::shared_cache::SharedCacheSettings;
use super::transport::transport;
use super::value::{cache, lane, log, timeout};
use crate::cache::CacheKey;
use crate::cli::ClientArgs;
use crate::client::Client;
use crate::environment::{Environment, variable};
use crate::error::Result;
use crate::lane::Lane;
use crate::login::Endpoint;
use crate::output::{LogOptions, Whose};
use crate::scope::Scopes;
use crate::store::CacheLocation;
use crate::world::World;

/// The client, its servers, and its cache.
#[derive(Debug)]
pub(crate) struct ClientSettings {
    /// The credential.
    pub(crate) client: Client,
    /// The servers.
    pub(crate) endpoint: Endpoint,
    /// The requested scopes.
    pub(crate) scopes: Scopes,
    /// The lane, if the token is one of its own.
    pub(crate) lane: Option<Lane>,
    /// The login server as the one line names it: the region's domain, or the host that was set instead.
    pub(crate) host: String,
    /// Where the cache is.
    pub(crate) cache: CacheLocation,
    /// The cache that machines share, if there is one.
    pub(crate) shared_cache: Option<SharedCacheSettings>,
    /// The deadline of the whole call.
    pub(crate) timeout: Duration,
    /// How much to say on stderr.
    pub(crate) log: LogOptions,
    /// Names each server that is not Genesys' own, and what set it.
    pub(crate) foreign_hosts: Vec<String>,
    /// What else the user should know about these settings.
    pub(crate) warnings: Vec<String>,
}

impl ClientSettings {
    /// Resolves them.
    ///
    /// # Errors
    /// A value that makes no sense, or a missing or malformed credential.
    pub(super) fn resolve(args: &ClientArgs, world: &mut World) -> Result<Self> {
        let environment = world.environment;
        let log = log(&args.log, environment)?;
        let servers = Servers::resolve(args, environment)?;
        let (client, normalizations) = client(args, environment, world.stdin)?;
        let scopes = scopes(args, environment)?;
        let transport = transport(args, environment, &[&servers.login_url, &servers.api_url])?;
        let Servers { region, region_source, login_url, api_url, host, foreign_hosts, mut warnings } =
            servers;
        warnings.extend(normalizations);
        let endpoint =
            Endpoint { login_url, api_url, client_id: client.id.clone(), region, region_source, transport };
        Ok(Self {
            client,
            endpoint,
            scopes,
            lane: lane(args.lane.as_deref(), environment)?,
            host,
            cache: cache(args.cache_dir.as_deref(), environment, world.machine),
            shared_cache: SharedCacheSettings::resolve(args.shared_cache.as_deref(), environment)?,
            timeout: timeout(args.timeout, environment)?,
            log,
            foreign_hosts,
            warnings,
        })
    }

    /// Every warning, for the line on stderr.
    pub(crate) fn all_warnings(&self) -> Vec<String> {
        [self.foreign_hosts.as_slice(), &self.warnings].concat()
    }

    /// Whose token a call is about.
    pub(crate) fn whose(&self) -> Whose<'_> {
        Whose { client: &self.client.id, host: &self.host, lane: self.lane.as_ref() }
    }

    /// What this client's tokens are cached for.
    pub(crate) fn cache_key(&self) -> CacheKey {
        CacheKey {
            client_id: self.client.id.clone(),
            login_url: self.endpoint.login_url.clone(),
            scopes: self.scopes.clone(),
            lane: self.lane.clone(),
        }
    }
}

/// The requested scopes.
///
/// # Errors
/// A character that no scope can have.
pub(super) fn scopes(args: &ClientArgs, environment: Environment) -> Result<Scopes> {
    if !args.scope.is_empty() {
        return Scopes::parse(args.scope.iter().map(String::as_str));
    }
    Scopes::parse(environment.text(variable::SCOPE)?.as_deref())
}
