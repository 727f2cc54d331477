//! The region parser against what a URL parser makes of the same text.

use genesys_token::error::{Category, Error};
use genesys_token::region::{Region, is_genesys_host, of_host};
use url::Url;

/// A password before a host.
const PASSWORD: &str = "hunter2-hunter2-hunter2";
/// An error repeats at most 80 characters of the text, each perhaps escaped, and suggests regions.
const MAX_MESSAGE_LEN: usize = 80 * 10 + 100;
const MAX_HINT_LEN: usize = 1_000;

/// The data: the spelling of a region, or anything else.
pub(crate) fn holds(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Some(region) = of_host(text) {
        assert!(is_genesys_host(text), "{text:?}");
        assert!(is_host_of(region, text), "{text:?} is no host of {region:?}");
    }
    match Region::parse(text) {
        Ok(region) => {
            assert!(Region::all().contains(region));
            assert!(is_name(text) || is_host_of(region, &host_by_url_parser(text)), "{text:?}: {region:?}");
            assert_every_other_spelling_is_the_same_region(text, region);
        }
        Err(error) => assert_fit_to_be_shown(text, &error),
    }
    let error =
        Region::parse(&format!("https://user:{PASSWORD}@{text}")).expect_err("a user is no part of a host");
    assert!(!(error.to_string()).contains(PASSWORD), "{text:?}");
}

/// Whether it can only be a name: hosts and URLs have other characters too.
fn is_name(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}

fn is_host_of(region: &Region, host: &str) -> bool {
    let host = host.to_ascii_lowercase();
    let host = host.strip_suffix('.').unwrap_or(&host);
    let domain = region.domain;
    host == domain || ["api", "login", "apps"].iter().any(|service| host == format!("{service}.{domain}"))
}

/// The host that curl or a browser would connect to.
fn host_by_url_parser(text: &str) -> String {
    let lower = text.to_ascii_lowercase();
    let has_scheme = lower.starts_with("https://") || lower.starts_with("http://");
    let with_scheme = if has_scheme { text.to_owned() } else { format!("https://{text}") };
    let url = Url::parse(&with_scheme).unwrap_or_else(|error| panic!("{text:?} is no URL: {error}"));
    let has_usual_port = url.port_or_known_default() == Some(443) || url.scheme() == "http";
    assert!(has_usual_port, "{text:?} has another port");
    assert!(url.username().is_empty() && url.password().is_none(), "{text:?} has a user");
    url.host_str().unwrap_or_default().to_owned()
}

fn assert_every_other_spelling_is_the_same_region(text: &str, region: &'static Region) {
    let Region { aws, domain, .. } = region;
    let underscored = if is_name(text) { text.replace('-', "_") } else { text.to_owned() };
    for other in [
        text.to_ascii_uppercase(),
        text.to_ascii_lowercase(),
        underscored,
        (*aws).to_owned(),
        (*domain).to_owned(),
        region.login_url().as_str().to_owned(),
        region.api_url().as_str().to_owned(),
        format!("{}/", region.api_url().as_str()),
        format!("apps.{domain}"),
    ] {
        assert_eq!(Region::parse(&other), Ok(region), "{other:?}, like {text:?}");
    }
}

fn assert_fit_to_be_shown(text: &str, error: &Error) {
    assert_eq!(error.category, Category::Usage);
    for (part, max_len) in [(&error.message, MAX_MESSAGE_LEN), (&error.hint(), MAX_HINT_LEN)] {
        assert!(!part.is_empty() && part.len() <= max_len, "{text:?}: {part}");
        assert!(!part.contains(char::is_control), "{text:?}: {part:?}");
    }
}
