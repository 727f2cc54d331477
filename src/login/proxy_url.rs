//! The URL of a proxy, judged as curl judges it.

use std::fmt;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use url::Host;
use zeroize::Zeroizing;

/// curl's own default for a proxy over plain HTTP.
const HTTP_PORT: u16 = 1080;
const HTTPS_PORT: u16 = 443;

/// What curl refuses in a host name and the `url` crate accepts.
const NOT_IN_A_HOST: &str = "!{}$'\"*=;,+&()`";

/// What a user and a password keep in the URL that the HTTP client gets. curl takes a backslash (`DOMAIN\user`) as it
/// is; for the `url` crate it would end the host.
const LOGIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'%').remove(b':');

/// Where a proxy is, and what it is told about the user.
pub(crate) struct ProxyUrl {
    /// Whether the connection to the proxy itself is TLS.
    pub(super) is_tls: bool,
    /// Without the brackets of an IPv6 address.
    pub(crate) host: String,
    pub(crate) port: u16,
    /// User and password, percent-encoded.
    login: Option<Zeroizing<String>>,
}

/// Why a value is no URL of a usable proxy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum UnusableProxyUrl {
    Syntax,
    Socks,
    OtherScheme,
    /// A character in the password ends the part of the URL in which it stands.
    Unescaped,
    Blank,
    /// A user or a password that no header can carry.
    ControlCharacter,
}

impl UnusableProxyUrl {
    /// The likely cause.
    pub(crate) fn cause(self) -> &'static str {
        match self {
            Self::Syntax => "it names no host, or a port that is no number",
            Self::Socks => "it names a SOCKS proxy, which is not supported",
            Self::OtherScheme => "it names another kind of proxy",
            Self::Unescaped => "the user or the password has a #, /, ? or @ as it is",
            Self::Blank => "it has a blank or a control character",
            Self::ControlCharacter => "the user or the password has a control character",
        }
    }

    /// What to do about it.
    pub(crate) fn fix(self) -> &'static str {
        match self {
            Self::Unescaped => "write them as %23, %2F, %3F and %40 there",
            Self::Blank => "remove it; in a password write %20",
            Self::Syntax | Self::Socks | Self::OtherScheme | Self::ControlCharacter => {
                "write it as http://proxy.example:3128 or http://user:password@proxy.example:3128"
            }
        }
    }
}

impl ProxyUrl {
    /// Parses the value of a variable. A missing scheme means HTTP.
    pub(super) fn parse(text: &str) -> Result<Self, UnusableProxyUrl> {
        if text.contains(|c: char| c == ' ' || c.is_control()) {
            return Err(UnusableProxyUrl::Blank);
        }
        let (scheme, rest) = split_scheme(text);
        let is_tls = match scheme.to_ascii_lowercase().as_str() {
            "http" => false,
            "https" => true,
            other if other.starts_with("socks") => return Err(UnusableProxyUrl::Socks),
            _ => return Err(UnusableProxyUrl::OtherScheme),
        };
        let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
        let (login, address) = match authority.split_once('@') {
            Some((login, address)) => (Some(login), address),
            None => (None, authority),
        };
        // curl takes the beginning of such a password for a port. What it takes for the host may be the user: neither is
        // to be looked up, or named in an error.
        if address.contains('@') || path.contains('@') {
            return Err(UnusableProxyUrl::Unescaped);
        }
        let (host, port) = split_address(address).ok_or(UnusableProxyUrl::Syntax)?;
        let port = match port {
            "" if is_tls => HTTPS_PORT,
            "" => HTTP_PORT,
            digits => parse_port(digits).ok_or(UnusableProxyUrl::Syntax)?,
        };
        let login = login.map(|login| Zeroizing::new(utf8_percent_encode(login, LOGIN).to_string()));
        if login.as_ref().is_some_and(|login| percent_decode_str(login).any(|byte| byte.is_ascii_control())) {
            return Err(UnusableProxyUrl::ControlCharacter);
        }
        Ok(Self { is_tls, host, port, login })
    }

    /// In the form that the HTTP client reads as it is meant.
    pub(super) fn to_url(&self) -> Zeroizing<String> {
        let scheme = if self.is_tls { "https" } else { "http" };
        Zeroizing::new(match &self.login {
            Some(login) => format!("{scheme}://{}@{self}", login.as_str()),
            None => format!("{scheme}://{self}"),
        })
    }

