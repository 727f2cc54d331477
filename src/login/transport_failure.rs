//! Classifies every request that got no whole answer.

use super::failure::{Failure, FailureClass};
use super::hop::Hop;
use super::proxy_failure::of_proxy;
use super::sources::{find_source, sources};
use super::tls_failure::of_tls;
use crate::region::is_genesys_host;
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
    let host = hop.url.host();
    let transient = |message| Failure::of_network(FailureClass::Transient, message);
    if error.is_timeout() {
        return with_ways(transient(format!("{server} did not answer in time")), hop);
    }
    if error.is_connect() {
        let failure = transient(format!("cannot reach {server}: {reason}"));
        // The URL of a region's host is the program's own.
        return if is_genesys_host(host) {
            with_ways(failure, hop)
        } else {
            let failure = failure.because(format!("nothing listens there, or {host} is not its name"));
            with_ways(failure.fix("correct the host or the port of the URL"), hop)
        };
    }
    transient(format!("{server} broke the connection: {reason}"))
        .because("a gateway or proxy in the way may be at fault")
        .fix("try again")
        .fix("if it persists, have the operator of the gateway or proxy look for the request")
}

/// The ways to a server that was not reached, and what is in the way of each.
fn with_ways(failure: Failure, hop: &Hop) -> Failure {
    let failure = match hop.proxy {
        // This one was passed.
        Some(_) => failure,
        None => failure
            .because("this network reaches it through a proxy only")
            .fix("if there is a proxy, set HTTPS_PROXY, and leave the host out of NO_PROXY"),
    };
    failure
        .because("a firewall is in the way")
        .fix(format!("have the firewall let this machine reach {}", hop.url.host()))
}

/// The failure of an answer that did not end in time.
pub(super) fn of_slow_answer(server: &str) -> Failure {
    Failure::of_network(FailureClass::Transient, format!("{server} did not finish its answer in time"))
        .because("the network or a gateway in the way is too slow")
        .fix("try again")
        .fix("or allow more time with --timeout")
}
