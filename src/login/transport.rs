//! How connections are made: what is trusted, and what they go through.

use std::path::PathBuf;

use crate::environment::variable::Variable;
use crate::secret::Secret;

/// How connections to the servers are made.
#[derive(Clone, Debug, Default)]
pub struct Transport {
    /// A PEM file of certificates to trust instead of the system's.
    pub ca_cert: Option<PathBuf>,
    /// The proxy to go through.
    pub proxy: Option<Proxy>,
    /// Whether all servers speak plain HTTP: nothing is verified then, so the system's trust store is not read.
    pub is_plain_http: bool,
}

/// A proxy as the environment names it. Its URL may hold a password.
#[derive(Clone, Debug)]
pub struct Proxy {
    /// The proxy's URL.
    pub url: Secret,
    /// The hosts that bypass it, in the form of `NO_PROXY`.
    pub no_proxy: Option<String>,
    /// The variable that named it.
    pub variable: &'static Variable,
}

impl Proxy {
    /// Its host and port; `None` when it is no HTTP proxy. As for curl, a missing scheme means HTTP.
    pub(crate) fn address(&self) -> Option<(String, u16)> {
        let text = self.url.expose();
        let with_scheme = if text.contains("://") { text.to_owned() } else { format!("http://{text}") };
        let url =
            url::Url::parse(&with_scheme).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
        // An IPv6 address stands in brackets in a URL, and nowhere else.
        Some((url.host_str()?.trim_matches(['[', ']']).to_owned(), url.port_or_known_default()?))
    }
}