    /// The user and the password in base64 (RFC 7617).
    pub(super) fn authorization(&self) -> Option<Zeroizing<String>> {
        let login = self.login.as_ref()?;
        let (user, password) = login.split_once(':').unwrap_or((login, ""));
        // With room for all of it: a larger copy would leave this one behind.
        let mut pair = Zeroizing::new(Vec::with_capacity(login.len() + 1));
        pair.extend(percent_decode_str(user).chain([b':']).chain(percent_decode_str(password)));
        Some(Zeroizing::new(BASE64_STANDARD.encode(&*pair)))
    }
}

/// The address, without user and password.
impl fmt::Display for ProxyUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

/// The scheme and what follows it. Like curl's, it may be followed by one to three slashes.
fn split_scheme(text: &str) -> (&str, &str) {
    let is_scheme = |scheme: &str| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
    };
    match text.split_once(":/") {
        Some((scheme, rest)) if is_scheme(scheme) => {
            let rest = rest.strip_prefix('/').unwrap_or(rest);
            (scheme, rest.strip_prefix('/').unwrap_or(rest))
        }
        _ => ("http", text),
    }
}

/// The host, without brackets, and the digits of the port.
fn split_address(address: &str) -> Option<(String, &str)> {
    let (host, port) = match address.rfind(']') {
        Some(end) => address.split_at(end + 1),
        None => address.split_at(address.find(':').unwrap_or(address.len())),
    };
    let port = if port.is_empty() { port } else { port.strip_prefix(':')? };
    if host.contains(|c| NOT_IN_A_HOST.contains(c)) {
        return None;
    }
    // An IPv6 address stands in brackets in a URL, and nowhere else.
    let host = Host::parse(host).ok()?.to_string();
    Some((host.trim_matches(['[', ']']).to_owned(), port))
}

fn parse_port(digits: &str) -> Option<u16> {
    digits.parse().ok().filter(|_| digits.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_password_is_sent_decoded_and_the_address_is_shown_without_it() {
        for (text, pair) in [
            ("http://us%40er:p%3Ass%25@proxy.example:3128", "us@er:p:ss%"),
            ("http://DOMAIN\\user:p^w@proxy.example:3128", "DOMAIN\\user:p^w"),
            ("user:p%zz%@proxy.example:3128", "user:p%zz%"),
            ("https://user@proxy.example:3128", "user:"),
        ] {
            let url = ProxyUrl::parse(text).expect(text);
            assert_eq!(url.authorization().as_deref(), Some(&BASE64_STANDARD.encode(pair)), "{text}");
            assert_eq!(url.to_string(), "proxy.example:3128", "{text}");
            let again = ProxyUrl::parse(&url.to_url()).expect(text);
            assert_eq!(again.authorization(), url.authorization(), "{text}");
        }
        let without = ProxyUrl::parse("proxy.example:3128").expect("an address");
        assert_eq!(without.authorization(), None);
    }

    #[test]
    fn a_missing_port_is_the_one_that_curl_takes() {
        for (text, address) in [
            ("proxy.example", "proxy.example:1080"),
            ("http://proxy.example:", "proxy.example:1080"),
            ("http://proxy.example:80/", "proxy.example:80"),
            ("https://proxy.example", "proxy.example:443"),
            ("http://[::1]", "[::1]:1080"),
        ] {
            assert_eq!(ProxyUrl::parse(text).expect(text).to_string(), address, "{text}");
        }
    }
    #[test]
    fn a_value_that_can_not_be_used_has_its_own_reason() {
        use UnusableProxyUrl::{Blank, OtherScheme, Socks, Unescaped};
        for (text, why) in [
            ("socks5h://proxy.example", Socks),
            ("ftp://proxy.example", OtherScheme),
            ("proxy. example", Blank),
            // A user and a password, not a scheme and a path.
            ("us_er:/word@proxy.example", Unescaped),
            ("1user:/word@proxy.example", Unescaped),
        ] {
            assert_eq!(ProxyUrl::parse(text).err(), Some(why), "{text}");
        }
    }
}
