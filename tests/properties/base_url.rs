//! The parser of base URLs against plain rules for strings, and against the `url` crate.

use std::net::IpAddr;

use genesys_token::base_url::{BaseUrl, InvalidBaseUrl};
use url::{Host, Url};

const PATH: &str = "/oauth/token";

/// The data: a URL, or what follows its scheme.
pub(crate) fn holds(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    for text in [text, &format!("https://{text}"), &format!("http://{text}")] {
        match BaseUrl::parse(text) {
            Ok(base) => {
                assert_credential_may_be_sent(&base);
                assert_parts_agree(&base);
                assert_same_server(&base, text);
                assert_join_appends(&base);
                assert_other_spellings_are_equal(&base);
                assert_every_addition_is_refused(&base, text);
            }
            Err(error) => assert_has_reason(error, text),
        }
    }
    let with_user = format!("https://me:hunter2@{text}");
    assert!(BaseUrl::parse(&with_user).is_err(), "{with_user:?}");
}

/// Plain rules for the text of a URL that a credential may be sent to.
fn assert_credential_may_be_sent(base: &BaseUrl) {
    let text = base.as_str();
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let rest = rest.unwrap_or_else(|| panic!("{text:?} is neither https nor http"));
    let authority = rest.split('/').next().unwrap_or_default();
    assert!(!authority.is_empty() && !authority.contains('@'), "{text:?} has a user, or no host");
    assert!(!text.contains(['?', '#', '\\']) && !text.ends_with('/'), "{text:?}");
    assert!(text.bytes().all(|byte| byte.is_ascii_graphic()), "{text:?}");
    let is_loopback =
        base.host() == "localhost" || base.host().parse().is_ok_and(|ip: IpAddr| ip.is_loopback());
    assert_eq!(base.is_loopback(), is_loopback, "{text:?}");
    assert_eq!(base.is_https(), text.starts_with("https:"), "{text:?}");
    assert!(base.is_https() || is_loopback, "{text:?} would be sent in the clear");
}

/// Scheme, host, port and authority are those of the text.
fn assert_parts_agree(base: &BaseUrl) {
    let (scheme, default_port) = if base.is_https() { ("https", 443) } else { ("http", 80) };
    let authority = base.authority();
    let prefix = base.as_str().strip_prefix(&format!("{scheme}://{authority}"));
    assert!(prefix.is_some_and(|prefix| prefix.is_empty() || prefix.starts_with('/')), "{base:?}");
    let shown = base.as_str().strip_prefix("https://").unwrap_or(base.as_str());
    assert_eq!(base.to_string(), shown);
    let after_brackets = authority.rfind(']').map_or(0, |at| at + 1);
    let (host, port) = match authority[after_brackets..].rfind(':') {
        Some(colon) => {
            let (host, port) = authority.split_at(after_brackets + colon);
            (host, port[1..].parse().expect("a port"))
        }
        None => (authority, default_port),
    };
    assert_eq!(base.port(), port, "{base:?}");
    match host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        // IPv6 addresses have several spellings.
        Some(address) => assert_eq!(base.host().parse::<IpAddr>(), address.parse(), "{base:?}"),
        None => assert_eq!(base.host(), host),
    }
}

/// The URL leads to the same server as the text that it was parsed from, by the `url` crate.
fn assert_same_server(base: &BaseUrl, text: &str) {
    let (parsed, given) = (url(base.as_str()), url(text));
    assert_eq!(parsed.origin(), given.origin(), "{text:?}");
    assert!(parsed.origin().is_tuple(), "{text:?}");
    assert_eq!(parsed.port_or_known_default(), Some(base.port()), "{text:?}");
    assert_eq!(parsed.scheme() == "https", base.is_https(), "{text:?}");
    let trimmed = |url: &Url| url.path().trim_end_matches('/').to_owned();
    assert_eq!(trimmed(&parsed), trimmed(&given), "{text:?}");
}

/// Joining adds a path, and changes nothing else.
fn assert_join_appends(base: &BaseUrl) {
    let joined = base.join(PATH);
    assert_eq!(joined.strip_suffix(PATH), Some(base.as_str()));
    let (joined, alone) = (url(&joined), url(base.as_str()));
    assert_eq!(joined.origin(), alone.origin(), "{base:?}");
    assert_eq!(joined.path(), [alone.path().trim_end_matches('/'), PATH].concat(), "{base:?}");
    assert!(joined.username().is_empty() && joined.password().is_none(), "{base:?}");
    assert!(joined.query().is_none() && joined.fragment().is_none(), "{base:?}");
}

/// Parsing the URL once more, with other slashes at its end, or with a scheme in upper case, gives an equal one.
fn assert_other_spellings_are_equal(base: &BaseUrl) {
    let text = base.as_str();
    let (scheme, rest) = text.split_once(':').expect("a scheme");
    for other in [
        text.to_owned(),
        format!("{text}/"),
        format!("{text}//"),
        format!(" {text}\n"),
        format!("{}:{rest}", scheme.to_uppercase()),
    ] {
        assert_eq!(BaseUrl::parse(&other).as_ref(), Ok(base), "{other:?}");
    }
}

fn assert_every_addition_is_refused(base: &BaseUrl, text: &str) {
    let (scheme, rest) = base.as_str().split_once("://").expect("a scheme");
    for user in ["me", "me:hunter2", ":hunter2"] {
        let with_user = format!("{scheme}://{user}@{rest}");
        assert_eq!(BaseUrl::parse(&with_user), Err(InvalidBaseUrl::UserInfo), "{with_user:?}");
    }
    for end in ["?", "?a=b", "#", "#a"] {
        let longer = format!("{}{end}", base.as_str());
        assert_eq!(BaseUrl::parse(&longer), Err(InvalidBaseUrl::QueryOrFragment), "{longer:?}");
        assert!(BaseUrl::parse(&format!("{text}{end}")).is_err(), "{text:?} and {end:?}");
    }
    let plain = format!("http://{rest}");
    match BaseUrl::parse(&plain) {
        Ok(plain) => assert!(plain.is_loopback() && !plain.is_https(), "{plain:?}"),
        Err(error) => assert!(error == InvalidBaseUrl::NotHttps && !base.is_loopback(), "{plain:?}"),
    }
}

/// A URL is refused for a reason that the `url` crate confirms, and that the text shows.
fn assert_has_reason(error: InvalidBaseUrl, text: &str) {
    let parsed = Url::parse(text);
    let is_confirmed = match error {
        InvalidBaseUrl::NotAUrl => parsed.is_err(),
        InvalidBaseUrl::NotHttps => {
            parsed.is_ok_and(|url| url.scheme() != "https" && !is_plain_loopback(&url))
        }
        InvalidBaseUrl::UserInfo => {
            let has_user = |url: &Url| !url.username().is_empty() || url.password().is_some();
            text.contains('@') && parsed.as_ref().is_ok_and(has_user)
        }
        InvalidBaseUrl::QueryOrFragment => {
            let has_either = |url: &Url| url.query().is_some() || url.fragment().is_some();
            text.contains(['?', '#']) && parsed.as_ref().is_ok_and(has_either)
        }
    };
    assert!(is_confirmed, "{text:?}: {error:?}");
}

fn is_plain_loopback(url: &Url) -> bool {
    let is_loopback = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    url.scheme() == "http" && is_loopback
}

fn url(text: &str) -> Url {
    Url::parse(text).unwrap_or_else(|error| panic!("{text:?}: {error}"))
}
