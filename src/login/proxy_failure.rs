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

/// The likely fix when the scheme does not fit what the proxy speaks.
fn correct_scheme(proxy: &Proxy, right: &str, wrong: &str) -> String {
    format!("write {right} instead of {wrong} in {}", proxy.variable.name)
}

fn of_silence(hop: &Hop, through: &ProxyHop) -> Failure {
    let proxy = through.proxy;
    let name = proxy.variable.name;
    let (cause, fix) = if through.handshakes > 0 {
        ("it may not speak TLS", format!("if so, {}", correct_scheme(proxy, "http://", "https://")))
    } else {
        (
            "a firewall may drop the packets, or what listens there is no HTTP proxy",
            format!("check the address in {name}"),
        )
    };
    let message = format!("{} before {} did not answer in time", proxy.described(), hop.server);
    Failure::of_network(FailureClass::Transient, message, fix).because(cause)
}

fn unreachable(hop: &Hop, proxy: &Proxy, reason: &str) -> Failure {
    Failure::of_network(
        FailureClass::Transient,
        format!("cannot reach {}: {reason}", proxy.described()),
        format!(
            "check host and port in {}, and that the proxy runs; or put {} into NO_PROXY",
            proxy.variable.name,
            hop.url.host()
        ),
    )
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
        return Failure::of_network(
            FailureClass::Blocked,
            format!("{} speaks plain HTTP, not TLS", proxy.described()),
            correct_scheme(proxy, "http://", "https://"),
        );
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
    let takes_basic = schemes.is_empty() || schemes.iter().any(|scheme| scheme.eq_ignore_ascii_case("basic"));
    let (only, hint) = if !takes_basic {
        (
            format!(", by {} only", schemes.join(" or ")),
            "this program speaks Basic alone: go through a local proxy that speaks it, such as Px or Cntlm, or put the \
             server's host into NO_PROXY"
                .to_owned(),
        )
    } else if through.url.authorization().is_some() {
        (
            String::new(),
            format!(
                "it does not take the user and password of {name}: correct them, and write #, /, ? and @ in them as \
                 %23, %2F, %3F and %40"
            ),
        )
    } else {
        (String::new(), format!("put user and password into {name}, or the server's host into NO_PROXY"))
    };
    let message =
        format!("{} before {} requires authentication (HTTP 407){only}", proxy.described(), hop.server);
    Failure::of_network(FailureClass::Blocked, message, hint)
}

/// Any other answer than a tunnel. The HTTP client does not tell it, so the proxy is asked once more.
fn refused(hop: &Hop, through: &ProxyHop) -> Failure {
    let (proxy, host) = (through.proxy, hop.url.host());
    let name = proxy.variable.name;
    let no_tunnel = format!("{} opened no tunnel to {}", proxy.described(), hop.server);
    let is_tls_only = || !through.url.is_tls && tunnel::speaks_tls(&through.url, &through.inquiry);
    let (class, message, hint) = match tunnel::ask(&through.url, hop.url, Manner::AsBefore, &through.inquiry)
    {
        TunnelAnswer::Http { status: 407, .. } => return requires_authentication(hop, through),
        TunnelAnswer::Http { status: 200..=299, .. } => (
            FailureClass::Transient,
            no_tunnel,
            format!("it did when asked once more; check {name} if this persists"),
        ),
        TunnelAnswer::Http { status, .. } => {
            let message =
                format!("{} refused a tunnel to {} with HTTP {status}", proxy.described(), hop.server);
            if (400..=499).contains(&status) {
                let hint = format!("ask its operator to allow {host}, or put {host} into NO_PROXY");
                (FailureClass::Blocked, message, hint)
            } else {
                let hint = format!("the proxy can't reach {host}, or has a problem itself; try again later");
                (FailureClass::Transient, message, hint)
            }
        }
        TunnelAnswer::Tls => return tls_only(proxy, &no_tunnel),
        TunnelAnswer::Closed if is_tls_only() => return tls_only(proxy, &no_tunnel),
        TunnelAnswer::Closed => (
            FailureClass::Transient,
            format!("{no_tunnel}: it closed the connection"),
            format!(
                "check the address in {name}: it may not be an HTTP proxy, or allow no tunnels to {host}"
            ),
        ),
        TunnelAnswer::Foreign => (
            FailureClass::Transient,
            format!("{no_tunnel}: its answer is not HTTP"),
            format!("check the address in {name}: it may not be an HTTP proxy"),
        ),
        TunnelAnswer::Silent => (FailureClass::Transient, no_tunnel, format!("check the address in {name}")),
    };
    Failure::of_network(class, message, hint)
}

fn tls_only(proxy: &Proxy, no_tunnel: &str) -> Failure {
    let hint = correct_scheme(proxy, "https://", "http://");
    Failure::of_network(FailureClass::Blocked, format!("{no_tunnel}: it speaks TLS, not plain HTTP"), hint)
}
