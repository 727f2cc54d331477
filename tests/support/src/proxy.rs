//! A forward proxy.

use crate::Certificate;
use crate::background::Background;
use crate::certificate::Tls;
use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use tempfile::NamedTempFile;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, copy_bidirectional};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;

/// Bytes. No request to a proxy has a longer head.
const MAX_HEAD: usize = 16 * 1024;

/// What a proxy does with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProxyBehaviour {
    /// Connects to a requested target on this machine; answers HTTP 502 for every other target.
    Forward,
    /// Answers with this status, with or without credentials in the request.
    Refuse(u16),
    /// Answers with status 407 and these schemes.
    Challenge(&'static [&'static str]),
    /// Reads requests, and never answers.
    Silent,
    /// Closes the connection after the request.
    HangUp,
}

/// An HTTP proxy on a loopback port, until dropped.
///
/// It looks no name up, so that no test reaches another machine: a name other than `localhost` has to be
/// [mapped](Self::map).
///
/// For `https` targets it tunnels with `CONNECT`; for `http` targets it forwards requests with an absolute URL.
///
/// What begins like no HTTP request gets HTTP 400 at once, as from Squid.
pub struct Proxy {
    url: String,
    ca_file: Option<NamedTempFile>,
    shared: Arc<Shared>,
    _background: Background,
}

/// What the proxy's thread and the test share.
struct Shared {
    behaviour: Mutex<ProxyBehaviour>,
    /// Addresses on this machine, by `host:port`.
    mapped: Mutex<HashMap<String, SocketAddr>>,
    connections: AtomicUsize,
    requests: Mutex<Vec<ProxyRequest>>,
}

/// The part of a request's head that concerns the proxy.
struct ProxyRequest {
    is_connect: bool,
    target: String,
    authorization: Option<String>,
}

impl Proxy {
    /// A proxy on a free loopback port.
    pub fn start(behaviour: ProxyBehaviour) -> Self {
        Self::start_with(behaviour, None)
    }

    /// A proxy that speaks TLS, whose URL has the host `localhost`.
    pub fn start_tls(behaviour: ProxyBehaviour, certificate: Certificate) -> Self {
        Self::start_with(behaviour, Some(certificate.tls()))
    }

    fn start_with(behaviour: ProxyBehaviour, tls: Option<Tls>) -> Self {
        let shared = Arc::new(Shared {
            behaviour: Mutex::new(behaviour),
            mapped: Mutex::default(),
            connections: AtomicUsize::new(0),
            requests: Mutex::default(),
        });
        let ours = Arc::clone(&shared);
        let (acceptor, ca_file) = tls.map(|tls| (tls.acceptor, tls.ca_file)).unzip();
        let (address, background) = Background::listening(move |listener| async move {
            while let Ok((stream, _)) = listener.accept().await {
                shared.connections.fetch_add(1, Ordering::SeqCst);
                let (shared, acceptor) = (Arc::clone(&shared), acceptor.clone());
                tokio::spawn(async move {
                    // Either side may close its connection at any time.
                    let _ = accept(stream, acceptor, &shared).await;
                });
            }
        });
        let url = match ca_file {
            None => format!("http://{address}"),
            Some(_) => format!("https://localhost:{}", address.port()),
        };
        Self { url, ca_file, shared: ours, _background: background }
    }

    /// Its URL.
    pub fn url(&self) -> String {
        self.url.clone()
    }

    /// The CA of a proxy that speaks TLS, in PEM. The file is removed with the proxy.
    ///
    /// # Panics
    /// The proxy speaks plain HTTP.
    pub fn ca_file(&self) -> PathBuf {
        self.ca_file.as_ref().expect("a TLS proxy").path().to_owned()
    }

    /// Changes what it does, from the next request on.
    pub fn set(&self, behaviour: ProxyBehaviour) {
        *locked(&self.shared.behaviour) = behaviour;
    }

    /// Connects requests for `target`, as `host:port`, to the port of `url` on this machine.
    ///
    /// # Panics
    /// The URL has no port.
    pub fn map(&self, target: &str, url: &str) {
        let port = url.rsplit_once(':').and_then(|(_, port)| port.parse().ok()).expect("a URL with a port");
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        locked(&self.shared.mapped).insert(target.to_owned(), address);
    }

    /// The number of connections it has accepted.
    pub fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::SeqCst)
    }

    /// The requested targets, as `host:port`, in order.
    pub fn connects(&self) -> Vec<String> {
        self.each(|request| request.target.clone())
    }

    /// The `Proxy-Authorization` header of each request in [`connects`](Self::connects).
    pub fn authorizations(&self) -> Vec<Option<String>> {
        self.each(|request| request.authorization.clone())
    }

    fn each<T>(&self, part: impl Fn(&ProxyRequest) -> T) -> Vec<T> {
        locked(&self.shared.requests).iter().map(part).collect()
    }
}

