//! What stands between us and the servers.

use std::path::PathBuf;

use crate::secret::Secret;

/// What stands between us and the servers.
#[derive(Clone, Debug, Default)]
pub struct Route {
    /// Certificates to trust instead of the system's.
    pub ca_cert: Option<PathBuf>,
    /// The proxy to go through.
    pub proxy: Option<Proxy>,
    /// All servers speak plain HTTP: nothing is verified, so the system's trust store can be spared.
    pub plain: bool,
}

/// A proxy as the environment names it. Its URL may hold a password.
#[derive(Clone, Debug)]
pub struct Proxy {
    /// The proxy's URL.
    pub url: Secret,
    /// The hosts it is not for, in the form of `NO_PROXY`.
    pub except: Option<String>,
    /// The variable that named it.
    pub variable: &'static str,
}

impl Proxy {
    /// Its host and port; `None` when it is no HTTP proxy. Without a scheme it is one, as for curl.
    pub fn address(&self) -> Option<(String, u16)> {
        let text = self.url.expose();
        let with_scheme = if text.contains("://") { text.to_owned() } else { format!("http://{text}") };
        let url =
            url::Url::parse(&with_scheme).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
        // An IPv6 address stands in brackets in a URL, and nowhere else.
        Some((url.host_str()?.trim_matches(['[', ']']).to_owned(), url.port_or_known_default()?))
    }
}
