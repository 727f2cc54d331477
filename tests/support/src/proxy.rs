//! A forward proxy.

use crate::background::Background;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::TcpStream;

/// More than this is no head of a request to a proxy.
const MAX_HEAD: usize = 16 * 1024;

/// What a proxy does with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProxyBehaviour {
    /// Connects to where it is asked to, on this machine; 502 for every other place.
    Forward,
    /// Asks for credentials, whether any came or not.
    Refuse407,
}

/// An HTTP proxy on a loopback port, until dropped.
///
/// It tunnels with `CONNECT`, which is what `https` targets need, and passes on requests with an absolute URL, which
/// is what `http` targets get.
pub struct Proxy {
    url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
    _background: Background,
}

struct Asked {
    target: String,
    authorization: Option<String>,
}

impl Proxy {
    /// A proxy on a free loopback port.
    pub fn start(behaviour: ProxyBehaviour) -> Self {
        let asked = Arc::new(Mutex::new(Vec::new()));
        let shared = Arc::clone(&asked);
        let (address, background) = Background::listening(move |listener| async move {
            while let Ok((stream, _)) = listener.accept().await {
                let shared = Arc::clone(&shared);
                tokio::spawn(async move {
                    // Either end may leave at any time.
                    let _ = converse(stream, behaviour, &shared).await;
                });
            }
        });
        Self { url: format!("http://{address}"), asked, _background: background }
    }

    /// Its URL.
    pub fn url(&self) -> String {
        self.url.clone()
    }

    /// The targets it was asked for, as `host:port`, in order.
    pub fn connects(&self) -> Vec<String> {
        self.each(|asked| asked.target.clone())
    }

    /// The `Proxy-Authorization` of each of [`connects`](Self::connects).
    pub fn authorizations(&self) -> Vec<Option<String>> {
        self.each(|asked| asked.authorization.clone())
    }

    fn each<T>(&self, part: impl Fn(&Asked) -> T) -> Vec<T> {
        self.asked.lock().expect("nothing panics while it holds the list").iter().map(part).collect()
    }
}

async fn converse(
    mut client: TcpStream,
    behaviour: ProxyBehaviour,
    log: &Mutex<Vec<Asked>>,
) -> io::Result<()> {
    let (head, beyond) = read_head(&mut client).await?;
    let Some((tunnel, asked)) = parse(&head) else {
        return client.write_all(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n").await;
    };
    let address = loopback(&asked.target);
    log.lock().expect("nothing panics while it holds the list").push(asked);
    if behaviour == ProxyBehaviour::Refuse407 {
        let refusal = "HTTP/1.1 407 Proxy Authentication Required\r\n\
                       proxy-authenticate: Basic realm=\"loopback\"\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
        return client.write_all(refusal.as_bytes()).await;
    }
    let Some(Ok(mut host)) = connect(address).await else {
        let failure = b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
        return client.write_all(failure).await;
    };
    if tunnel {
        client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await?;
    } else {
        // Servers take absolute URLs too, so that the head can go on as it came.
        host.write_all(head.as_bytes()).await?;
    }
    host.write_all(&beyond).await?;
    copy_bidirectional(&mut client, &mut host).await.map(drop)
}

async fn connect(address: Option<SocketAddr>) -> Option<io::Result<TcpStream>> {
    Some(TcpStream::connect(address?).await)
}

/// Reads up to and with the empty line; also gives back what came after it.
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

/// Whether a tunnel is asked for, and to where.
fn parse(head: &str) -> Option<(bool, Asked)> {
    let mut lines = head.lines();
    let mut first = lines.next()?.split(' ');
    let (method, target) = (first.next()?, first.next()?);
    let tunnel = method == "CONNECT";
    let target = if tunnel { target.to_owned() } else { authority(target)? };
    let authorization = lines
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("proxy-authorization"))
        .map(|(_, value)| value.trim().to_owned());
    Some((tunnel, Asked { target, authorization }))
}

/// The `host:port` of an `http` URL.
fn authority(url: &str) -> Option<String> {
    let host = url.strip_prefix("http://")?.split(['/', '?']).next()?;
    Some(if host.contains(':') { host.to_owned() } else { format!("{host}:80") })
}

/// The address of a target on this machine. Nothing is looked up: no test may reach the world through here.
fn loopback(target: &str) -> Option<SocketAddr> {
    let (host, port) = target.rsplit_once(':')?;
    let ip = if host == "localhost" { IpAddr::from(Ipv4Addr::LOCALHOST) } else { host.parse().ok()? };
    ip.is_loopback().then_some(SocketAddr::new(ip, port.parse().ok()?))
}
