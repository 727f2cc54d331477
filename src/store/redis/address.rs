//! Where a shared store is.

use std::fmt;
use std::path::PathBuf;

use percent_encoding::percent_decode_str;
use url::{Host, Url};

use crate::environment::{Environment, variable};
use crate::secret::Secret;

const DEFAULT_PORT: u16 = 6379;

/// Where a shared store is. `Display` shows host, port and database, and nothing else of the URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    /// A host.
    Tcp {
        /// Without the brackets of an IPv6 address.
        host: String,
        /// 6379 by default.
        port: u16,
        /// The database.
        database: u32,
        /// `rediss:`.
        is_tls: bool,
    },
    /// A socket on this machine.
    Unix {
        /// Its path.
        path: PathBuf,
        /// The database.
        database: u32,
    },
}

/// What is wrong with an address. `Display` completes the sentence "the value of … ".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvalidAddress {
    /// No URL, and no host either.
    NotAUrl,
    /// Another scheme.
    Scheme,
    /// Something that no address has.
    Rest,
    /// No number.
    Database,
    /// No path to a socket.
    Path,
}

impl fmt::Display for InvalidAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotAUrl => "is neither a URL nor HOST:PORT",
            Self::Scheme => "has another scheme than redis, rediss and unix",
            Self::Rest => "has more than a host, a port and a database",
            Self::Database => "has a database that is no number",
            Self::Path => "has no absolute path to a socket",
        })
    }
}

/// User and password of a store.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Credentials {
    /// Redis' user of old has no name.
    pub username: Option<String>,
    /// The password; without one there is no login.
    pub password: Option<Secret>,
}

impl Address {
    /// Parses `redis://`, `rediss://` or `unix://PATH?db=N`, or `HOST[:PORT][/DB]`; with user and password, if there are
    /// any, which a variable's value may hold.
    ///
    /// # Errors
    /// Anything else.
    pub fn parse(text: &str) -> Result<(Self, Credentials), InvalidAddress> {
        let text = text.trim();
        let text = if text.contains("://") { text.to_owned() } else { format!("redis://{text}") };
        let url = Url::parse(&text).map_err(|_| InvalidAddress::NotAUrl)?;
        match url.scheme() {
            "redis" | "rediss" => Self::of_host(&url),
            "unix" => Self::of_socket(&url),
            _ => Err(InvalidAddress::Scheme),
        }
    }

    fn of_host(url: &Url) -> Result<(Self, Credentials), InvalidAddress> {
        let host = match url.host().ok_or(InvalidAddress::NotAUrl)? {
            Host::Domain("") => return Err(InvalidAddress::NotAUrl),
            // Of these schemes the parser leaves the name as it is.
            Host::Domain(name) => name.trim_start_matches('[').trim_end_matches(']').to_owned(),
            Host::Ipv4(address) => address.to_string(),
            Host::Ipv6(address) => address.to_string(),
        };
        if url.query().is_some() || url.fragment().is_some() {
            return Err(InvalidAddress::Rest);
        }
        let database = match url.path().trim_start_matches('/') {
            "" => 0,
            number => number.parse().map_err(|_| InvalidAddress::Database)?,
        };
        let (port, is_tls) = (url.port().unwrap_or(DEFAULT_PORT), url.scheme() == "rediss");
        Ok((Self::Tcp { host, port, database, is_tls }, credentials(url)))
    }

    fn of_socket(url: &Url) -> Result<(Self, Credentials), InvalidAddress> {
        let path = percent_decode_str(url.path()).decode_utf8().map_err(|_| InvalidAddress::Path)?;
        if url.has_host() && url.host_str() != Some("") || path.len() < 2 || url.fragment().is_some() {
            return Err(InvalidAddress::Path);
        }
        let mut database = 0;
        for (name, value) in url.query_pairs() {
            if name != "db" {
                return Err(InvalidAddress::Rest);
            }
            database = value.parse().map_err(|_| InvalidAddress::Database)?;
        }
        Ok((Self::Unix { path: PathBuf::from(path.into_owned()), database }, credentials(url)))
    }

    /// Whether a connection to it begins with TLS.
    pub(crate) fn is_tls(&self) -> bool {
        matches!(self, Self::Tcp { is_tls: true, .. })
    }

    pub(super) fn database(&self) -> u32 {
        match self {
            Self::Tcp { database, .. } | Self::Unix { database, .. } => *database,
        }
    }
}

