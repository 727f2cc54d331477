//! Classifies failed TLS handshakes.

use super::certificate_fault::CertificateFault;
use super::failure::{Failure, FailureClass};
use crate::sanitize::sanitize;

/// The failure of a handshake with `other`. A certificate that is not trusted stays so. Any other TLS fault may pass: a
/// load balancer that is short of servers answers in plain HTTP, refuses handshakes, or knows no name.
pub(super) fn of_tls(other: &str, error: &rustls::Error, sent: &[&str]) -> Failure {
    match CertificateFault::find(error) {
        Some(fault) => {
            let message = format!("cannot trust {other}: {}", sanitize(&fault.to_string(), sent));
            let failure = Failure::of_network(FailureClass::Blocked, message);
            let failure = fault.causes().into_iter().fold(failure, Failure::because);
            fault.fixes().into_iter().fold(failure, Failure::fix)
        }
        None => Failure::of_network(
            FailureClass::Transient,
            format!("TLS with {other} failed: {}", sanitize(&error.to_string(), sent)),
        )
        .because("what listens there does not speak TLS: a wrong port, or a proxy in the way")
        .fix("correct the port of the URL")
        .fix("have the proxy let TLS through as it is"),
    }
}
