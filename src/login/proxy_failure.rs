//! Classifies every request that came no further than the proxy.

use super::failure::{Failure, FailureClass};
use super::hop::{Hop, ProxyHop};
use super::sources::{find_source, sources};
use super::tls_failure::of_tls;
use super::transport::Proxy;
use super::tunnel::{self, Manner, TunnelAnswer};
use crate::sanitize::sanitize;

/// The failure of a request that `through` opened no tunnel for. `sent` is what the error must not contain.
pub(super) fn of_proxy(hop: &Hop, through: &ProxyHop, error: &reqwest::Error, sent: &[&str]) -> Failure {
    let proxy = through.proxy;
    let reasons: Vec<String> = sources(error).map(ToString::to_string).collect();
    let says = |words: &str| reasons.iter().any(|reason| reason.contains(words));
    let reason = sanitize(reasons.last().map_or("no reason given", String::as_str), sent);
    if error.is_timeout() {
        of_silence(hop, through)
    } else if says("failed to create underlying connection") {
        // TCP came first: a handshake that began was with the proxy.
        if through.handshakes > 0 {
            of_handshake(hop, through, error, &reason, sent)
        } else {
            unreachable(hop, proxy, &reason)
        }
    } else if says("proxy authorization required") {
        requires_authentication(hop, through)
    } else {
        refused(hop, through)
    }
}

/// The fix when the scheme does not fit what the proxy speaks.
fn correct_scheme(proxy: &Proxy, right: &str, wrong: &str) -> String {
    format!("write {right} instead of {wrong} in {}", proxy.variable.name)
}

/// The fix when something else listens at the proxy's address.
fn correct_address(proxy: &Proxy) -> String {
    format!("correct host and port in {}", proxy.variable.name)
}

/// The fix when the server can be reached without the proxy.
fn bypass(hop: &Hop) -> String {
    format!("or put {} into NO_PROXY, if this machine reaches it directly", hop.url.host())
}

fn of_silence(hop: &Hop, through: &ProxyHop) -> Failure {
    let proxy = through.proxy;
    let message = format!("{} before {} did not answer in time", proxy.described(), hop.server);
    let failure = Failure::of_network(FailureClass::Transient, message);
    if through.handshakes > 0 {
        failure.because("it may not speak TLS").fix(correct_scheme(proxy, "http://", "https://"))
    } else {
        failure
            .because("what listens there is no HTTP proxy")
            .because("a firewall drops the packets")
            .fix(correct_address(proxy))
            .fix("or have the firewall let this machine reach the proxy")
    }
}

fn unreachable(hop: &Hop, proxy: &Proxy, reason: &str) -> Failure {
    let message = format!("cannot reach {}: {reason}", proxy.described());
    Failure::of_network(FailureClass::Transient, message)
        .because("the proxy does not run, or its address is another one")
        .fix(correct_address(proxy))
        .fix(bypass(hop))
}

/// A handshake with a proxy that is to speak TLS itself.
fn of_handshake(
    hop: &Hop,
    through: &ProxyHop,
    error: &reqwest::Error,
    reason: &str,
    sent: &[&str],
) -> Failure {
    let proxy = through.proxy;
    let tls = find_source::<rustls::Error>(error);
    if let Some(tls @ rustls::Error::InvalidCertificate(_)) = tls {
        return of_tls(&proxy.described(), tls, sent);
    }
    if matches!(
        tunnel::ask(&through.url, hop.url, Manner::InPlain, &through.inquiry),
        TunnelAnswer::Http { .. }
    ) {
        let message = format!("{} speaks plain HTTP, not TLS", proxy.described());
        return Failure::of_network(FailureClass::Blocked, message)
            .fix(correct_scheme(proxy, "http://", "https://"));
    }
    match tls {
        Some(tls) => of_tls(&proxy.described(), tls, sent),
        None => unreachable(hop, proxy, reason),
    }
}

