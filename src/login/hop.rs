//! Where a request was going, and how far it came.

use std::time::Duration;

use rustls::ClientConfig;

use super::proxy_url::ProxyUrl;
use super::transport::Proxy;
use crate::base_url::BaseUrl;
use crate::time::Clock;

/// Where a request was going, and how far it came.
pub(super) struct Hop<'a> {
    /// The server as messages name it.
    pub(super) server: &'a str,
    pub(super) url: &'a BaseUrl,
    pub(super) proxy: Option<ProxyHop<'a>>,
}

/// The proxy before the server.
pub(super) struct ProxyHop<'a> {
    pub(super) proxy: &'a Proxy,
    pub(super) url: ProxyUrl,
    /// How many TLS handshakes the request began, with the proxy or with the server.
    pub(super) handshakes: usize,
    /// What it takes to ask the proxy once more.
    pub(super) inquiry: Inquiry<'a>,
}

/// What it takes to ask a proxy once more.
pub(super) struct Inquiry<'a> {
    pub(super) tls: &'a ClientConfig,
    pub(super) clock: &'a dyn Clock,
    /// When the answer has to be there.
    pub(super) until: Duration,
}

impl ProxyHop<'_> {
    /// Whether the proxy opened a tunnel: then the handshake with the server began, after the one with a proxy that
    /// speaks TLS itself.
    pub(super) fn is_passed(&self) -> bool {
        self.handshakes > usize::from(self.url.is_tls)
    }
}

impl Inquiry<'_> {
    /// The time left.
    pub(super) fn remaining(&self) -> Duration {
        self.until.saturating_sub(self.clock.elapsed())
    }
}
