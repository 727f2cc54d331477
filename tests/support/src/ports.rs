//! Loopback ports: one to listen on, and one where nobody does.

use socket2::{Domain, Socket, Type};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::OnceLock;

/// Connections the kernel may hold for us. The standard library asks for 128, and a herd of 200 clients that arrives
/// before the server's thread is scheduled would overflow that and wait a second for its second SYN.
const BACKLOG: i32 = 1024;

/// A listener on a free loopback port, ready to be handed to tokio.
pub(crate) fn listen() -> (TcpListener, SocketAddr) {
    let socket = bound();
    socket.listen(BACKLOG).expect("a loopback socket can listen");
    socket.set_nonblocking(true).expect("a socket can be non-blocking");
    let address = address(&socket);
    (socket.into(), address)
}

/// A URL whose port refuses every connection.
///
/// The port stays bound without ever listening for as long as the process lives, so that no other test can be given
/// it in the meantime.
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
