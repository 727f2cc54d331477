//! A forward proxy.

use crate::background::Background;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::TcpStream;

/// Bytes. No request to a proxy has a longer head.
const MAX_HEAD: usize = 16 * 1024;

/// What a proxy does with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProxyBehaviour {
    /// Connects to a requested target on this machine; answers HTTP 502 for every other target.
    Forward,
    /// Answers with this status, with or without credentials in the request.
    Refuse(u16),
    /// Closes the connection after the request.
    HangUp,
}

/// An HTTP proxy on a loopback port, until dropped.
///
/// For `https` targets it tunnels with `CONNECT`; for `http` targets it forwards requests with an absolute URL.
pub struct Proxy {
    url: String,
    requests: Arc<Mutex<Vec<ProxyRequest>>>,
    _background: Background,
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
        let requests = Arc::new(Mutex::new(Vec::new()));
        let shared = Arc::clone(&requests);
        let (address, background) = Background::listening(move |listener| async move {
            while let Ok((stream, _)) = listener.accept().await {
                let shared = Arc::clone(&shared);
                tokio::spawn(async move {
                    // Either side may close its connection at any time.
                    let _ = converse(stream, behaviour, &shared).await;
                });
            }
        });
        Self { url: format!("http://{address}"), requests, _background: background }
    }

    /// Its URL.
    pub fn url(&self) -> String {
        self.url.clone()
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
        self.requests.lock().expect("nothing panics while it holds the list").iter().map(part).collect()
    }
}

async fn converse(
    mut client: TcpStream,
    behaviour: ProxyBehaviour,
    log: &Mutex<Vec<ProxyRequest>>,
) -> io::Result<()> {
    let (head, beyond) = read_head(&mut client).await?;
    let Some(request) = parse(&head) else {
        return client.write_all(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n").await;
    };
    let (address, is_connect) = (loopback(&request.target), request.is_connect);
    log.lock().expect("nothing panics while it holds the list").push(request);
    match behaviour {
        ProxyBehaviour::Forward => {}
        ProxyBehaviour::HangUp => return Ok(()),
        ProxyBehaviour::Refuse(status) => {
            let challenge =
                if status == 407 { "proxy-authenticate: Basic realm=\"loopback\"\r\n" } else { "" };
            let refusal = format!(
                "HTTP/1.1 {status} Refused\r\n{challenge}content-length: 0\r\nconnection: close\r\n\r\n"
            );
            return client.write_all(refusal.as_bytes()).await;
        }
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

async fn connect(address: Option<SocketAddr>) -> Option<io::Result<TcpStream>> {
    Some(TcpStream::connect(address?).await)
}

/// Reads the head with its empty line, and returns it with the bytes that arrived after it.
async fn read_head(client: &mut TcpStream) -> io::Result<(String, Vec<u8>)> {
    let mut bytes = Vec::new();
    loop {
        if client.read_buf(&mut bytes).await? == 0 || bytes.len() > MAX_HEAD {
            return Err(io::ErrorKind::UnexpectedEof.into());
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
