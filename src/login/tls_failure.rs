//! Classifies failed TLS handshakes.

use super::failure::{Failure, FailureClass};
use crate::sanitize::sanitize;

/// The failure of a handshake with `other`. A certificate that is not trusted stays so. Any other TLS fault may pass: a
/// load balancer that is short of servers answers in plain HTTP, refuses handshakes, or knows no name.
pub(super) fn of_tls(other: &str, error: &rustls::Error, sent: &[&str]) -> Failure {
    let words = sanitize(&error.to_string(), sent);
    match error {
        rustls::Error::InvalidCertificate(_) => Failure::of_network(
            FailureClass::Blocked,
            format!("cannot trust {other}: {words}"),
            "the certificate is not trusted: a proxy that intercepts TLS needs its CA in --ca-cert, and so does a \
             private login server; check the machine's clock as well",
        ),
        _ => Failure::of_network(
            FailureClass::Transient,
            format!("TLS with {other} failed: {words}"),
            "the other side does not speak TLS as it should: check the port, and for a proxy in the way",
        ),
    }
}
