//! Connections to the servers: one HTTP client over rustls on ring, created with the first request.

use std::cell::OnceCell;
use std::io::Read as _;
use std::mem::ManuallyDrop;
use std::sync::Arc;
use std::time::Duration;

pub(crate) use reqwest::Method;
use reqwest::blocking::{Client as HttpClient, RequestBuilder, Response};
use reqwest::redirect;

use super::failure::Failure;
use super::hop::{Hop, Inquiry, ProxyHop};
use super::resolver::{InPlace, LookUps};
use super::resource_limits;
use super::sources::find_source;
use super::tls::Tls;
use super::transport::Transport;
use super::transport_failure::{of_slow_answer, of_transport};
use crate::base_url::BaseUrl;
use crate::error::{Error, Result as UserResult};
use crate::log::{Awaited, Level, Log, Subject, while_waiting};
use crate::time::Clock;

/// Bytes. A token response has some hundred, an error page some thousand.
pub(super) const MAX_BODY_LEN: u64 = 64 * 1024;

/// A host that does not answer a SYN in this time is down, or a firewall drops the packets.
const CONNECT_LIMIT: Duration = Duration::from_secs(10);

/// The time to ask a proxy once more for what it has just said.
const PROXY_LIMIT: Duration = Duration::from_secs(5);

/// Connections over one transport. They need no credential.
pub(crate) struct Connection<'a> {
    transport: &'a Transport,
    clock: &'a dyn Clock,
    log: &'a dyn Log,
    look_ups: Arc<LookUps>,
    opened: OnceCell<Opened>,
}

/// What the first request creates.
struct Opened {
    /// Never dropped: that would wait for its thread, and so for a name server that does not answer, long after
    /// the deadline. The thread ends with the process.
    http: ManuallyDrop<HttpClient>,
    tls: Tls,
}

/// Where a request goes.
pub(super) struct Destination<'d> {
    pub(super) url: &'d BaseUrl,
    /// The server as errors name it.
    pub(super) server: &'d str,
    /// What the call waits for.
    pub(super) awaited: Awaited,
}

/// A request that got no whole answer.
struct Interrupted {
    cause: InterruptedBy,
    /// How many TLS handshakes it began.
    handshakes: usize,
    /// When its time is over.
    until: Duration,
}

enum InterruptedBy {
    Transport(reqwest::Error),
    Slow,
}

impl<'a> Connection<'a> {
    /// Prepares to connect; nothing is opened or read before the first request.
    pub(crate) fn new(transport: &'a Transport, clock: &'a dyn Clock, log: &'a dyn Log) -> Self {
        Self { transport, clock, log, look_ups: Arc::default(), opened: OnceCell::new() }
    }

    /// The failure of a request to `url`, which messages name `server`. `sent` is what the error must not contain.
    fn failure(&self, interrupted: Interrupted, server: &str, url: &BaseUrl, sent: &[&str]) -> Failure {
        let Interrupted { cause, handshakes, until } = interrupted;
        let InterruptedBy::Transport(error) = cause else { return of_slow_answer(server) };
        let through = self.transport.proxy_for(url).zip(self.opened.get());
        let proxy = through.and_then(|(proxy, Opened { tls, .. })| {
            let until = until.min(self.clock.elapsed() + PROXY_LIMIT);
            let inquiry = Inquiry { tls: &tls.config, clock: self.clock, until };
            Some(ProxyHop { proxy, url: proxy.url().ok()?, handshakes, inquiry })
        });
        of_transport(&Hop { server, url, proxy }, &error, sent)
    }

    /// The HTTP client for requests to `url`.
    pub(super) fn http(&self, url: &BaseUrl) -> UserResult<&HttpClient> {
        if let Some(proxy) = self.transport.proxy_for(url) {
            proxy.url().map_err(|why| Error::usage(proxy.unusable()).cause(why.cause()).fix(why.fix()))?;
        }
        if let Some(opened) = self.opened.get() {
            return Ok(&opened.http);
        }
        resource_limits::check_descriptors()?;
        let tls = Tls::new(self.transport)?;
        let http = ManuallyDrop::new(http_client(self.transport, &tls, &self.look_ups)?);
        Ok(&self.opened.get_or_init(|| Opened { http, tls }).http)
    }

    /// Checks what a connection to `url` needs: the CA file, the trust store and the proxy's URL.
    ///
    /// # Errors
    /// What is wrong with them.
    pub(crate) fn prepare(&self, url: &BaseUrl) -> UserResult<()> {
        self.http(url).map(|_| ())
    }

