//! Which servers to ask: the region's, or those that were set instead.

use crate::cli::ClientArgs;
use crate::env::Env;
use crate::error::{Error, Result};
use crate::login::Chosen;
use crate::region::{self, Region};

use super::variable;

/// The servers to ask, and how to speak of them.
#[derive(Debug)]
pub struct Servers {
    /// Where they stand.
    pub region: &'static Region,
    /// How the region came to be that one.
    pub chosen: Chosen,
    /// Base URL of the login server.
    pub login_url: String,
    /// Base URL of the API server.
    pub api_url: String,
    /// The region's domain, or the login host that was set instead.
    pub host: String,
}

impl Servers {
    /// Settles them. Remarks name hosts that are not Genesys' own.
    ///
    /// # Errors
    /// An unknown region, or a URL that no credential may be sent to.
    pub fn settle(args: &ClientArgs, env: &Env, remarks: &mut Vec<String>) -> Result<Self> {
        let login =
            server(args.login_url.as_deref(), env, "--login-url", "GENESYS_TOKEN_LOGIN_URL", remarks)?;
        let api = server(args.api_url.as_deref(), env, "--api-url", "GENESYS_TOKEN_API_URL", remarks)?;
        let given = match &args.region {
            Some(region) => Some(region.clone()),
            None => env.text(variable::REGION)?,
        };
        let (region, chosen) = match (&given, login.as_deref().and_then(region_of)) {
            (Some(text), _) => (Region::parse(text)?, Chosen::ByName),
            (None, Some(region)) => (region, Chosen::ByLoginUrl),
            (None, None) => (Region::default(), Chosen::ByDefault),
        };
        let host = match &login {
            Some(url) => url.split('/').nth(2).unwrap_or(url),
            None => region.domain,
        };
        Ok(Self {
            region,
            host: host.to_owned(),
            login_url: login.unwrap_or_else(|| region.login_url()),
            api_url: api.unwrap_or_else(|| region.api_url()),
            chosen,
        })
    }
}

fn region_of(url: &str) -> Option<&'static Region> {
    region::of_host(url::Url::parse(url).ok()?.host_str()?)
}

/// A server's base URL in its one spelling, if one is given. Names the host when it is not Genesys' own.
fn server(
    given: Option<&str>,
    env: &Env,
    flag: &str,
    variable: &str,
    remarks: &mut Vec<String>,
) -> Result<Option<String>> {
    let (text, source) = match given {
        Some(text) => (text.to_owned(), flag),
        None => match env.text(variable)? {
            Some(text) => (text, variable),
            None => return Ok(None),
        },
    };
    let (url, host) = base_url(&text, source)?;
    remarks.extend(foreign(&host, source));
    Ok(Some(url))
}

/// What to say of a host that is not Genesys' own.
pub(super) fn foreign(host: &str, source: &str) -> Option<String> {
    (!region::is_genesys_host(host)).then(|| format!("{host} is not Genesys' own host, set by {source}"))
}

/// A server's base URL in its one spelling, and its host. Only what a credential may be sent to.
pub(super) fn base_url(text: &str, source: &str) -> Result<(String, String)> {
    let refuse = |why: &str| {
        Error::usage(format!("the URL in {source} {why}")).hint("such as https://login.example.com")
    };
    let url = url::Url::parse(text).map_err(|_| refuse("is not a URL"))?;
    let loopback = match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => return Err(refuse("has no host")),
    };
    match url.scheme() {
        "https" => {}
        "http" if loopback => {}
        _ => return Err(refuse("is not https")),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(refuse("holds a user name or password"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(refuse("has a query or a fragment"));
    }
    let host = url.host_str().unwrap_or_default();
    Ok((url.as_str().trim_end_matches('/').to_owned(), host.to_owned()))
}
