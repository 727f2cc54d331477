//! From the region's name to an open connection.

use std::io;
use std::net::{IpAddr, SocketAddr, TcpStream, ToSocketAddrs as _};
use std::sync::mpsc;
use std::time::Duration;

use hyper_util::client::proxy::matcher::Matcher;

use super::{Check, Deadline, Surroundings};
use crate::cli::ClientArgs;
use crate::env::Env;
use crate::error::Category;
use crate::login::{Chosen, Endpoint, Proxy, Route};
use crate::region;
use crate::settings::{self, Servers};

pub(super) fn servers(
    args: &ClientArgs,
    env: &Env,
    surroundings: Surroundings,
) -> (Vec<Check>, Option<Servers>) {
    const NAME: &str = "region";
    let say_it = match surroundings {
        Surroundings::Jenkins => "give the step region:, or set GENESYSCLOUD_REGION",
        Surroundings::Shell => "give --region, or set GENESYSCLOUD_REGION",
    };
    let mut remarks = Vec::new();
    let servers = match Servers::settle(args, env, &mut remarks) {
        Ok(servers) => servers,
        Err(error) => return (vec![Check::of_error(NAME, error).fix(say_it)], None),
    };
    let login_host = host_of(&servers.login_url);
    if login_host.starts_with("api.") && region::is_genesys_host(&login_host) {
        let check = Check::failed(
            NAME,
            Category::Usage,
            format!("the login URL {} is an API host", servers.login_url),
        )
        .because("tokens come from the host that begins with login., and the one with api. only takes them")
        .fix("leave the login URL out and name the region");
        return (vec![check], None);
    }
    if let Some(other) = region::of_host(&login_host).filter(|other| *other != servers.region) {
        let (said, is) = (servers.region.aws, other.aws);
        let check =
            Check::failed(NAME, Category::Usage, format!("the region is {said}, and the login URL of {is}"))
                .because("the token would be of one region, and the calls of the tools go to another")
                .fix("leave GENESYS_TOKEN_LOGIN_URL and --login-url out, and name the region alone");
        return (vec![check], None);
    }
    let region = format!("{} ({})", servers.region.aws, servers.region.domain);
    let mut checks = vec![match servers.chosen {
        Chosen::ByName => Check::ok(NAME, region),
        Chosen::ByLoginUrl => Check::ok(NAME, format!("{region}, by the login URL")),
        Chosen::ByDefault if servers.host != servers.region.domain => {
            Check::ok(NAME, format!("none, since the login server is {}", servers.host))
        }
        Chosen::ByDefault => Check::warning(NAME, format!("{region}, the default"))
            .because("no region was given")
            .fix(format!("{say_it}; doctor --find-region tells which one knows the client")),
    }];
    let is_far = [&servers.login_url, &servers.api_url].iter().any(|url| !is_loopback(url));
    for remark in remarks {
        checks.push(if is_far {
            Check::warning(NAME, remark)
                .because("the credential goes there")
                .fix("unset it unless it is meant")
        } else {
            Check::ok(NAME, format!("{remark}, on this very machine"))
        });
    }
    (checks, Some(servers))
}

pub(super) fn proxy(args: &ClientArgs, env: &Env, servers: &Servers) -> (Vec<Check>, Option<Route>) {
    const NAME: &str = "proxy";
    let route = match settings::route(args, env, &[&servers.login_url, &servers.api_url]) {
        Ok(route) => route,
        Err(error) => {
            return (vec![Check::of_error(NAME, error).fix("set the variable anew, or unset it")], None);
        }
    };
    let check = match &route.proxy {
        None => Check::ok(NAME, "none"),
        Some(proxy) => {
            let Some((host, port)) = proxy.address() else {
                let message = format!("the value of {} is not the URL of an HTTP proxy", proxy.variable);
                let check = Check::failed(NAME, Category::Usage, message)
                    .because("it names no host, or another kind of proxy, such as SOCKS")
                    .fix("write it as http://proxy.example:3128");
                return (vec![check], None);
            };
            Check::ok(NAME, format!("{host}:{port}, set by {}", proxy.variable))
        }
    };
    (vec![check], Some(route))
}

