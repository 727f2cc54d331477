//! Flags over environment over defaults: what one call is to do.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::cache::{Owner, Place, Store};
use crate::cli::ClientArgs;
use crate::client::{Client, ClientId, Remark, clean_secret};
use crate::env::Env;
use crate::error::{Category, Error, Result};
use crate::login::{Chosen, Endpoint, Proxy, Route};
use crate::region::{self, Region};
use crate::scope::Scopes;
use crate::secret::Secret;
use crate::sys::PrivateDir;
use crate::time::parse_duration;

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
/// No client secret is longer; a mistaken path may be.
const SECRET_FILE_LIMIT: u64 = 64 * 1024;

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

/// Whether the caller has a client secret at all; without one a bound token file may serve.
pub fn has_secret(args: &ClientArgs, env: &Env) -> bool {
    args.client_secret_file.is_some() || env.os(variable::CLIENT_SECRET).is_some()
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
fn foreign(host: &str, source: &str) -> Option<String> {
    (!region::is_genesys_host(host)).then(|| format!("{host} is not Genesys' own host, set by {source}"))
}

/// A server's base URL in its one spelling, and its host. Only what a credential may be sent to.
fn base_url(text: &str, source: &str) -> Result<(String, String)> {
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

/// Who asks. Remarks tell what was put right.
///
/// # Errors
/// The credential is missing or malformed.
pub fn client(
    args: &ClientArgs,
    env: &Env,
    stdin: &mut dyn Read,
    remarks: &mut Vec<String>,
) -> Result<Client> {
    let (raw, from_env) = match &args.client_id {
        Some(id) => (id.clone(), false),
        None => match credential_text(env, variable::CLIENT_ID)? {
            Some(id) => (id, true),
            None => {
                return Err(missing("client id", "--client-id", variable::CLIENT_ID));
            }
        },
    };
    let (id, put_right) = ClientId::clean(&raw)?;
    warn(remarks, &put_right, from_env.then_some(variable::CLIENT_ID));
    let (raw, from_env) = match &args.client_secret_file {
        Some(path) => (read_secret(path, stdin)?, false),
        None => match credential_text(env, variable::CLIENT_SECRET)? {
            Some(secret) => (secret, true),
            None => return Err(missing("client secret", "--client-secret-file", variable::CLIENT_SECRET)),
        },
    };
    let (secret, put_right) = clean_secret(raw)?;
    warn(remarks, &put_right, from_env.then_some(variable::CLIENT_SECRET));
    Ok(Client { id, secret })
}

/// A variable of the credential: what is wrong with it is wrong with the credential.
fn credential_text(env: &Env, variable: &str) -> Result<Option<String>> {
    env.text(variable).map_err(|error| Error { category: Category::Credentials, ..error })
}

/// In a file a newline at the end is normal; in a variable it tells that the stored credential has it.
fn warn(remarks: &mut Vec<String>, put_right: &[Remark], variable: Option<&str>) {
    if let Some(variable) = variable {
        remarks.extend(put_right.iter().map(|remark| format!("{remark} in {variable}")));
    }
}

fn missing(what: &str, flag: &str, variable: &str) -> Error {
    Error::credentials(format!("no {what}: neither {flag} nor {variable} is given"))
        .hint("in a pipeline, run inside withGenesysToken or bind the credential with withCredentials")
}

fn read_secret(path: &Path, stdin: &mut dyn Read) -> Result<String> {
    let mut secret = Vec::new();
    let read = if path == Path::new("-") {
        stdin.take(SECRET_FILE_LIMIT + 1).read_to_end(&mut secret)
    } else {
        std::fs::File::open(path).and_then(|file| file.take(SECRET_FILE_LIMIT + 1).read_to_end(&mut secret))
    };
    let shown = if path == Path::new("-") { "stdin".to_owned() } else { shown_path(path) };
    let refuse = |why: String| {
        Error::credentials(format!("cannot read the client secret from {shown}: {why}"))
            .hint("--client-secret-file takes the path of a file that holds the secret and nothing else")
    };
    read.map_err(|error| refuse(error.to_string()))?;
    if secret.len() as u64 > SECRET_FILE_LIMIT {
        return Err(refuse(format!("it is larger than {SECRET_FILE_LIMIT} bytes")));
    }
    String::from_utf8(secret).map_err(|_| refuse("it is not text".to_owned()))
}

/// A path as errors show it; not when it could be the secret itself, given in the wrong place.
pub fn shown_path(path: &Path) -> String {
    /// File names without any folder before them are shorter, secrets are longer.
    const SHORT: usize = 24;
    if path.components().count() > 1 || path.as_os_str().len() < SHORT {
        path.display().to_string()
    } else {
        "the file that was named".to_owned()
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
