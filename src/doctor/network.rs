//! From the server's name to an open connection.

use std::io;
use std::net::{IpAddr, SocketAddr, TcpStream, ToSocketAddrs as _};
use std::sync::mpsc;
use std::time::Duration;

use super::check::Check;
use super::context::Deadline;
use crate::base_url::BaseUrl;
use crate::error::{Category, Result};
use crate::login::{Endpoint, Transport};
use crate::platform::fixes;
use crate::region::is_genesys_host;

const SET_PROXY: &str = "if there is a proxy, set HTTPS_PROXY";

/// The proxy before these servers, if there is one.
pub(super) fn proxy(transport: Result<Transport>, servers: [&BaseUrl; 2]) -> (Vec<Check>, Option<Transport>) {
    const NAME: &str = "proxy";
    let transport = match transport {
        Ok(transport) => transport,
        Err(error) => {
            return (vec![Check::of_error(NAME, error).fix("set the variable again, or unset it")], None);
        }
    };
    let needed = servers.into_iter().find_map(|url| transport.proxy_for(url));
    let check = match (needed, &transport.proxy) {
        // Windows has two other places for one.
        (None, None) if cfg!(windows) => Check::ok(NAME, "none; WinHTTP's and the browser's are not read"),
        (None, None) => Check::ok(NAME, "none"),
        (None, Some(proxy)) => {
            Check::ok(NAME, format!("none for these servers, although {} is set", proxy.variable.name))
        }
        (Some(proxy), _) => match proxy.url() {
            Ok(url) => Check::ok(NAME, format!("{url}, set by {}", proxy.variable.name)),
            Err(why) => {
                let check = Check::failed(NAME, Category::Usage, proxy.unusable());
                return (vec![check.because(why.cause()).fix(why.fix())], None);
            }
        },
    };
    (vec![check], Some(transport))
}

/// A connection that was made for a look.
#[derive(Clone, Copy)]
pub(super) struct Reached {
    /// The address that answered.
    pub(super) address: SocketAddr,
    /// The one that it was reached from.
    pub(super) from: Option<IpAddr>,
    /// Whether that is the proxy's.
    is_proxy: bool,
}

impl Reached {
    /// The address that an allow list is compared with, as far as this machine can see it.
    pub(super) fn way_out(self) -> String {
        match self.from {
            Some(from) if self.is_proxy => {
                format!(": it goes out from {from} to the proxy, whose own address counts")
            }
            Some(from) => format!(": it goes out from {from}, unless a router changes that"),
            None => String::new(),
        }
    }
}

/// Resolves and connects to the login server, or to the proxy before it.
pub(super) fn reach(endpoint: &Endpoint, deadline: &Deadline) -> (Vec<Check>, Option<Reached>) {
    const NAME: &str = "network";
    let (host, port, server) = first_hop(endpoint);
    let proxy = endpoint.transport.proxy_for(&endpoint.login_url).map(|proxy| proxy.variable.name);
    let failed = |detail: String, cause: &str, fix: String| {
        (vec![Check::failed(NAME, Category::Unavailable, detail).because(cause).fix(fix)], None)
    };
    let addresses = match resolve(&host, port, deadline.remaining()) {
        Ok(addresses) if !addresses.is_empty() => addresses,
        Ok(_) | Err(LookupError::Unknown) => {
            return failed(
                format!("there is no address for {host}, {server}"),
                "the name is wrong, or this machine's name server does not know external names",
                match proxy {
                    Some(variable) => format!("correct the host in {variable}"),
                    None if is_genesys_host(&host) => format!("{SET_PROXY}, which resolves names itself"),
                    None => {
                        format!("correct the host of the login URL; {SET_PROXY}, which resolves names itself")
                    }
                },
            );
        }
        Err(LookupError::NoThread(error)) => {
            let detail = format!("cannot start a thread to look up {host}, {server}: {error}");
            let check = Check::failed(NAME, Category::Internal, detail)
                .because("too many processes for this user or this container, or too little memory")
                .fix(fixes::TOO_FEW_PROCESSES);
            return (vec![check], None);
        }
        Err(LookupError::Silent) => {
            return failed(
                format!("the name server does not answer for {host}, {server}"),
                "a firewall may drop DNS packets, or the name server is down",
                match proxy {
                    Some(_) => format!("have the name server answer: getent hosts {host} asks it too"),
                    None => {
                        format!("{SET_PROXY}; have the name server answer: getent hosts {host} asks it too")
                    }
                },
            );
        }
    };
    let mut last = None;
    for (tried, address) in addresses.iter().enumerate() {
        match TcpStream::connect_timeout(
            address,
            deadline.remaining() / u32::try_from(addresses.len() - tried).unwrap_or(1),
        ) {
            Ok(connection) => {
                let from = connection.local_addr().ok().map(|local| local.ip());
                return (
                    vec![Check::ok(NAME, format!("{host}:{port}, {server}, at {}", address.ip()))],
                    Some(Reached { address: *address, from, is_proxy: is_proxied(endpoint) }),
                );
            }
            Err(error) => last = Some(error),
        }
    }
    let allow = format!("have the firewall let this machine reach {host}:{port}");
    let why = last.map_or_else(String::new, |error| format!(": {error}"));
    failed(
        format!("no connection to {host}:{port}, {server}{why}"),
        "nothing listens there, or a firewall is in the way",
        match proxy {
            Some(variable) => format!("correct host and port in {variable}; or start the proxy"),
            None if is_genesys_host(&host) => format!("{SET_PROXY}; {allow}"),
            None => format!("correct the host or the port of the login URL; {SET_PROXY}; {allow}"),
        },
    )
}

/// Where the first connection goes to.
fn first_hop(endpoint: &Endpoint) -> (String, u16, &'static str) {
    let proxy = endpoint.transport.proxy_for(&endpoint.login_url);
    if let Some(url) = proxy.and_then(|proxy| proxy.url().ok()) {
        return (url.host, url.port, "the proxy");
    }
    let url = &endpoint.login_url;
    (url.host().to_owned(), url.port(), "the login server")
}

/// Whether requests to the login server go through a proxy.
pub(super) fn is_proxied(endpoint: &Endpoint) -> bool {
    endpoint.transport.proxy_for(&endpoint.login_url).is_some()
}

enum LookupError {
    Unknown,
    Silent,
    /// The machine gives no thread to ask in.
    NoThread(io::Error),
}

/// The system's resolver takes no deadline: it is called in a thread that may be left behind.
fn resolve(host: &str, port: u16, limit: Duration) -> std::result::Result<Vec<SocketAddr>, LookupError> {
    let (sender, receiver) = mpsc::channel();
    let name = (host.to_owned(), port);
    let started = std::thread::Builder::new().spawn(move || {
        let _ = sender.send(name.to_socket_addrs().map(Iterator::collect));
    });
    started.map_err(LookupError::NoThread)?;
    match receiver.recv_timeout(limit) {
        Ok(Ok(addresses)) => Ok(addresses),
        Ok(Err(_)) => Err(LookupError::Unknown),
        Err(_) => Err(LookupError::Silent),
    }
}