/// Name, address, connection: of the login server, or of the proxy before it. The address is the one that answered.
pub(super) fn reach(endpoint: &Endpoint, deadline: &Deadline) -> (Vec<Check>, Option<SocketAddr>) {
    const NAME: &str = "network";
    let (host, port, whose) = first_hop(endpoint);
    let failed = |detail: String, cause: &str, fix: &str| {
        (vec![Check::failed(NAME, Category::Unavailable, detail).because(cause).fix(fix)], None)
    };
    let addresses = match resolve(&host, port, deadline.remaining()) {
        Ok(addresses) if !addresses.is_empty() => addresses,
        Ok(_) | Err(Unresolved::Unknown) => {
            return failed(
                format!("there is no address for {host}, {whose}"),
                "the name is wrong, or this machine's name server does not know names outside",
                "check the region's spelling; behind a proxy set HTTPS_PROXY, which resolves names itself",
            );
        }
        Err(Unresolved::Unasked(error)) => {
            let detail = format!("cannot start a thread to look up {host}, {whose}: {error}");
            let check = Check::failed(NAME, Category::Internal, detail)
                .because("too many processes for this user or this container, or too little memory")
                .fix("raise the limit (ulimit -a), or let less run beside this");
            return (vec![check], None);
        }
        Err(Unresolved::Silent) => {
            return failed(
                format!("the name server does not answer for {host}, {whose}"),
                "a firewall may swallow DNS, or the name server is down",
                "try the same with getent hosts on this machine; behind a proxy set HTTPS_PROXY",
            );
        }
    };
    let mut last = None;
    for (tried, address) in addresses.iter().enumerate() {
        match TcpStream::connect_timeout(
            address,
            deadline.remaining() / u32::try_from(addresses.len() - tried).unwrap_or(1),
        ) {
            Ok(_) => {
                return (
                    vec![Check::ok(NAME, format!("{host}:{port}, {whose}, at {}", address.ip()))],
                    Some(*address),
                );
            }
            Err(error) => last = Some(error),
        }
    }
    let why = last.map_or_else(String::new, |error| format!(": {error}"));
    failed(
        format!("no connection to {host}:{port}, {whose}{why}"),
        "nothing listens there, or a firewall is in the way",
        "allow the connection, or set HTTPS_PROXY; for the proxy itself check its address and port",
    )
}

/// Where the first connection goes to.
fn first_hop(endpoint: &Endpoint) -> (String, u16, &'static str) {
    let proxy = endpoint.route.proxy.as_ref().filter(|_| is_proxied(endpoint));
    if let Some((host, port)) = proxy.and_then(Proxy::address) {
        return (host, port, "the proxy");
    }
    // Whatever is no URL was refused before.
    let port = url::Url::parse(&endpoint.login_url).ok().and_then(|url| url.port_or_known_default());
    (host_of(&endpoint.login_url), port.unwrap_or(443), "the login server")
}

/// Whether the login server is asked through a proxy: the client's own way to tell.
pub(super) fn is_proxied(endpoint: &Endpoint) -> bool {
    let Some(proxy) = &endpoint.route.proxy else { return false };
    let except = proxy.except.clone().unwrap_or_default();
    let matcher = Matcher::builder().https(proxy.url.expose()).no(except).build();
    endpoint.login_url.parse().is_ok_and(|uri: http::Uri| matcher.intercept(&uri).is_some())
}

fn is_loopback(url: &str) -> bool {
    let host = host_of(url);
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

pub(super) fn host_of(url: &str) -> String {
    let url = url::Url::parse(url).ok();
    let host = url.as_ref().and_then(url::Url::host_str).unwrap_or_default();
    // An IPv6 address stands in brackets in a URL, and nowhere else.
    host.trim_matches(['[', ']']).to_owned()
}

enum Unresolved {
    Unknown,
    Silent,
    /// There may be no thread to ask in.
    Unasked(io::Error),
}

/// The system's resolver has no deadline of its own that we could set: it is asked in a thread that may be left behind.
fn resolve(host: &str, port: u16, limit: Duration) -> Result<Vec<SocketAddr>, Unresolved> {
    let (sender, receiver) = mpsc::channel();
    let name = (host.to_owned(), port);
    let started = std::thread::Builder::new().spawn(move || {
        let _ = sender.send(name.to_socket_addrs().map(Iterator::collect));
    });
    started.map_err(Unresolved::Unasked)?;
    match receiver.recv_timeout(limit) {
        Ok(Ok(addresses)) => Ok(addresses),
        Ok(Err(_)) => Err(Unresolved::Unknown),
        Err(_) => Err(Unresolved::Silent),
    }
}
