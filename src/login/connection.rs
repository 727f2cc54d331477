//! The way to the servers: one HTTP client over rustls on ring, made with the first request.

use std::cell::OnceCell;
use std::io::Read as _;
use std::mem::ManuallyDrop;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

pub use reqwest::Method;
use reqwest::blocking::{Client as HttpClient, RequestBuilder, Response};
use reqwest::{Certificate, NoProxy, redirect};

use super::route::{Proxy, Route};
use super::{ApiAnswer, Liveness, Revocation, refusal, resolver, shortage};
use crate::error::{Category, Error, Result as UserResult};
use crate::secret::{self, Secret};
use crate::time::Clock;

/// A token response has some hundred bytes, an error page some thousand.
pub(super) const BODY_LIMIT: u64 = 64 * 1024;

/// A host that does not even answer a SYN in this time is down, or a firewall eats the packets.
const CONNECT_LIMIT: Duration = Duration::from_secs(10);

/// `HEAD /api/v2/tokens/me` is a courtesy; a silent API host is a remark.
const CHECK_LIMIT: Duration = Duration::from_secs(5);

/// Where a token asks about itself, or ends.
pub const TOKENS_ME: &str = "/api/v2/tokens/me";

/// How the API host says that it takes no calls from this machine, whatever the token.
pub const ADDRESS_REFUSED: &str = "ip.not.authorized";

/// The way itself, which needs no credential.
pub struct Connection<'a> {
    route: &'a Route,
    clock: &'a dyn Clock,
    /// Never dropped: that would wait for its thread, and so for a name server that does not answer, long after
    /// the deadline. The thread ends with the process.
    http: OnceCell<ManuallyDrop<HttpClient>>,
}

pub(super) enum Problem {
    Transport(reqwest::Error),
    Slow,
}

impl<'a> Connection<'a> {
    /// Prepares to ask; nothing is opened or read before the first request.
    pub fn new(route: &'a Route, clock: &'a dyn Clock) -> Self {
        Self { route, clock, http: OnceCell::new() }
    }

    pub(super) fn http(&self) -> UserResult<&HttpClient> {
        if let Some(http) = self.http.get() {
            return Ok(http);
        }
        let http = ManuallyDrop::new(connect_lazily(self.route)?);
        Ok(self.http.get_or_init(|| http))
    }

    /// Whether a connection could be made at all: by its CA file, the trust store and the proxy's URL.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn prepare(&self) -> UserResult<()> {
        self.http().map(|_| ())
    }

    /// Asks the API host at `api_url` whether `token` is alive (`HEAD /api/v2/tokens/me`), in at most `limit` and
    /// in no more than a moment.
    pub fn check(&self, api_url: &str, token: &Secret, limit: Duration) -> Liveness {
        let unknown = |why: &str| Liveness::Unknown(format!("cannot tell whether the token is alive: {why}"));
        match self.ask_api(Method::HEAD, api_url, TOKENS_ME, token, limit.min(CHECK_LIMIT)) {
            Ok(ApiAnswer { status: 401, .. }) => Liveness::Dead,
            // A 403 is a live token without rights; asking for another one would not change that.
            Ok(ApiAnswer { status: 200..=299 | 403, .. }) => Liveness::Alive,
            Ok(ApiAnswer { status, .. }) => unknown(&format!("the API host answered HTTP {status}")),
            Err(error) => unknown(&error.message),
        }
    }

    /// Ends `token` at the API host at `api_url` (`DELETE /api/v2/tokens/me`), within `limit`.
    pub fn revoke(&self, api_url: &str, token: &Secret, limit: Duration) -> Revocation {
        match self.ask_api(Method::DELETE, api_url, TOKENS_ME, token, limit) {
            Ok(ApiAnswer { status: 200..=299, .. }) => Revocation::Revoked,
            // Of this machine, not of the token.
            Ok(answer) if answer.code() == Some(ADDRESS_REFUSED) => {
                Revocation::Failed(format!("the API host refuses this machine's address ({ADDRESS_REFUSED})"))
            }
            Ok(ApiAnswer { status: 401, .. }) => Revocation::DeadAlready,
            Ok(ApiAnswer { status, .. }) => {
                Revocation::Failed(format!("the API host answered HTTP {status}"))
            }
            Err(error) => Revocation::Failed(error.message),
        }
    }

    /// Asks the API host at `api_url` something with `token`.
    ///
    /// # Errors
    /// Why there is no answer, as for the login server.
    pub fn ask_api(
        &self,
        how: Method,
        api_url: &str,
        path: &str,
        token: &Secret,
        limit: Duration,
    ) -> UserResult<ApiAnswer> {
        let request = self.http()?.request(how, format!("{api_url}{path}")).bearer_auth(token.expose());
        let asked = format!("the API host {}", api_url.strip_prefix("https://").unwrap_or(api_url));
        match self.send(request, limit) {
            Ok((response, body)) => {
                Ok(ApiAnswer { status: response.status().as_u16(), json: serde_json::from_slice(&body).ok() })
            }
            Err(Problem::Transport(error)) => {
                Err(refusal::of_transport(&asked, &error, &[token.expose()]).error)
            }
            Err(Problem::Slow) => Err(refusal::of_slowness(&asked).error),
        }
    }

    /// Sends the request and reads the answer, bounded in size and in time as a whole.
    pub(super) fn send(
        &self,
        request: RequestBuilder,
        limit: Duration,
    ) -> Result<(Response, Vec<u8>), Problem> {
        let started = self.clock.elapsed();
        let mut response = request.timeout(limit).send().map_err(Problem::Transport)?;
        let mut body = Vec::new();
        let mut chunk = [0; 8 * 1024];
        // By hand, since the timeout of a blocking read starts anew with each piece: a server that sends a byte
        // now and then would hold us for ever.
        while body.len() as u64 <= BODY_LIMIT {
            match response.read(&mut chunk) {
                Ok(0) => break,
                Ok(length) => body.extend_from_slice(&chunk[..length]),
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(into_problem(error)),
            }
            if self.clock.elapsed().saturating_sub(started) > limit {
                return Err(Problem::Slow);
            }
        }
        Ok((response, body))
    }
}

