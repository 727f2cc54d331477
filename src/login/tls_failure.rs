//! Classifies failed TLS handshakes.

use super::certificate_fault::CertificateFault;
use super::failure::{Failure, FailureClass};
use crate::sanitize::sanitize;

/// The failure of a handshake with `other`. A certificate that is not trusted stays so. Any other TLS fault may pass: a
/// load balancer that is short of servers answers in plain HTTP, refuses handshakes, or knows no name.
pub(super) fn of_tls(other: &str, error: &rustls::Error, sent: &[&str]) -> Failure {
    match CertificateFault::find(error) {
        Some(fault) => Failure::of_network(
            FailureClass::Blocked,
            format!("cannot trust {other}: {}", sanitize(&fault.to_string(), sent)),
            fault.fix(),
        )
        .because(fault.cause()),
        None => Failure::of_network(
            FailureClass::Transient,
            format!("TLS with {other} failed: {}", sanitize(&error.to_string(), sent)),
            "check the port, and for a proxy in the way",
        )
        .because("the other side does not speak TLS as it should"),
    }
}
