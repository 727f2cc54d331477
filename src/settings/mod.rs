//! Flags over environment over defaults: what one call is to do.

mod credential;
mod servers;

use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;

pub use credential::{client, has_secret};
pub use servers::Servers;

use crate::cache::{Owner, Place, Store};
use crate::cli::ClientArgs;
use crate::client::Client;
use crate::env::Env;
use crate::error::{Error, Result};
use crate::login::{Endpoint, Proxy, Route};
use crate::scope::Scopes;
use crate::secret::Secret;
use crate::sys::PrivateDir;
use crate::time::parse_duration;
use servers::{base_url, foreign};

/// The environment variables we read beside those of the proxy and the platform.
pub mod variable {
    /// Client id.
    pub const CLIENT_ID: &str = "GENESYSCLOUD_OAUTHCLIENT_ID";
    /// Client secret.
    pub const CLIENT_SECRET: &str = "GENESYSCLOUD_OAUTHCLIENT_SECRET";
    /// Region.
    pub const REGION: &str = "GENESYSCLOUD_REGION";
    /// Base URL of the region's API, as Genesys' blueprints call it.
    pub const API_REGION: &str = "GENESYSCLOUD_API_REGION";
    /// The token, for those who read it there.
    pub const ACCESS_TOKEN: &str = "GENESYSCLOUD_ACCESS_TOKEN";
    /// The bound token file.
    pub const TOKEN_FILE: &str = "GENESYS_TOKEN_FILE";
    /// The bound file with the header line.
    pub const HEADERS_FILE: &str = "GENESYS_HEADERS_FILE";
    /// The bound curl config.
    pub const CURL_CONFIG: &str = "GENESYS_CURL_CONFIG";
    /// When the bound token ends.
    pub const EXPIRES_AT: &str = "GENESYS_TOKEN_EXPIRES_AT";
}

/// Long enough for a slow login server and a rate limit, short enough for a stage.
pub const TIMEOUT: Duration = Duration::from_secs(60);

/// What one call is to do.
#[derive(Debug)]
pub struct Settings {
    /// Who asks.
    pub client: Client,
    /// Whom.
    pub endpoint: Endpoint,
    /// For what.
    pub scopes: Scopes,
    /// The login server as the one line names it: the region's domain, or the host that was set instead.
    pub host: String,
    /// Where the cache is.
    pub place: Place,
    /// For the whole call.
    pub timeout: Duration,
    /// What the user should know.
    pub remarks: Vec<String>,
}

impl Settings {
    /// The client's place in the cache.
    pub fn store(&self, dir: PrivateDir) -> Store {
        store(dir, &self.client, &self.endpoint, &self.scopes)
    }
}

/// The place in the cache of who asks whom for what.
pub fn store(dir: PrivateDir, client: &Client, endpoint: &Endpoint, scopes: &Scopes) -> Store {
    let owner = Owner {
        client_id: client.id.as_str().to_owned(),
        login_url: endpoint.login_url.clone(),
        scopes: scopes.clone(),
    };
    Store::new(dir, owner, &client.secret)
}

/// Settles everything for a call that has a credential.
///
/// # Errors
/// A value that makes no sense, or a missing or malformed credential.
pub fn settle(args: &ClientArgs, env: &Env, stdin: &mut dyn Read) -> Result<Settings> {
    let mut remarks = Vec::new();
    let servers = Servers::settle(args, env, &mut remarks)?;
    let client = client(args, env, stdin, &mut remarks)?;
    let scopes = scopes(args, env)?;
    let endpoint = Endpoint {
        client_id: client.id.clone(),
        route: route(args, env, &[&servers.login_url, &servers.api_url])?,
        login_url: servers.login_url,
        api_url: servers.api_url,
        region: servers.region,
        chosen: servers.chosen,
    };
    Ok(Settings {
        client,
        endpoint,
        scopes,
        host: servers.host,
        place: place(args.cache_dir.as_deref(), env),
        timeout: timeout(args, env)?,
        remarks,
    })
}