fn into_problem(error: std::io::Error) -> Problem {
    match error.into_inner().map(<dyn std::error::Error + Send + Sync>::downcast::<reqwest::Error>) {
        Some(Ok(error)) => Problem::Transport(*error),
        // Nothing else comes out of a response's reader but its own time limit.
        _ => Problem::Slow,
    }
}

/// An HTTP client that follows no redirect and reads no environment variable by itself.
fn connect_lazily(route: &Route) -> UserResult<HttpClient> {
    shortage::check_descriptors()?;
    // Ring, for its start-up: aws-lc takes some 50 ms to gather entropy. An error means it is installed.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder = HttpClient::builder()
        .user_agent(concat!("genesys-token/", env!("CARGO_PKG_VERSION")))
        .redirect(redirect::Policy::none())
        .referer(false)
        .connect_timeout(CONNECT_LIMIT)
        .pool_max_idle_per_host(0)
        .dns_resolver(Arc::new(resolver::InPlace))
        .no_proxy();
    if let Some(path) = &route.ca_cert {
        builder = builder.tls_certs_only(read_certificates(path)?);
    } else if route.plain {
        builder = builder.tls_certs_only([]);
    }
    if let Some(proxy) = &route.proxy {
        builder = builder.proxy(proxy_of(proxy)?);
    }
    builder.build().map_err(|error| {
        if let Some(error) = refusal::find::<std::io::Error>(&error) {
            return shortage::of(error);
        }
        let reason =
            std::error::Error::source(&error).map_or_else(String::new, |source| format!(": {source}"));
        Error::new(Category::Unavailable, format!("cannot prepare TLS{reason}"))
            .hint("the system's trust store may be missing: install ca-certificates, or give --ca-cert")
    })
}

fn read_certificates(path: &Path) -> UserResult<Vec<Certificate>> {
    let refuse = |why: String| {
        Error::usage(format!("cannot use the CA file {}: {why}", secret::shown_path(path)))
            .hint("--ca-cert, GENESYS_TOKEN_CA_CERT or SSL_CERT_FILE name a PEM file of the CA's certificate")
    };
    let pem = std::fs::read(path).map_err(|error| refuse(error.to_string()))?;
    match Certificate::from_pem_bundle(&pem) {
        Ok(certificates) if !certificates.is_empty() => Ok(certificates),
        _ => Err(refuse("it has no certificate in PEM form".to_owned())),
    }
}

fn proxy_of(proxy: &Proxy) -> UserResult<reqwest::Proxy> {
    // The URL itself stays out of the error: it may hold a password.
    let refuse = || {
        Error::usage(format!("the value of {} is not the URL of an HTTP proxy", proxy.variable))
            .hint("such as http://proxy.example:3128; SOCKS is not spoken")
    };
    // What reqwest does not speak it would leave out, and ask directly.
    proxy.address().ok_or_else(refuse)?;
    // For https alone: plain http is for loopback, and must not leave the machine.
    let parsed = reqwest::Proxy::https(proxy.url.expose()).map_err(|_| refuse())?;
    Ok(parsed.no_proxy(proxy.except.as_deref().and_then(NoProxy::from_string)))
}
