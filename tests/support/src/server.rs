//! The login server, as tests use it.

use crate::background::Background;
use crate::certificate::Tls;
use crate::state::{Record, State};
use crate::{Behaviour, Certificate, ORGANIZATION, ORGANIZATION_ID, routes};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tempfile::NamedTempFile;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// The pause after a failed accept. It fails when file descriptors run out, and some are free again when clients leave.
const ACCEPT_PAUSE: Duration = Duration::from_millis(10);

/// A login host and an API host on one loopback port, until dropped.
pub struct LoginServer {
    state: Arc<State>,
    url: String,
    ca_file: Option<NamedTempFile>,
    _background: Background,
}

impl LoginServer {
    /// Starts a server over plain HTTP, on `127.0.0.1` and a free port.
    pub fn start(behaviour: Behaviour) -> Self {
        Self::start_with(behaviour, None)
    }

    /// Starts a server over TLS, whose URL has the host `localhost`.
    pub fn start_tls(behaviour: Behaviour, certificate: Certificate) -> Self {
        Self::start_with(behaviour, Some(certificate.tls()))
    }

    /// Starts a server over TLS with a certificate and its key in PEM files, likewise. It has no CA file.
    ///
    /// # Panics
    /// The files can't be used.
    pub fn start_with_pem(behaviour: Behaviour, certificate: &Path, private_key: &Path) -> Self {
        Self::start_with(behaviour, Some(Tls::of_pem(certificate, private_key)))
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

    /// The base URL of the login host, without a slash at the end.
    pub fn login_url(&self) -> String {
        self.url.clone()
    }

    /// The base URL of the API host, which is the same.
    pub fn api_url(&self) -> String {
        self.url.clone()
    }

    /// The CA to trust, in PEM. The file is removed with the server.
    ///
    /// # Panics
    /// The server speaks plain HTTP.
    pub fn ca_file(&self) -> PathBuf {
        self.ca_file.as_ref().expect("a TLS server").path().to_owned()
    }

    /// Changes the behaviour from the next request on. Requests that are already waiting keep their answer.
    pub fn set(&self, behaviour: Behaviour) {
        self.state.set(behaviour);
    }

    /// The current behaviour.
    pub fn behaviour(&self) -> Behaviour {
        Behaviour::clone(&self.state.behaviour())
    }

    /// Adds a client, or replaces its secret.
    pub fn add_client(&self, id: &str, secret: &str) {
        self.state.add_client(id, secret, (ORGANIZATION_ID, ORGANIZATION));
    }

    /// Adds a client of another organisation, which has this id and this name.
    pub fn add_client_of(&self, id: &str, secret: &str, organization: (&str, &str)) {
        self.state.add_client(id, secret, organization);
    }

    /// The number of `POST`s to `/oauth/token` that arrived, answered or not.
    pub fn token_requests(&self) -> usize {
        self.state.token_requests()
    }

    /// The number of `HEAD`s and `GET`s of `/api/v2/tokens/me` that arrived.
    pub fn verify_requests(&self) -> usize {
        self.state.verify_requests()
    }

    /// The largest number of token requests that were waiting for their answers at the same time.
    pub fn max_in_flight(&self) -> usize {
        self.state.max_in_flight()
    }

    /// Every request, in the order of arrival.
    pub fn log(&self) -> Vec<Record> {
        self.state.log()
    }

    /// Every issued token, in order, including dead ones.
    pub fn tokens(&self) -> Vec<String> {
        self.state.tokens()
    }

    /// Ends a token, like an idle timeout.
    pub fn kill_token(&self, token: &str) {
        self.state.kill_token(token);
    }

    /// Ends every token that was issued so far.
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
            // An error is a client that left or distrusts the certificate, or our own abrupt close. Tests cause all three.
            let _ = serve_connection(stream, tls, state).await;
        });
    }
}

async fn serve_connection(stream: TcpStream, tls: Option<TlsAcceptor>, state: Arc<State>) -> io::Result<()> {
    stream.set_nodelay(true)?;
    match tls {
        None => serve_requests(stream, state).await,
        Some(tls) => serve_requests(tls.accept(stream).await?, state).await,
    }
}

async fn serve_requests(stream: impl AsyncRead + AsyncWrite + Unpin, state: Arc<State>) -> io::Result<()> {
    let service = service_fn(move |request| routes::answer(Arc::clone(&state), request));
    http1::Builder::new().serve_connection(TokioIo::new(stream), service).await.map_err(io::Error::other)
}
