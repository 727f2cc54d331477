//! Counts TLS handshakes.
//!
//! A request that gets no answer does not say how far it came. But a proxy that has opened its tunnel is followed by a
//! handshake with the server, and each handshake looks into the session store first.

use std::sync::atomic::{AtomicUsize, Ordering};

use rustls::NamedGroup;
use rustls::client::{ClientSessionStore, Tls12ClientSessionValue, Tls13ClientSessionValue};
use rustls::pki_types::ServerName;

/// The number of handshakes that began. As a session store it keeps nothing: a call makes few connections, and each
/// verifies the certificate anew.
#[derive(Debug, Default)]
pub(super) struct Handshakes(AtomicUsize);

impl Handshakes {
    pub(super) fn begun(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

impl ClientSessionStore for Handshakes {
    /// Asked once for each handshake, before its first byte.
    fn kx_hint(&self, _: &ServerName<'_>) -> Option<NamedGroup> {
        self.0.fetch_add(1, Ordering::SeqCst);
        None
    }

    fn set_kx_hint(&self, _: ServerName<'static>, _: NamedGroup) {}

    fn set_tls12_session(&self, _: ServerName<'static>, _: Tls12ClientSessionValue) {}

    fn tls12_session(&self, _: &ServerName<'_>) -> Option<Tls12ClientSessionValue> {
        None
    }

    fn remove_tls12_session(&self, _: &ServerName<'static>) {}

    fn insert_tls13_ticket(&self, _: ServerName<'static>, _: Tls13ClientSessionValue) {}

    fn take_tls13_ticket(&self, _: &ServerName<'static>) -> Option<Tls13ClientSessionValue> {
        None
    }
}