fn credentials(url: &Url) -> Credentials {
    let username = Some(decoded(url.username())).filter(|name| !name.is_empty());
    let password = url.password().filter(|password| !password.is_empty());
    Credentials { username, password: password.map(|password| Secret::new(decoded(password))) }
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// The password in a URL, as it is written there, also where the rest is no address: a password that is not escaped
/// may be the reason.
pub(crate) fn written_password(url: &str) -> Option<&str> {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let (user_and_password, _) = rest.rsplit_once('@')?;
    let (_, password) = user_and_password.split_once(':')?;
    Some(password).filter(|password| !password.is_empty())
}

/// The passwords of a shared store that `environment` holds, for messages and commands that are not to show them: that
/// of the variable's URL as it is written, and as it is meant.
pub(crate) fn passwords(environment: Environment) -> Vec<Secret> {
    let text = |variable| environment.raw(variable).and_then(|text| text.into_string().ok()).map(Secret::new);
    let mut passwords = Vec::from_iter(text(variable::SHARED_CACHE_PASSWORD));
    let url = text(variable::SHARED_CACHE);
    if let Some(written) = url.as_ref().and_then(|url| written_password(url.expose())) {
        passwords.extend([Secret::from(written), Secret::new(decoded(written))]);
    }
    passwords
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp { host, port, .. } if host.contains(':') => write!(f, "[{host}]:{port}")?,
            Self::Tcp { host, port, .. } => write!(f, "{host}:{port}")?,
            Self::Unix { path, .. } => write!(f, "{}", crate::secret::visible(path.display()))?,
        }
        match self.database() {
            0 => Ok(()),
            database => write!(f, "/{database}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_url_or_a_host() {
        for (text, shown, is_tls) in [
            ("redis://cache.example", "cache.example:6379", false),
            ("rediss://cache.example:7000/3", "cache.example:7000/3", true),
            ("cache.example", "cache.example:6379", false),
            ("cache.example:7000/2", "cache.example:7000/2", false),
            ("10.0.0.7:6380", "10.0.0.7:6380", false),
            ("redis://[::1]:6380", "[::1]:6380", false),
            ("redis://user:pass@cache.example", "cache.example:6379", false),
        ] {
            let (address, _) = Address::parse(text).unwrap_or_else(|why| panic!("{text} {why}"));
            assert_eq!(address.to_string(), shown, "{text}");
            assert!(matches!(address, Address::Tcp { is_tls: its, .. } if its == is_tls), "{text}");
        }
        let (socket, _) = Address::parse("unix:///run/redis/a%20socket?db=2").unwrap();
        assert_eq!(socket, Address::Unix { path: "/run/redis/a socket".into(), database: 2 });
    }

    #[test]
    fn user_and_password_are_taken_from_a_url_and_never_shown() {
        let (address, info) = Address::parse("rediss://a%40b:p%2Fq@cache.example/1").unwrap();
        assert_eq!(info.username.as_deref(), Some("a@b"));
        assert_eq!(info.password.as_ref().map(Secret::expose), Some("p/q"));
        assert!(!format!("{address} {address:?} {info:?}").contains("p/q"));
    }

    #[test]
    fn a_password_is_found_in_what_is_no_address_too() {
        for (url, password) in [
            ("redis://cache.example:6379/1", None),
            ("redis://someone@cache.example", None),
            ("redis://someone:@cache.example", None),
            ("redis://:pass@cache.example", Some("pass")),
            ("someone:p%2Fq@cache.example:6379", Some("p%2Fq")),
            ("redis://someone:p/q#r@s@cache.example", Some("p/q#r@s")),
        ] {
            assert_eq!(written_password(url), password, "{url}");
        }
    }

    #[test]
    fn what_is_no_address_is_refused_with_the_reason() {
        for (text, why) in [
            ("", InvalidAddress::NotAUrl),
            ("redis://", InvalidAddress::NotAUrl),
            ("http://cache.example", InvalidAddress::Scheme),
            ("redis://cache.example/x", InvalidAddress::Database),
            ("redis://cache.example/1?x=y", InvalidAddress::Rest),
            ("unix://relative", InvalidAddress::Path),
            ("unix:///socket?database=1", InvalidAddress::Rest),
        ] {
            assert_eq!(Address::parse(text).map(|(address, _)| address), Err(why), "{text}");
        }
    }
}
