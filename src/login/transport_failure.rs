//! Classifies every request that got no whole answer.

use std::error::Error as StdError;
use std::time::Duration;

use super::failure::{Failure, FailureClass};
use super::transport::Proxy;
use crate::base_url::BaseUrl;
use crate::sanitize::sanitize;

/// Where a request was going: the server as messages name it, its URL, and the proxy before it.
pub(super) struct Hop<'a> {
    pub(super) server: &'a str,
    pub(super) url: &'a BaseUrl,
    pub(super) proxy: Option<&'a Proxy>,
    /// How long the proxy may take to say why it opens no tunnel.
    pub(super) limit: Duration,
}

/// The failure of a request without an answer. `sent` is what the error must not contain.
pub(super) fn of_transport(hop: &Hop, error: &reqwest::Error, sent: &[&str]) -> Failure {
    let server = hop.server;
    if let Some(tls) = find_source::<rustls::Error>(error) {
        return of_tls(server, tls, sent);
    }
    let reasons: Vec<String> = sources(error).map(ToString::to_string).collect();
    let says = |words: &str| reasons.iter().any(|reason| reason.contains(words));
    if let Some(proxy) = hop.proxy.filter(|_| error.is_connect() && !error.is_timeout()) {
        if says("proxy authorization required") {
            return proxy.requires_authentication(server);
        }
        if says("tunnel error") && !says("failed to create underlying connection") {
            return proxy.refused(server, hop.url, hop.limit);
        }
        return proxy.unreachable(&sanitize(reasons.last().map_or("no reason given", String::as_str), sent));
    }
    let reason = sanitize(reasons.last().map_or("no reason given", String::as_str), sent);
    let (message, hint) = if error.is_timeout() {
        (
            format!("{server} did not answer in time"),
            "the network may swallow packets: check proxy and firewall",
        )
    } else if error.is_connect() {
        (
            format!("cannot reach {server}: {reason}"),
            "check the network, the region's spelling, and HTTPS_PROXY and NO_PROXY",
        )
    } else {
        (format!("{server} broke the connection: {reason}"), "a gateway or proxy in the way may be at fault")
    };
    Failure::of_network(FailureClass::Transient, message, hint)
}

/// A certificate that is not trusted stays so. Any other TLS fault may pass: a load balancer that is short of servers
/// answers in plain HTTP, refuses handshakes, or knows no name.
fn of_tls(server: &str, error: &rustls::Error, sent: &[&str]) -> Failure {
    let words = sanitize(&error.to_string(), sent);
    let class = match error {
        rustls::Error::InvalidCertificate(_) => FailureClass::Blocked,
        _ => FailureClass::Transient,
    };
    match error {
        rustls::Error::InvalidCertificate(_) => Failure::of_network(
            class,
            format!("cannot trust {server}: {words}"),
            "the certificate is not trusted: a proxy that intercepts TLS needs its CA in --ca-cert, and so does a \
             private login server; check the machine's clock as well",
        ),
        _ => Failure::of_network(
            class,
            format!("TLS with {server} failed: {words}"),
            "the other side does not speak TLS as it should: check the port, and for a proxy in the way",
        ),
    }
}

/// The failure of an answer that did not end in time.
pub(super) fn of_slow_answer(server: &str) -> Failure {
    Failure::of_network(
        FailureClass::Transient,
        format!("{server} did not finish its answer in time"),
        "the network or a gateway in the way is too slow",
    )
}

/// An error and all its sources, outermost first.
fn sources<'a>(error: &'a (dyn StdError + 'static)) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |&error| error.source())
}

/// The first source of type `T`; an `io::Error` hides its own in `get_ref`.
pub(super) fn find_source<'a, T: StdError + 'static>(error: &'a (dyn StdError + 'static)) -> Option<&'a T> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        next = match error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref) {
            Some(inner) => Some(inner),
            None => error.source(),
        };
    }
    None
}
