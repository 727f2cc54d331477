//! The request itself, over reqwest and rustls on ring.

use std::cell::OnceCell;
use std::io::Read as _;
use std::path::PathBuf;
use std::time::Duration;

use reqwest::blocking::{Client as HttpClient, RequestBuilder, Response};
use reqwest::{Certificate, NoProxy, redirect};

use super::refusal::{self, Answered};
use super::{Failure, Granted, Liveness, Login, Outlook, answer, retry_after};
use crate::client::Client;
use crate::error::{Error, Result as UserResult};
use crate::scope::Scopes;
use crate::secret::Secret;
use crate::time::Clock;

/// A token response has some hundred bytes, an error page some thousand.
const BODY_LIMIT: u64 = 64 * 1024;
/// A host that does not even answer a SYN in this time is down, or a firewall eats the packets.
const CONNECT_LIMIT: Duration = Duration::from_secs(10);

/// Where to ask, and how to speak of it in errors.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// Base URL of the login server, without a slash at the end.
    pub login_url: String,
    /// Base URL of the API server, likewise.
    pub api_url: String,
    /// The login server as errors name it.
    pub asked: String,
    /// The region that was asked, and how it came to be that one.
    pub region: String,
    /// The client as errors name it.
    pub client: String,
    /// Certificates to trust instead of the system's.
    pub ca_cert: Option<PathBuf>,
    /// The proxy to go through.
    pub proxy: Option<Proxy>,
}

/// A proxy as the environment names it. Its URL may hold a password.
#[derive(Clone, Debug)]
pub struct Proxy {
    /// The proxy's URL.
    pub url: Secret,
    /// The hosts it is not for, in the form of `NO_PROXY`.
    pub except: Option<String>,
    /// The variable that named it.
    pub variable: &'static str,
}

/// The login server over HTTP(S).
pub struct HttpLogin<'a> {
    servers: Servers<'a>,
    client: &'a Client,
    scopes: &'a Scopes,
}

/// The way to both servers, which needs no credential.
pub struct Servers<'a> {
    endpoint: &'a Endpoint,
    clock: &'a dyn Clock,
    http: OnceCell<HttpClient>,
}

impl<'a> HttpLogin<'a> {
    /// Prepares to ask; nothing is opened or read before the first request.
    pub fn new(endpoint: &'a Endpoint, client: &'a Client, scopes: &'a Scopes, clock: &'a dyn Clock) -> Self {
        Self { servers: Servers::new(endpoint, clock), client, scopes }
    }

    /// What must not come back in an error, also when the server quotes it.
    fn sent<'s>(&'s self, basic: &'s Secret) -> [&'s str; 2] {
        [self.client.secret.expose(), basic.expose()]
    }
}

impl<'a> Servers<'a> {
    /// Prepares to ask; nothing is opened or read before the first request.
    pub fn new(endpoint: &'a Endpoint, clock: &'a dyn Clock) -> Self {
        Self { endpoint, clock, http: OnceCell::new() }
    }

    fn http(&self) -> UserResult<&HttpClient> {
        if let Some(http) = self.http.get() {
            return Ok(http);
        }
        let http = connect_lazily(self.endpoint)?;
        Ok(self.http.get_or_init(|| http))
    }

    /// Asks the API host whether `token` is alive.
    pub fn check(&self, token: &Secret, limit: Duration) -> Liveness {
        let unknown =
            |why: String| Liveness::Unknown(format!("cannot tell whether the token is alive: {why}"));
        let http = match self.http() {
            Ok(http) => http,
            Err(error) => return unknown(error.message),
        };
        let request =
            http.head(format!("{}/api/v2/tokens/me", self.endpoint.api_url)).bearer_auth(token.expose());
        match send(request, limit, self.clock) {
            Ok((response, _)) => match response.status().as_u16() {
                401 => Liveness::Dead,
                // A 403 is a live token without rights; asking for another one would not change that.
                200..=299 | 403 => Liveness::Alive,
                status => unknown(format!("the API host answered HTTP {status}")),
            },
            Err(Problem::Transport(error)) if error.is_timeout() => {
                unknown("the API host is silent".to_owned())
            }
            Err(Problem::Transport(_)) => unknown("the API host cannot be reached".to_owned()),
            Err(Problem::Slow) => unknown("the API host is too slow".to_owned()),
        }
    }
}

