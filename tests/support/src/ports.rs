//! Loopback ports: one that a server listens on, and one that refuses connections.

use socket2::{Domain, Socket, Type};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::OnceLock;

/// How many connections the kernel queues. The standard library sets 128: two hundred clients that connect before the
/// server's thread is scheduled would overflow that, and the rest would wait a second to send another SYN.
const BACKLOG: i32 = 1024;

/// A non-blocking listener on a free loopback port, as tokio needs it.
pub(crate) fn listen() -> (TcpListener, SocketAddr) {
    let socket = bound();
    socket.listen(BACKLOG).expect("a loopback socket can listen");
    socket.set_nonblocking(true).expect("a socket can be non-blocking");
    let address = address(&socket);
    (socket.into(), address)
}

/// A URL whose port refuses every connection.
///
/// The port stays bound, without a listener, until the process ends: so no other test gets the same port meanwhile.
pub fn refused_url() -> String {
    static REFUSING: OnceLock<Socket> = OnceLock::new();
    format!("http://{}", address(REFUSING.get_or_init(bound)))
}

fn bound() -> Socket {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
    let any_port = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    socket.bind(&any_port.into()).expect("a free loopback port");
    socket
}

fn address(socket: &Socket) -> SocketAddr {
    socket.local_addr().ok().and_then(|address| address.as_socket()).expect("a bound socket has an address")
}
