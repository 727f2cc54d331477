//! The server as tests hold it.

use crate::background::Background;
use crate::certificate::Tls;
use crate::state::{Record, State};
use crate::{Behaviour, Certificate, routes};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tempfile::NamedTempFile;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// A rest for an accept that failed for want of file descriptors: they come back when clients leave.
const ACCEPT_PAUSE: Duration = Duration::from_millis(10);

/// A login host and an API host on one loopback port, until dropped.
pub struct LoginServer {
    state: Arc<State>,
    url: String,
    ca_file: Option<NamedTempFile>,
    _background: Background,
}

impl LoginServer {
    /// A server over plain HTTP, on `127.0.0.1` and a free port.
    pub fn start(behaviour: Behaviour) -> Self {
        Self::start_with(behaviour, None)
    }

    /// A server over TLS, reached as `localhost`.
    pub fn start_tls(behaviour: Behaviour, certificate: Certificate) -> Self {
        Self::start_with(behaviour, Some(certificate.tls()))
    }

    fn start_with(behaviour: Behaviour, tls: Option<Tls>) -> Self {
        let state = State::new(behaviour);
        let (acceptor, ca_file) = tls.map(|tls| (tls.acceptor, tls.ca_file)).unzip();
        let shared = Arc::clone(&state);
        let (address, background) = Background::listening(move |listener| accept(listener, acceptor, shared));
        let url = match ca_file {
            None => format!("http://{address}"),
            Some(_) => format!("https://localhost:{}", address.port()),
        };
        Self { state, url, ca_file, _background: background }
    }

    /// The base URL of the login host, without a slash at its end.
    pub fn login_url(&self) -> String {
        self.url.clone()
    }

    /// The base URL of the API host, without a slash at its end: the same.
    pub fn api_url(&self) -> String {
        self.url.clone()
    }

    /// The CA to trust, in PEM; the file lives as long as the server.
    ///
    /// # Panics
    /// When the server speaks plain HTTP.
    pub fn ca_file(&self) -> PathBuf {
        self.ca_file.as_ref().expect("a TLS server").path().to_owned()
    }

    /// Behaves otherwise from the next request on; requests that already wait keep their answer.
    pub fn set(&self, behaviour: Behaviour) {
        self.state.set(behaviour);
    }

    /// The behaviour in force.
    pub fn behaviour(&self) -> Behaviour {
        Behaviour::clone(&self.state.behaviour())
    }

    /// Knows one more client, or another secret for one it knows.
    pub fn add_client(&self, id: &str, secret: &str) {
        self.state.add_client(id, secret);
    }

    /// The number of `POST`s to `/oauth/token` that arrived, whatever became of them.
    pub fn token_requests(&self) -> usize {
        self.state.token_requests()
    }

    /// The number of `HEAD`s and `GET`s of `/api/v2/tokens/me` that arrived.
    pub fn verify_requests(&self) -> usize {
        self.state.verify_requests()
    }

    /// The most token requests that were ever waiting for their answer at the same time.
    pub fn max_in_flight(&self) -> usize {
        self.state.max_in_flight()
    }

    /// Every request, in the order in which they arrived.
    pub fn log(&self) -> Vec<Record> {
        self.state.log()
    }

    /// Every token handed out, in order, dead ones too.
    pub fn tokens(&self) -> Vec<String> {
        self.state.tokens()
    }

    /// Makes a token invalid, as an idle timeout does.
    pub fn kill_token(&self, token: &str) {
        self.state.kill_token(token);
    }

    /// Makes every token invalid that has been handed out so far.
    pub fn kill_all_tokens(&self) {
        self.state.kill_all_tokens();
    }
}

async fn accept(listener: TcpListener, tls: Option<TlsAcceptor>, state: Arc<State>) {
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(ACCEPT_PAUSE).await;
            continue;
        };
        let (tls, state) = (tls.clone(), Arc::clone(&state));
        tokio::spawn(async move {
            // Errors here are clients that left or do not trust us, and hang-ups of our own: what tests are after.
            let _ = converse(stream, tls, state).await;
        });
    }
}

async fn converse(stream: TcpStream, tls: Option<TlsAcceptor>, state: Arc<State>) -> io::Result<()> {
    stream.set_nodelay(true)?;
    match tls {
        None => serve(stream, state).await,
        Some(tls) => serve(tls.accept(stream).await?, state).await,
    }
}

async fn serve(stream: impl AsyncRead + AsyncWrite + Unpin, state: Arc<State>) -> io::Result<()> {
    let service = service_fn(move |request| routes::answer(Arc::clone(&state), request));
    http1::Builder::new().serve_connection(TokioIo::new(stream), service).await.map_err(io::Error::other)
}