impl Login for HttpLogin<'_> {
    fn ask(&self, limit: Duration) -> Result<Granted, Failure> {
        let http = self.servers.http().map_err(final_failure)?;
        let basic = self.client.basic_credentials();
        let sent = self.sent(&basic);
        let mut body = String::from("grant_type=client_credentials");
        if !self.scopes.is_empty() {
            let encoded: String =
                url::form_urlencoded::byte_serialize(self.scopes.to_string().as_bytes()).collect();
            body.push_str("&scope=");
            body.push_str(&encoded);
        }
        let mut authorization = reqwest::header::HeaderValue::try_from(format!("Basic {}", basic.expose()))
            .map_err(|_| {
            final_failure(Error::internal("the client id and secret do not fit into an HTTP header"))
        })?;
        authorization.set_sensitive(true);
        let request = http
            .post(format!("{}/oauth/token", self.servers.endpoint.login_url))
            .header("Authorization", authorization)
            .header("Content-Type", "application/x-www-form-urlencoded")
            .header("Accept", "application/json")
            .body(body);
        let (response, body) = send(request, limit, self.servers.clock).map_err(|problem| match problem {
            Problem::Transport(error) => refusal::of_transport(self.servers.endpoint, &error, &sent),
            Problem::Slow => slow(self.servers.endpoint),
        })?;
        let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
        let answered = Answered {
            status: response.status().as_u16(),
            body: &body,
            retry_after: header("retry-after").and_then(|value| retry_after(value, self.servers.clock.now())),
            correlation_id: header("inin-correlation-id"),
            location: header("location"),
        };
        if answered.status != 200 {
            return Err(refusal::of_answer(self.servers.endpoint, &answered, &sent));
        }
        if body.len() as u64 > BODY_LIMIT {
            let why = format!("it is longer than {BODY_LIMIT} bytes");
            return Err(refusal::of_malformed(self.servers.endpoint, &why, &answered, &sent));
        }
        answer::read(&body).map_err(|why| {
            let why = match header("content-encoding") {
                Some(encoding) => {
                    format!("{why} (Content-Encoding {})", super::text::showable(encoding, &sent))
                }
                None => why,
            };
            refusal::of_malformed(self.servers.endpoint, &why, &answered, &sent)
        })
    }

    fn check(&self, token: &Secret, limit: Duration) -> Liveness {
        self.servers.check(token, limit)
    }
}

enum Problem {
    Transport(reqwest::Error),
    Slow,
}

/// Sends the request and reads the answer, bounded in size and in time as a whole.
fn send(request: RequestBuilder, limit: Duration, clock: &dyn Clock) -> Result<(Response, Vec<u8>), Problem> {
    let started = clock.elapsed();
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
        if clock.elapsed().saturating_sub(started) > limit {
            return Err(Problem::Slow);
        }
    }
    Ok((response, body))
}

fn into_problem(error: std::io::Error) -> Problem {
    match error.into_inner().map(<dyn std::error::Error + Send + Sync>::downcast::<reqwest::Error>) {
        Some(Ok(error)) => Problem::Transport(*error),
        // Nothing else comes out of a response's reader but its own time limit.
        _ => Problem::Slow,
    }
}

fn slow(endpoint: &Endpoint) -> Failure {
    let error = Error::new(
        crate::error::Category::Unavailable,
        format!("{} did not finish its answer in time", endpoint.asked),
    );
    Failure {
        outlook: Outlook::Transient,
        retry_after: None,
        error: error.hint("the network or a gateway in the way is too slow"),
    }
}

fn final_failure(error: Error) -> Failure {
    Failure { outlook: Outlook::Final, retry_after: None, error }
}

/// An HTTP client that follows no redirect and reads no environment variable by itself.
fn connect_lazily(endpoint: &Endpoint) -> UserResult<HttpClient> {
    // Ring, for its start-up: aws-lc takes some 50 ms to gather entropy. An error means it is installed.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder = HttpClient::builder()
        .user_agent(concat!("genesys-token/", env!("CARGO_PKG_VERSION")))
        .redirect(redirect::Policy::none())
        .referer(false)
        .connect_timeout(CONNECT_LIMIT)
        .pool_max_idle_per_host(0)
        .no_proxy();
    if let Some(path) = &endpoint.ca_cert {
        builder = builder.tls_certs_only(read_certificates(path)?);
    } else if endpoint.login_url.starts_with("http:") && endpoint.api_url.starts_with("http:") {
        // Nothing will be verified: spare the system's trust store.
        builder = builder.tls_certs_only([]);
    }
    if let Some(proxy) = &endpoint.proxy {
        builder = builder.proxy(proxy_of(proxy)?);
    }
    builder.build().map_err(|error| {
        let reason =
            std::error::Error::source(&error).map_or_else(String::new, |source| format!(": {source}"));
        Error::new(crate::error::Category::Unavailable, format!("cannot prepare TLS{reason}"))
            .hint("the system's trust store may be missing: install ca-certificates, or give --ca-cert")
    })
}

fn read_certificates(path: &PathBuf) -> UserResult<Vec<Certificate>> {
    let refuse = |why: String| {
        Error::usage(format!("cannot use the CA file {}: {why}", path.display()))
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
    let parsed = reqwest::Proxy::all(proxy.url.expose()).map_err(|_| {
        Error::usage(format!("the value of {} is not the URL of a proxy", proxy.variable))
            .hint("such as http://proxy.example:3128")
    })?;
    Ok(parsed.no_proxy(proxy.except.as_deref().and_then(NoProxy::from_string)))
}

#[cfg(test)]
impl Endpoint {
    /// An endpoint whose parts are easy to find in an error.
    pub fn for_tests(login_url: &str) -> Self {
        Self {
            login_url: login_url.to_owned(),
            api_url: login_url.to_owned(),
            asked: format!("the login server {login_url}"),
            region: "the test region".to_owned(),
            client: "client 1111…5555".to_owned(),
            ca_cert: None,
            proxy: None,
        }
    }
}
