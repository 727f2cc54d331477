//! The proxy before a server: whether a request goes through it, and what it says when it lets nothing through.

use std::io::{Read as _, Write as _};
use std::net::{TcpStream, ToSocketAddrs as _};
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use hyper_util::client::proxy::matcher::Matcher;
use percent_encoding::percent_decode_str;
use zeroize::Zeroizing;

use super::failure::{Failure, FailureClass};
use super::transport::{Proxy, Transport};
use crate::base_url::BaseUrl;

/// Bytes. A status line has fewer.
const MAX_STATUS_LINE: usize = 256;

impl Transport {
    /// The proxy that requests to `url` go through, as the HTTP client itself decides it.
    pub(crate) fn proxy_for(&self, url: &BaseUrl) -> Option<&Proxy> {
        self.proxy.as_ref().filter(|proxy| {
            let no_proxy = proxy.no_proxy.clone().unwrap_or_default();
            let matcher = Matcher::builder().https(proxy.url.expose()).no(no_proxy).build();
            url.as_str().parse().is_ok_and(|uri: http::Uri| matcher.intercept(&uri).is_some())
        })
    }
}

impl Proxy {
    /// As messages name it: never its password.
    fn described(&self) -> String {
        let address = self.address().map(|(host, port)| format!(" {host}:{port}"));
        format!("the proxy{} ({})", address.unwrap_or_default(), self.variable.name)
    }

    /// The failure of a request to `server` that got as far as this proxy.
    pub(super) fn unreachable(&self, reason: &str) -> Failure {
        Failure::of_network(
            FailureClass::Transient,
            format!("cannot reach {}: {reason}", self.described()),
            format!("correct {}, or put the server's host into NO_PROXY", self.variable.name),
        )
    }

    /// The failure of a request to `server` for which the proxy opens no tunnel (RFC 9110 section 9.3.6). The HTTP client
    /// does not tell its status, so the proxy is asked once more.
    pub(super) fn refused(&self, server: &str, url: &BaseUrl, limit: Duration) -> Failure {
        let (host, port) = (url.host(), url.port());
        match self.tunnel_status(host, port, limit) {
            Some(407) => self.requires_authentication(server),
            Some(status) => {
                let (class, hint) = match status {
                    400..=499 => (
                        FailureClass::Blocked,
                        format!("ask its operator to allow {host}, or put {host} into NO_PROXY"),
                    ),
                    _ => (
                        FailureClass::Transient,
                        "the proxy has a problem, or can't reach the server; try again later".to_owned(),
                    ),
                };
                let message = format!("{} refused a tunnel to {server} with HTTP {status}", self.described());
                Failure::of_network(class, message, hint)
            }
            None => Failure::of_network(
                FailureClass::Transient,
                format!("{} opened no tunnel to {server}", self.described()),
                format!("check {}: it may not name an HTTP proxy", self.variable.name),
            ),
        }
    }

    /// The failure of a request for which the proxy wants a user name and a password, or others.
    pub(super) fn requires_authentication(&self, server: &str) -> Failure {
        let name = self.variable.name;
        let hint = if self.authorization().is_some() {
            format!(
                "it does not take the user and password of {name}, or wants NTLM or Negotiate, which this program \
                 does not speak"
            )
        } else {
            format!("put user and password into {name}, or the server's host into NO_PROXY")
        };
        let message = format!("{} before {server} requires authentication (HTTP 407)", self.described());
        Failure::of_network(FailureClass::Blocked, message, hint)
    }

    fn tunnel_status(&self, host: &str, port: u16, limit: Duration) -> Option<u16> {
        let (proxy_host, proxy_port) = self.address()?;
        let address = (proxy_host.as_str(), proxy_port).to_socket_addrs().ok()?.next()?;
        let mut stream = TcpStream::connect_timeout(&address, limit).ok()?;
        stream.set_read_timeout(Some(limit)).ok()?;
        stream.set_write_timeout(Some(limit)).ok()?;
        let authorization = self.authorization().map_or_else(Zeroizing::default, |basic| {
            Zeroizing::new(format!("Proxy-Authorization: Basic {}\r\n", basic.as_str()))
        });
        let request = Zeroizing::new(format!(
            "CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}:{port}\r\n{}\r\n",
            authorization.as_str()
        ));
        stream.write_all(request.as_bytes()).ok()?;
        let mut answer = [0; MAX_STATUS_LINE];
        let mut length = 0;
        while length < MAX_STATUS_LINE && !answer[..length].contains(&b'\n') {
            match stream.read(&mut answer[length..]).ok()? {
                0 => break,
                read => length += read,
            }
        }
        let line = std::str::from_utf8(&answer[..length]).ok()?;
        line.strip_prefix("HTTP/1.")?.get(2..5)?.parse().ok()
    }

    /// The user and the password of its URL in base64 (RFC 7617).
    fn authorization(&self) -> Option<Zeroizing<String>> {
        let text = self.url.expose();
        let with_scheme =
            Zeroizing::new(if text.contains("://") { text.to_owned() } else { format!("http://{text}") });
        let url = url::Url::parse(&with_scheme).ok()?;
        if url.username().is_empty() && url.password().is_none() {
            return None;
        }
        let (user, password) = (url.username(), url.password().unwrap_or_default());
        // With room for all of it: a larger copy would leave this one behind.
        let mut pair = Zeroizing::new(Vec::with_capacity(text.len()));
        pair.extend(percent_decode_str(user).chain([b':']).chain(percent_decode_str(password)));
        Some(Zeroizing::new(BASE64_STANDARD.encode(&*pair)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::environment::variable;
    use crate::secret::Secret;

    #[test]
    fn the_password_of_a_proxy_is_sent_decoded_and_never_described() {
        let proxy =
            |url: &str| Proxy { url: Secret::from(url), no_proxy: None, variable: variable::HTTPS_PROXY };
        let with_password = proxy("http://us%40er:p%3Ass%25@proxy.example:3128");
        let basic = BASE64_STANDARD.encode("us@er:p:ss%");
        assert_eq!(with_password.authorization().as_deref(), Some(&basic));
        assert_eq!(with_password.described(), "the proxy proxy.example:3128 (HTTPS_PROXY)");
        assert_eq!(proxy("proxy.example:3128").authorization(), None);
    }
}
