//! Classifies every request that got no whole answer.

use super::failure::{Failure, FailureClass};
use super::hop::Hop;
use super::proxy_failure::of_proxy;
use super::sources::{find_source, sources};
use super::tls_failure::of_tls;
use crate::sanitize::sanitize;

/// The failure of a request without an answer. `sent` is what the error must not contain.
pub(super) fn of_transport(hop: &Hop, error: &reqwest::Error, sent: &[&str]) -> Failure {
    let server = hop.server;
    if let Some(through) = hop.proxy.as_ref().filter(|through| !through.is_passed()) {
        return of_proxy(hop, through, error, sent);
    }
    if let Some(tls) = find_source::<rustls::Error>(error) {
        return of_tls(server, tls, sent);
    }
    let reason = sources(error).last().map(ToString::to_string);
    let reason = sanitize(reason.as_deref().unwrap_or("no reason given"), sent);
    let (message, cause, fix) = if error.is_timeout() {
        (
            format!("{server} did not answer in time"),
            "a firewall swallows the packets, or a proxy is needed",
            "check firewall, HTTPS_PROXY and NO_PROXY",
        )
    } else if error.is_connect() {
        (
            format!("cannot reach {server}: {reason}"),
            "nothing listens there, the name is wrong, or a proxy is needed",
            "check the network, the region's spelling, and HTTPS_PROXY and NO_PROXY",
        )
    } else {
        (
            format!("{server} broke the connection: {reason}"),
            "a gateway or proxy in the way may be at fault",
            "try again; if it persists, check proxies and gateways",
        )
    };
    Failure::of_network(FailureClass::Transient, message, fix).because(cause)
}

/// The failure of an answer that did not end in time.
pub(super) fn of_slow_answer(server: &str) -> Failure {
    Failure::of_network(
        FailureClass::Transient,
        format!("{server} did not finish its answer in time"),
        "try again, or allow more time with --timeout",
    )
    .because("the network or a gateway in the way is too slow")
}
