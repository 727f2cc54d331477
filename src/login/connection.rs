//! Connections to the servers: one HTTP client over rustls on ring, created with the first request.

use std::cell::OnceCell;
use std::io::Read as _;
use std::mem::ManuallyDrop;
use std::sync::Arc;
use std::time::Duration;

pub(crate) use reqwest::Method;
use reqwest::blocking::{Client as HttpClient, RequestBuilder, Response};
use reqwest::{Certificate, NoProxy, redirect};

use super::failure::Failure;
use super::transport::{Proxy, Transport};
use super::transport_failure::{Hop, find_source, of_slow_answer, of_transport};
use super::trust::trusted_certificates;
use super::{resolver, resource_limits};
use crate::base_url::BaseUrl;
use crate::error::{Category, Error, Result as UserResult};
use crate::time::Clock;

/// Bytes. A token response has some hundred, an error page some thousand.
pub(super) const MAX_BODY_LEN: u64 = 64 * 1024;

/// A host that does not answer a SYN in this time is down, or a firewall drops the packets.
const CONNECT_LIMIT: Duration = Duration::from_secs(10);

/// The time for a proxy's status, which it has just given.
const PROXY_LIMIT: Duration = Duration::from_secs(5);

/// Connections over one transport. They need no credential.
pub(crate) struct Connection<'a> {
    transport: &'a Transport,
    clock: &'a dyn Clock,
    /// Never dropped: that would wait for its thread, and so for a name server that does not answer, long after
    /// the deadline. The thread ends with the process.
    http: OnceCell<ManuallyDrop<HttpClient>>,
}

/// A request that got no whole answer.
pub(super) enum Interrupted {
    Transport(reqwest::Error),
    Slow,
}

impl Interrupted {
    /// The failure of a request. `sent` is what the error must not contain.
    pub(super) fn into_failure(self, hop: &Hop, sent: &[&str]) -> Failure {
        match self {
            Self::Transport(error) => of_transport(hop, &error, sent),
            Self::Slow => of_slow_answer(hop.server),
        }
    }
}

impl<'a> Connection<'a> {
    /// Prepares to connect; nothing is opened or read before the first request.
    pub(crate) fn new(transport: &'a Transport, clock: &'a dyn Clock) -> Self {
        Self { transport, clock, http: OnceCell::new() }
    }

    /// The hop to `url`, which messages name `server`. `limit` is that of the request.
    pub(super) fn hop<'h>(&'h self, server: &'h str, url: &'h BaseUrl, limit: Duration) -> Hop<'h> {
        Hop { server, url, proxy: self.transport.proxy_for(url), limit: limit.min(PROXY_LIMIT) }
    }

    pub(super) fn http(&self) -> UserResult<&HttpClient> {
        if let Some(http) = self.http.get() {
            return Ok(http);
        }
        let http = ManuallyDrop::new(http_client(self.transport)?);
        Ok(self.http.get_or_init(|| http))
    }

    /// Checks what every connection needs: the CA file, the trust store and the proxy's URL.
    ///
    /// # Errors
    /// What is wrong with them.
    pub(crate) fn prepare(&self) -> UserResult<()> {
        self.http().map(|_| ())
    }

    /// Sends the request and reads the answer, bounded in size and in time as a whole.
    pub(super) fn send(
        &self,
        request: RequestBuilder,
        limit: Duration,
    ) -> Result<(Response, Vec<u8>), Interrupted> {
        let started = self.clock.elapsed();
        let mut response = request.timeout(limit).send().map_err(Interrupted::Transport)?;
        let mut body = Vec::new();
        let mut chunk = [0; 8 * 1024];
        // By hand, since the timeout of a blocking read starts anew with each piece: a server that sends a byte
        // now and then would hold us for ever.
        while body.len() as u64 <= MAX_BODY_LEN {
            match response.read(&mut chunk) {
                Ok(0) => break,
                Ok(length) => body.extend_from_slice(&chunk[..length]),
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(read_failed(error)),
            }
            if self.clock.elapsed().saturating_sub(started) > limit {
                return Err(Interrupted::Slow);
            }
        }
        Ok((response, body))
    }
}

fn read_failed(error: std::io::Error) -> Interrupted {
    match error.into_inner().map(<dyn std::error::Error + Send + Sync>::downcast::<reqwest::Error>) {
        Some(Ok(error)) => Interrupted::Transport(*error),
        // A response's reader has no other error but its own time limit.
        _ => Interrupted::Slow,
    }
}

/// An HTTP client that follows no redirect and reads no environment variable by itself.
fn http_client(transport: &Transport) -> UserResult<HttpClient> {
    resource_limits::check_descriptors()?;
    // Ring, for its start-up: aws-lc takes some 50 ms to gather entropy. An error means that it is installed.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder = HttpClient::builder()
        .user_agent(concat!("genesys-token/", env!("CARGO_PKG_VERSION")))
        .redirect(redirect::Policy::none())
        .referer(false)
        .connect_timeout(CONNECT_LIMIT)
        .pool_max_idle_per_host(0)
        .dns_resolver(Arc::new(resolver::InPlace))
        .no_proxy();
    if let Some(certificates) = trusted_certificates(transport)? {
        let certificates: Result<Vec<_>, _> =
            certificates.iter().map(|certificate| Certificate::from_der(certificate)).collect();
        builder = builder.tls_certs_only(certificates.map_err(|error| Error::internal(error.to_string()))?);
    }
    if let Some(proxy) = &transport.proxy {
        builder = builder.proxy(http_proxy(proxy)?);
    }
    builder.build().map_err(|error| {
        if let Some(error) = find_source::<std::io::Error>(&error) {
            return resource_limits::limit_error(error);
        }
        let reason =
            std::error::Error::source(&error).map_or_else(String::new, |source| format!(": {source}"));
        Error::new(Category::Unavailable, format!("cannot prepare TLS{reason}"))
            .hint("the system's trust store may be missing: install ca-certificates, or give --ca-cert")
    })
}

fn http_proxy(proxy: &Proxy) -> UserResult<reqwest::Proxy> {
    // The URL itself stays out of the error: it may hold a password.
    let refuse = || {
        Error::usage(format!("the value of {} is not the URL of an HTTP proxy", proxy.variable.name))
            .hint("such as http://proxy.example:3128; SOCKS is not supported")
    };
    // Reqwest would skip a proxy that it does not support, and connect directly.
    proxy.address().ok_or_else(refuse)?;
    // For https alone: plain http is for loopback, and must not leave the machine.
    let parsed = reqwest::Proxy::https(proxy.url.expose()).map_err(|_| refuse())?;
    Ok(parsed.no_proxy(proxy.no_proxy.as_deref().and_then(NoProxy::from_string)))
}