fn locked<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().expect("nothing panics while it holds this")
}

async fn accept(stream: TcpStream, tls: Option<TlsAcceptor>, shared: &Shared) -> io::Result<()> {
    match tls {
        None => converse(stream, shared).await,
        Some(tls) => converse(tls.accept(stream).await?, shared).await,
    }
}

async fn converse(mut client: impl AsyncRead + AsyncWrite + Unpin, shared: &Shared) -> io::Result<()> {
    let (head, beyond) = read_head(&mut client).await?;
    let Some(request) = parse(&head) else {
        return client.write_all(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n").await;
    };
    let mapped = locked(&shared.mapped).get(&request.target).copied();
    let (address, is_connect) = (mapped.or_else(|| loopback(&request.target)), request.is_connect);
    locked(&shared.requests).push(request);
    let behaviour = *locked(&shared.behaviour);
    match behaviour {
        ProxyBehaviour::Forward => {}
        ProxyBehaviour::HangUp => return Ok(()),
        ProxyBehaviour::Silent => return std::future::pending().await,
        ProxyBehaviour::Refuse(407) => return refuse(client, 407, &["Basic realm=\"loopback\""]).await,
        ProxyBehaviour::Refuse(status) => return refuse(client, status, &[]).await,
        ProxyBehaviour::Challenge(schemes) => return refuse(client, 407, schemes).await,
    }
    let Some(Ok(mut host)) = connect(address).await else {
        let failure = b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
        return client.write_all(failure).await;
    };
    if is_connect {
        client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await?;
    } else {
        // Servers accept absolute URLs too: the head needs no change.
        host.write_all(head.as_bytes()).await?;
    }
    host.write_all(&beyond).await?;
    copy_bidirectional(&mut client, &mut host).await.map(drop)
}

async fn refuse(mut client: impl AsyncWrite + Unpin, status: u16, schemes: &[&str]) -> io::Result<()> {
    let challenges = schemes
        .iter()
        .fold(String::new(), |challenges, scheme| challenges + "proxy-authenticate: " + scheme + "\r\n");
    let refusal =
        format!("HTTP/1.1 {status} Refused\r\n{challenges}content-length: 0\r\nconnection: close\r\n\r\n");
    client.write_all(refusal.as_bytes()).await?;
    client.shutdown().await
}

async fn connect(address: Option<SocketAddr>) -> Option<io::Result<TcpStream>> {
    Some(TcpStream::connect(address?).await)
}

/// Reads the head with its empty line, and returns it with the bytes that arrived after it. Bytes that can't be the
/// beginning of a head are returned at once.
async fn read_head(client: &mut (impl AsyncRead + Unpin)) -> io::Result<(String, Vec<u8>)> {
    let mut bytes = Vec::new();
    loop {
        if client.read_buf(&mut bytes).await? == 0 || bytes.len() > MAX_HEAD {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if !bytes[0].is_ascii_alphabetic() {
            return Ok((String::new(), bytes));
        }
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            let beyond = bytes.split_off(end + 4);
            return Ok((String::from_utf8_lossy(&bytes).into_owned(), beyond));
        }
    }
}

fn parse(head: &str) -> Option<ProxyRequest> {
    let mut lines = head.lines();
    let mut first = lines.next()?.split(' ');
    let (method, target) = (first.next()?, first.next()?);
    let is_connect = method == "CONNECT";
    let target = if is_connect { target.to_owned() } else { authority(target)? };
    let authorization = lines
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("proxy-authorization"))
        .map(|(_, value)| value.trim().to_owned());
    Some(ProxyRequest { is_connect, target, authorization })
}

/// The `host:port` of an `http` URL.
fn authority(url: &str) -> Option<String> {
    let host = url.strip_prefix("http://")?.split(['/', '?']).next()?;
    Some(if host.contains(':') { host.to_owned() } else { format!("{host}:80") })
}

/// The address of a target on this machine. No name is looked up, so that no test reaches another machine.
fn loopback(target: &str) -> Option<SocketAddr> {
    let (host, port) = target.rsplit_once(':')?;
    let ip = if host == "localhost" { IpAddr::from(Ipv4Addr::LOCALHOST) } else { host.parse().ok()? };
    ip.is_loopback().then_some(SocketAddr::new(ip, port.parse().ok()?))
}
