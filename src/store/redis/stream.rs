//! A connection whose time is limited as a whole: looking up the name, TLS, and every byte.

use std::cell::Cell;
use std::io::{self, Read, Write};
use std::net::{IpAddr, SocketAddr, TcpStream, ToSocketAddrs as _};
#[cfg(unix)]
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::rc::Rc;
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, StreamOwned};

use super::address::Address;
use crate::store::shared::StoreFault;
use crate::time::Clock;

/// Until when a connection may be used, on the stopwatch of the call. All parts of a connection share it.
#[derive(Clone)]
pub(super) struct Deadline<'c> {
    clock: &'c dyn Clock,
    until: Rc<Cell<Duration>>,
}

impl<'c> Deadline<'c> {
    pub(super) fn new(clock: &'c dyn Clock) -> Self {
        Self { clock, until: Rc::default() }
    }

    /// From now on it is `left` away.
    pub(super) fn set(&self, left: Duration) {
        self.until.set(self.clock.elapsed() + left);
    }

    fn left(&self) -> Result<Duration, StoreFault> {
        let left = self.until.get().saturating_sub(self.clock.elapsed());
        if left.is_zero() { Err(StoreFault::Slow) } else { Ok(left) }
    }
}

enum Socket {
    Tcp(TcpStream),
    #[cfg(unix)]
    Unix(UnixStream),
}

/// A socket that gives each read and each write the time that is left.
struct Timed<'c> {
    socket: Socket,
    deadline: Deadline<'c>,
}

/// What the commands go through.
pub(super) trait Stream: Read + Write {}
impl<T: Read + Write> Stream for T {}

/// Connects to `address`, with TLS if that says so.
pub(super) fn connect<'c>(
    address: &Address,
    tls: Option<&Arc<ClientConfig>>,
    deadline: &Deadline<'c>,
) -> Result<Box<dyn Stream + 'c>, StoreFault> {
    let timed = |socket| Timed { socket, deadline: deadline.clone() };
    match address {
        Address::Unix { path, .. } => Ok(Box::new(timed(unix_socket(path, deadline.left()?)?))),
        Address::Tcp { host, port, is_tls, .. } => {
            let socket = timed(Socket::Tcp(tcp_socket(host, *port, deadline)?));
            match tls.filter(|_| *is_tls) {
                None => Ok(Box::new(socket)),
                Some(config) => with_tls(socket, host, config).map(|stream| Box::new(stream) as _),
            }
        }
    }
}

fn with_tls<'c>(
    socket: Timed<'c>,
    host: &str,
    config: &Arc<ClientConfig>,
) -> Result<StreamOwned<ClientConnection, Timed<'c>>, StoreFault> {
    let name = ServerName::try_from(host.to_owned()).map_err(|error| StoreFault::Tls(error.to_string()))?;
    let client = ClientConnection::new(Arc::clone(config), name);
    let client = client.map_err(|error| StoreFault::Tls(error.to_string()))?;
    let mut stream = StreamOwned::new(client, socket);
    while stream.conn.is_handshaking() {
        stream.conn.complete_io(&mut stream.sock).map_err(|error| match fault(&error) {
            // A Redis without TLS waits for the end of what it takes for a command.
            StoreFault::Slow => StoreFault::Tls("no answer in time, as from a port without TLS".to_owned()),
            _ => StoreFault::Tls(tls_words(&error)),
        })?;
    }
    Ok(stream)
}

/// What a failed handshake means. A verifier that explains its refusals does so in an error of its own.
fn tls_words(error: &io::Error) -> String {
    use rustls::{CertificateError, Error, OtherError};
    match error.get_ref().and_then(|inner| inner.downcast_ref()) {
        Some(Error::InvalidCertificate(CertificateError::Other(OtherError(explained)))) => {
            explained.to_string()
        }
        _ => error.to_string(),
    }
}

/// A server that never accepts lets a connection wait without a limit, so a thread makes it.
#[cfg(unix)]
fn unix_socket(path: &Path, limit: Duration) -> Result<Socket, StoreFault> {
    let path = path.to_owned();
    let socket = in_time(limit, move || UnixStream::connect(path))?;
    socket.map(Socket::Unix).map_err(|error| StoreFault::Unreachable(error.to_string()))
}

#[cfg(not(unix))]
fn unix_socket(_: &Path, _: Duration) -> Result<Socket, StoreFault> {
    Err(StoreFault::Unreachable("there are no such sockets on this system".to_owned()))
}

/// Tries the addresses of `host` one after the other: each gets its share of the time that is left.
fn tcp_socket(host: &str, port: u16, deadline: &Deadline) -> Result<TcpStream, StoreFault> {
    let addresses = addresses(host, port, deadline.left()?)?;
    let mut last = StoreFault::NoAddress("it has none".to_owned());
    for (index, address) in addresses.iter().enumerate() {
        let others = u32::try_from(addresses.len() - index).unwrap_or(u32::MAX);
        match TcpStream::connect_timeout(address, deadline.left()? / others) {
            Ok(socket) => {
                // A command is one write, and waits for its answer.
                let _ = socket.set_nodelay(true);
                return Ok(socket);
            }
            Err(error) if error.kind() == io::ErrorKind::TimedOut => last = StoreFault::Slow,
            Err(error) => last = StoreFault::Unreachable(error.to_string()),
        }
    }
    Err(last)
}

/// The system's resolver has no time limit, so a thread asks it. One that is too slow is left behind.
fn addresses(host: &str, port: u16, limit: Duration) -> Result<Vec<SocketAddr>, StoreFault> {
    if let Ok(address) = host.parse::<IpAddr>() {
        return Ok(vec![(address, port).into()]);
    }
    let name = host.to_owned();
    let found = in_time(limit, move || (name.as_str(), port).to_socket_addrs().map(Iterator::collect))?;
    found.map_err(|error: io::Error| StoreFault::NoAddress(error.to_string()))
}

/// What `work` comes to within `limit`.
fn in_time<T: Send + 'static>(
    limit: Duration,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, StoreFault> {
    let (sender, receiver) = mpsc::channel();
    let run = move || {
        let _ = sender.send(work());
    };
    let started = thread::Builder::new().spawn(run);
    started.map_err(|error| StoreFault::Unreachable(error.to_string()))?;
    receiver.recv_timeout(limit).map_err(|_| StoreFault::Slow)
}

/// What an error of the connection means.
pub(super) fn fault(error: &io::Error) -> StoreFault {
    match error.kind() {
        io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => StoreFault::Slow,
        _ => StoreFault::Closed,
    }
}

impl Timed<'_> {
    fn left(&self) -> io::Result<Option<Duration>> {
        self.deadline.left().map(Some).map_err(|_| io::ErrorKind::TimedOut.into())
    }
}

impl Read for Timed<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.left()?;
        match &mut self.socket {
            Socket::Tcp(socket) => socket.set_read_timeout(left).and_then(|()| socket.read(buffer)),
            #[cfg(unix)]
            Socket::Unix(socket) => socket.set_read_timeout(left).and_then(|()| socket.read(buffer)),
        }
    }
}

impl Write for Timed<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let left = self.left()?;
        match &mut self.socket {
            Socket::Tcp(socket) => socket.set_write_timeout(left).and_then(|()| socket.write(bytes)),
            #[cfg(unix)]
            Socket::Unix(socket) => socket.set_write_timeout(left).and_then(|()| socket.write(bytes)),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