/// The way to the API host at `api_url` that a bound token was bound with, and that URL in its one spelling. A host
/// that is not Genesys' own is named.
///
/// # Errors
/// The API host is not one to send a token to.
pub fn bound_api(args: &ClientArgs, env: &Env, api_url: &str) -> Result<(Route, String, Option<String>)> {
    let (api_url, host) = base_url(api_url, variable::API_REGION)?;
    Ok((route(args, env, &[&api_url])?, api_url, foreign(&host, variable::API_REGION)))
}

/// Where the cache is.
pub fn place(given: Option<&Path>, env: &Env) -> Place {
    path(given, env, &["GENESYS_TOKEN_CACHE_DIR"]).map_or(Place::Default, Place::Given)
}

/// The deadline of the whole call.
///
/// # Errors
/// The variable is no duration.
pub fn timeout(args: &ClientArgs, env: &Env) -> Result<Duration> {
    Ok(duration(args.timeout, env, "GENESYS_TOKEN_TIMEOUT")?.unwrap_or(TIMEOUT))
}

/// The life asked for, by flag or variable. Asking for none is not asking.
///
/// # Errors
/// The variable is no duration.
pub fn min_ttl(flag: Option<Duration>, env: &Env) -> Result<Option<Duration>> {
    Ok(duration(flag, env, "GENESYS_TOKEN_MIN_TTL")?.filter(|wanted| !wanted.is_zero()))
}

/// After which age to ask whether a token is alive: `true` for any, `false` for never, or a duration.
///
/// # Errors
/// The variable is none of these.
pub fn verify_after(flag: Option<Duration>, env: &Env) -> Result<Option<Duration>> {
    const VARIABLE: &str = "GENESYS_TOKEN_VERIFY";
    if flag.is_some() {
        return Ok(flag);
    }
    match env.flag(VARIABLE) {
        Ok(flag) => Ok(flag.filter(|wanted| *wanted).map(|_| Duration::ZERO)),
        Err(_) => duration(None, env, VARIABLE),
    }
}

/// For what.
///
/// # Errors
/// A character that no scope can have.
pub fn scopes(args: &ClientArgs, env: &Env) -> Result<Scopes> {
    if !args.scope.is_empty() {
        return Scopes::parse(args.scope.iter().map(String::as_str));
    }
    Scopes::parse(env.text("GENESYS_TOKEN_SCOPE")?.as_deref())
}

fn duration(flag: Option<Duration>, env: &Env, variable: &str) -> Result<Option<Duration>> {
    if flag.is_some() {
        return Ok(flag);
    }
    let Some(text) = env.text(variable)? else { return Ok(None) };
    parse_duration(&text).map(Some).map_err(|why| {
        Error::usage(format!("{variable}: {why}")).hint("correct the variable, or unset it for the default")
    })
}

/// The way to servers at these URLs.
///
/// # Errors
/// A proxy's variable that is not text.
pub fn route(args: &ClientArgs, env: &Env, urls: &[&str]) -> Result<Route> {
    Ok(Route {
        ca_cert: path(args.ca_cert.as_deref(), env, &["GENESYS_TOKEN_CA_CERT", "SSL_CERT_FILE"]),
        proxy: proxy(env)?,
        plain: urls.iter().all(|url| url.starts_with("http:")),
    })
}

fn path(flag: Option<&Path>, env: &Env, variables: &[&str]) -> Option<PathBuf> {
    flag.map(Path::to_owned).or_else(|| variables.iter().find_map(|variable| env.path(variable)))
}

/// The proxy for https as curl finds it: the lower-case name first, then the one for all. There is none for plain
/// http, which is for loopback and must not leave the machine.
fn proxy(env: &Env) -> Result<Option<Proxy>> {
    for variable in ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"] {
        if let Some(url) = env.text(variable)? {
            let except = match env.text("no_proxy")? {
                Some(except) => Some(except),
                None => env.text("NO_PROXY")?,
            };
            return Ok(Some(Proxy { url: Secret::new(url), except, variable }));
        }
    }
    Ok(None)
}
