//! The base URL of a login or API server.

use std::fmt;
use std::net::IpAddr;

use url::{Host, Url};

/// Where a server is: `https://HOST[:PORT][/PREFIX]`, without a slash at the end. Plain `http` only for loopback.
///
/// `Display` leaves `https://` out, as people name a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseUrl {
    text: String,
    /// Without the brackets of an IPv6 address.
    host: String,
    port: u16,
    is_https: bool,
}

/// What is wrong with a base URL. `Display` completes the sentence "the URL …".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvalidBaseUrl {
    /// No URL at all.
    NotAUrl,
    /// Neither `https` nor `http` to loopback.
    NotHttps,
    /// Holds a user name or password.
    UserInfo,
    /// Has a query or a fragment.
    QueryOrFragment,
}

impl fmt::Display for InvalidBaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotAUrl => "is not a URL",
            Self::NotHttps => "is not https",
            Self::UserInfo => "holds a user name or password",
            Self::QueryOrFragment => "has a query or a fragment",
        })
    }
}

impl BaseUrl {
    /// `https://HOST`, for a host known to be one.
    pub(crate) fn of_host(host: String) -> Self {
        Self { text: ["https://", &host].concat(), host, port: 443, is_https: true }
    }

    /// Parses a base URL to which a credential or a token may be sent.
    ///
    /// # Errors
    /// Anything else.
    pub fn parse(text: &str) -> Result<Self, InvalidBaseUrl> {
        let url = Url::parse(text).map_err(|_| InvalidBaseUrl::NotAUrl)?;
        let host = match url.host().ok_or(InvalidBaseUrl::NotHttps)? {
            Host::Domain(name) => name.to_owned(),
            Host::Ipv4(address) => address.to_string(),
            Host::Ipv6(address) => address.to_string(),
        };
        let is_https = match url.scheme() {
            "https" => true,
            "http" if is_loopback(&host) => false,
            _ => return Err(InvalidBaseUrl::NotHttps),
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Err(InvalidBaseUrl::UserInfo);
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(InvalidBaseUrl::QueryOrFragment);
        }
        let port = url.port_or_known_default().unwrap_or(443);
        Ok(Self { text: url.as_str().trim_end_matches('/').to_owned(), host, port, is_https })
    }

    /// The whole URL.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The URL of `path`, which begins with a slash, below this one.
    pub fn join(&self, path: &str) -> String {
        [&self.text, path].concat()
    }

    /// The host name or IP address, the latter without brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port, named or not.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// `HOST` or `HOST:PORT`, as it stands in the URL.
    pub fn authority(&self) -> &str {
        self.text.split('/').nth(2).unwrap_or(&self.text)
    }

    /// Whether connections are encrypted; if not, the host is loopback.
    pub fn is_https(&self) -> bool {
        self.is_https
    }

    /// Whether the server is this very machine.
    pub fn is_loopback(&self) -> bool {
        is_loopback(&self.host)
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text.strip_prefix("https://").unwrap_or(&self.text))
    }
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_url_is_taken_apart_once() {
        let url = BaseUrl::parse("https://Login.Example:8443/prefix/").unwrap();
        assert_eq!(url.as_str(), "https://login.example:8443/prefix");
        assert_eq!((url.host(), url.port(), url.authority()), ("login.example", 8443, "login.example:8443"));
        assert_eq!(url.join("/oauth/token"), "https://login.example:8443/prefix/oauth/token");
        assert_eq!(url.to_string(), "login.example:8443/prefix");
        assert!(url.is_https() && !url.is_loopback());
    }

    #[test]
    fn a_host_and_its_url_are_the_same_base_url() {
        let url = BaseUrl::of_host("login.mypurecloud.com".to_owned());
        assert_eq!(Ok(url), BaseUrl::parse("https://login.mypurecloud.com/"));
    }

    #[test]
    fn loopback_may_be_plain_http_and_an_ipv6_host_has_no_brackets() {
        let url = BaseUrl::parse("http://[::1]:8080").unwrap();
        assert_eq!((url.host(), url.port(), url.authority()), ("::1", 8080, "[::1]:8080"));
        assert!(url.is_loopback() && !url.is_https());
        assert_eq!(url.to_string(), "http://[::1]:8080");
        assert!(BaseUrl::parse("http://localhost").is_ok());
    }

    #[test]
    fn a_url_that_no_credential_may_be_sent_to_is_refused() {
        for (text, error) in [
            ("login.example", InvalidBaseUrl::NotAUrl),
            ("http://login.example", InvalidBaseUrl::NotHttps),
            ("http://localhost.example", InvalidBaseUrl::NotHttps),
            ("file:///etc/passwd", InvalidBaseUrl::NotHttps),
            ("https://me@login.example", InvalidBaseUrl::UserInfo),
            ("https://:x@login.example", InvalidBaseUrl::UserInfo),
            ("https://login.example?a", InvalidBaseUrl::QueryOrFragment),
            ("https://login.example#a", InvalidBaseUrl::QueryOrFragment),
        ] {
            assert_eq!(BaseUrl::parse(text), Err(error), "{text}");
        }
    }
}