/// A proxy that wants a user name and a password, or others, or another scheme.
fn requires_authentication(hop: &Hop, through: &ProxyHop) -> Failure {
    let proxy = through.proxy;
    let name = proxy.variable.name;
    let schemes = match tunnel::ask(&through.url, hop.url, Manner::WithoutLogin, &through.inquiry) {
        TunnelAnswer::Http { status: 407, schemes } => schemes,
        _ => Vec::new(),
    };
    let message = format!("{} before {} requires authentication (HTTP 407)", proxy.described(), hop.server);
    let blocked = |message| Failure::of_network(FailureClass::Blocked, message);
    let failure = if !schemes.is_empty() && !schemes.iter().any(|scheme| scheme.eq_ignore_ascii_case("basic"))
    {
        blocked(format!("{message}, by {} only", schemes.join(" or ")))
            .because("this program speaks Basic alone")
            .fix("go through a local proxy that speaks it, such as Px or Cntlm")
    } else if through.url.authorization().is_some() {
        blocked(message)
            .because(format!("it does not take the user and password of {name}"))
            .fix(format!("correct them in {name}: write #, /, ? and @ in them as %23, %2F, %3F and %40"))
    } else {
        blocked(message)
            .because(format!("{name} has no user and password"))
            .fix(format!("put user and password into {name}"))
    };
    failure.fix(bypass(hop))
}

/// Any other answer than a tunnel. The HTTP client does not tell it, so the proxy is asked once more.
fn refused(hop: &Hop, through: &ProxyHop) -> Failure {
    const NO_PROXY_THERE: &str = "what listens there is no HTTP proxy";
    let (proxy, host) = (through.proxy, hop.url.host());
    let no_tunnel = format!("{} opened no tunnel to {}", proxy.described(), hop.server);
    let is_tls_only = || !through.url.is_tls && tunnel::speaks_tls(&through.url, &through.inquiry);
    let transient = |message| Failure::of_network(FailureClass::Transient, message);
    let allow = format!("have the proxy's operator allow {host}");
    match tunnel::ask(&through.url, hop.url, Manner::AsBefore, &through.inquiry) {
        TunnelAnswer::Http { status: 407, .. } => requires_authentication(hop, through),
        TunnelAnswer::Http { status: 200..=299, .. } => {
            transient(no_tunnel).because("it did when asked once more").fix("try again")
        }
        TunnelAnswer::Http { status, .. } => {
            let message =
                format!("{} refused a tunnel to {} with HTTP {status}", proxy.described(), hop.server);
            if (400..=499).contains(&status) {
                Failure::of_network(FailureClass::Blocked, message)
                    .because("its rules do not allow that host")
                    .fix(allow)
                    .fix(bypass(hop))
            } else {
                transient(message)
                    .because(format!("it can't reach {host}, or has a problem itself"))
                    .fix("try again later")
                    .fix("if it persists, show its operator this error")
            }
        }
        TunnelAnswer::Tls => tls_only(proxy, &no_tunnel),
        TunnelAnswer::Closed if is_tls_only() => tls_only(proxy, &no_tunnel),
        TunnelAnswer::Closed => transient(format!("{no_tunnel}: it closed the connection"))
            .because(NO_PROXY_THERE)
            .because("it allows no tunnels to that host")
            .fix(correct_address(proxy))
            .fix(format!("or {allow}")),
        TunnelAnswer::Foreign => transient(format!("{no_tunnel}: its answer is not HTTP"))
            .because(NO_PROXY_THERE)
            .fix(correct_address(proxy)),
        TunnelAnswer::Silent => transient(no_tunnel).because(NO_PROXY_THERE).fix(correct_address(proxy)),
    }
}

fn tls_only(proxy: &Proxy, no_tunnel: &str) -> Failure {
    Failure::of_network(FailureClass::Blocked, format!("{no_tunnel}: it speaks TLS, not plain HTTP"))
        .fix(correct_scheme(proxy, "https://", "http://"))
}
