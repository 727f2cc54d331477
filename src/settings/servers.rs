//! The servers to call: the region's, or the ones that were set instead.

use crate::base_url::BaseUrl;
use crate::cli::ClientArgs;
use crate::environment::Environment;
use crate::environment::variable::{self, Variable};
use crate::error::{Error, Result};
use crate::login::RegionSource;
use crate::region::{self, Region};

/// The path of the token endpoint, which is the same on every login server.
const TOKEN_ENDPOINT: &str = "/oauth/token";

/// The servers to call, and how messages name them.
#[derive(Clone, Debug)]
pub(crate) struct Servers {
    /// Their region.
    pub(crate) region: &'static Region,
    /// What decided the region.
    pub(crate) region_source: RegionSource,
    /// The login server.
    pub(crate) login_url: BaseUrl,
    /// The API server.
    pub(crate) api_url: BaseUrl,
    /// The region's domain, or the authority of the login URL that was set instead.
    pub(crate) host: String,
    /// Names each host that is not Genesys' own, and what set it.
    pub(crate) foreign_hosts: Vec<String>,
    /// What else the user should know about them.
    pub(crate) warnings: Vec<String>,
}

impl Servers {
    /// Resolves them.
    ///
    /// # Errors
    /// An unknown region, or a URL that no credential may be sent to.
    pub(super) fn resolve(args: &ClientArgs, environment: Environment) -> Result<Self> {
        let (mut foreign_hosts, mut warnings) = (Vec::new(), Vec::new());
        let mut given = |flag: Option<&String>, flag_name, variable: &Variable| {
            let (text, source) = match flag {
                Some(text) => (text.clone(), flag_name),
                None => match environment.text(variable)? {
                    Some(text) => (text, variable.name),
                    None => return Ok(None),
                },
            };
            let mut url = base_url(&text, source)?;
            if variable == variable::LOGIN_URL {
                url = login_url(url, source, &mut warnings)?;
            }
            foreign_hosts.extend(foreign_host(&url, source));
            Ok(Some(url))
        };
        let login = given(args.login_url.as_ref(), "--login-url", variable::LOGIN_URL)?;
        let api = given(args.api_url.as_ref(), "--api-url", variable::API_URL)?;
        let name = match &args.region {
            Some(region) => Some(region.clone()),
            None => environment.text(variable::REGION)?,
        };
        let (region, region_source) =
            match (&name, login.as_ref().and_then(|url| region::of_host(url.host()))) {
                (Some(text), _) => (Region::parse(text)?, RegionSource::Name),
                (None, Some(region)) => (region, RegionSource::LoginUrl),
                (None, None) => (Region::default(), RegionSource::Default),
            };
        let host = login.as_ref().map_or(region.domain, BaseUrl::authority).to_owned();
        Ok(Self {
            region,
            region_source,
            host,
            login_url: login.unwrap_or_else(|| region.login_url()),
            api_url: api.unwrap_or_else(|| region.api_url()),
            foreign_hosts,
            warnings,
        })
    }
}

/// The base URL that the flag or variable `source` gives.
pub(super) fn base_url(text: &str, source: &str) -> Result<BaseUrl> {
    BaseUrl::parse(text).map_err(|why| {
        Error::usage(format!("the value of {source} {why}")).fix("such as https://login.example.com")
    })
}

/// The login server's URL, without the endpoint's path that some copy along.
pub(super) fn login_url(url: BaseUrl, source: &str, warnings: &mut Vec<String>) -> Result<BaseUrl> {
    let host = url.host();
    if region::is_genesys_host(host) && ["api.", "apps."].iter().any(|service| host.starts_with(service)) {
        let message = format!("the value of {source} is {host}, and tokens come from a login host");
        let region = region::of_host(host);
        let named = region.map_or_else(String::new, |region| format!(" to {}", region.aws));
        let error = Error::usage(message)
            .cause("this URL is of another service of the same region")
            .fix(format!("leave {source} out, and set {}{named}", variable::REGION.name));
        let login_host = region.map(|region| region.login_url().host().to_owned());
        return Err(login_host
            .into_iter()
            .fold(error, |error, host| error.fix(format!("or write {host} there"))));
    }
    let mut base = url.as_str();
    while let Some(shorter) = base.strip_suffix(TOKEN_ENDPOINT) {
        base = shorter;
    }
    if base == url.as_str() {
        return Ok(url);
    }
    warnings
        .push(format!("leave the ending {TOKEN_ENDPOINT} out of {source}: it is added to every login URL"));
    base_url(base, source)
}

/// The warning about a host that is not Genesys' own.
pub(super) fn foreign_host(url: &BaseUrl, source: &str) -> Option<String> {
    let host = url.host();
    (!region::is_genesys_host(host)).then(|| format!("{host} is not Genesys' own host, set by {source}"))
}