    /// Sends the request and reads the answer, bounded in size and, by the HTTP client, in time as a whole. Tells the log
    /// where the request goes, and what is waited for. An error contains nothing of `sent`.
    pub(super) fn exchange(
        &self,
        request: RequestBuilder,
        destination: &Destination,
        limit: Duration,
        sent: &[&str],
    ) -> Result<(Response, Vec<u8>), Failure> {
        let Destination { url, server, awaited } = *destination;
        let (log, look_ups) = (self.log, &self.look_ups);
        if log.level() >= Level::Debug {
            self.tell_host(url);
        }
        let until = self.clock.now().plus(limit);
        let tell = || {
            look_ups.tell(log);
            log.waiting(awaited, until);
        };
        let answer = while_waiting(log, tell, || {
            // What goes wrong at a proxy is asked for once more, which may take its time as well.
            self.send(request, limit).map_err(|interrupted| self.failure(interrupted, server, url, sent))
        });
        look_ups.tell(log);
        answer
    }

    pub(super) fn log(&self) -> &'a dyn Log {
        self.log
    }

    pub(super) fn clock(&self) -> &'a dyn Clock {
        self.clock
    }

    fn tell_host(&self, url: &BaseUrl) {
        let (host, port) = (url.host(), url.port());
        match self.transport.proxy_for(url) {
            Some(proxy) => {
                let proxy = proxy.described();
                self.log.decided(Subject::Host, "proxied", format_args!("{host}:{port}, through {proxy}"));
            }
            None => self.log.decided(Subject::Host, "direct", format_args!("{host}:{port}, without a proxy")),
        }
    }

    fn send(&self, request: RequestBuilder, limit: Duration) -> Result<(Response, Vec<u8>), Interrupted> {
        let until = self.clock.elapsed().saturating_add(limit);
        let begun = || self.opened.get().map_or(0, |opened| opened.tls.handshakes.begun());
        let before = begun();
        receive(request, limit).map_err(|cause| Interrupted { cause, handshakes: begun() - before, until })
    }
}

fn receive(request: RequestBuilder, limit: Duration) -> Result<(Response, Vec<u8>), InterruptedBy> {
    let mut response = request.timeout(limit).send().map_err(InterruptedBy::Transport)?;
    let mut body = Vec::new();
    // One byte more than is allowed tells that there are more.
    response.by_ref().take(MAX_BODY_LEN + 1).read_to_end(&mut body).map_err(read_failed)?;
    Ok((response, body))
}

fn read_failed(error: std::io::Error) -> InterruptedBy {
    match error.into_inner().map(<dyn std::error::Error + Send + Sync>::downcast::<reqwest::Error>) {
        Some(Ok(error)) if !error.is_timeout() => InterruptedBy::Transport(*error),
        // The answer has begun. A response's reader has no other error but its own time limit.
        _ => InterruptedBy::Slow,
    }
}

/// An HTTP client that follows no redirect and reads no environment variable by itself.
fn http_client(transport: &Transport, tls: &Tls, look_ups: &Arc<LookUps>) -> UserResult<HttpClient> {
    let mut builder = HttpClient::builder()
        .user_agent(concat!("genesys-token/", env!("CARGO_PKG_VERSION")))
        .redirect(redirect::Policy::none())
        .referer(false)
        .connect_timeout(CONNECT_LIMIT)
        .pool_max_idle_per_host(0)
        .dns_resolver(Arc::new(InPlace { look_ups: Arc::clone(look_ups) }))
        .tls_backend_preconfigured(tls.config.clone())
        .no_proxy();
    if let Some(proxy) = http_proxy(transport) {
        builder = builder.proxy(proxy);
    }
    builder.build().map_err(|error| match find_source::<std::io::Error>(&error) {
        Some(error) => resource_limits::limit_error(error),
        None => Error::internal(format!("cannot prepare a connection: {error}")),
    })
}

/// The proxy as the HTTP client needs it, which asks for each request anew.
fn http_proxy(transport: &Transport) -> Option<reqwest::Proxy> {
    let url = transport.proxy.as_ref()?.url().ok()?.to_url();
    let transport = transport.clone();
    Some(reqwest::Proxy::custom(move |target| {
        let target = BaseUrl::parse(target.as_str()).ok()?;
        transport.proxy_for(&target).map(|_| url.to_string())
    }))
}
