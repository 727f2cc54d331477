//! The region normaliser against what a URL parser makes of the same text.

use genesys_token::error::{Category, Error};
use genesys_token::region::{REGIONS, Region, is_genesys_host, of_host};
use url::Url;

/// A password in front of a host.
const PASSWORD: &str = "hunter2-hunter2-hunter2";
/// An error repeats at most 80 characters, each of which may have to be escaped, and offers regions.
const LONGEST_MESSAGE: usize = 80 * 10 + 100;
const LONGEST_HINT: usize = 1_000;

/// The data: what somebody wrote for a region.
pub fn holds(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Some(region) = of_host(text) {
        assert!(is_genesys_host(text), "{text:?}");
        assert!(is_host_of(region, text), "{text:?} is no host of {region:?}");
    }
    match Region::parse(text) {
        Ok(region) => {
            assert!(REGIONS.contains(region));
            assert!(is_name(text) || is_host_of(region, &host_by_url_parser(text)), "{text:?}: {region:?}");
            every_other_spelling_is_the_same_region(text, region);
        }
        Err(error) => is_shown_with_care(text, &error),
    }
    let error =
        Region::parse(&format!("https://user:{PASSWORD}@{text}")).expect_err("a user is no part of a host");
    assert!(!(error.message + &error.hint).contains(PASSWORD), "{text:?}");
}

/// Whether it can only be a name: no host and no URL is made of these alone.
fn is_name(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}

fn is_host_of(region: &Region, host: &str) -> bool {
    let host = host.to_ascii_lowercase();
    let host = host.strip_suffix('.').unwrap_or(&host);
    let domain = region.domain;
    host == domain || ["api", "login", "apps"].iter().any(|service| host == format!("{service}.{domain}"))
}

/// Where curl or a browser would go.
fn host_by_url_parser(text: &str) -> String {
    let lower = text.to_ascii_lowercase();
    let has_scheme = lower.starts_with("https://") || lower.starts_with("http://");
    let with_scheme = if has_scheme { text.to_owned() } else { format!("https://{text}") };
    let url = Url::parse(&with_scheme).unwrap_or_else(|error| panic!("{text:?} is no URL: {error}"));
    assert!(
        url.port_or_known_default() == Some(443) || url.scheme() == "http",
        "{text:?} is on another port"
    );
    assert!(url.username().is_empty() && url.password().is_none(), "{text:?} has a user");
    url.host_str().unwrap_or_default().to_owned()
}

fn every_other_spelling_is_the_same_region(text: &str, region: &'static Region) {
    let Region { aws, domain, .. } = region;
    let underscored = if is_name(text) { text.replace('-', "_") } else { text.to_owned() };
    for other in [
        text.to_ascii_uppercase(),
        text.to_ascii_lowercase(),
        underscored,
        (*aws).to_owned(),
        (*domain).to_owned(),
        region.login_url(),
        region.api_url(),
        format!("{}/", region.api_url()),
        format!("apps.{domain}"),
    ] {
        assert_eq!(Region::parse(&other), Ok(region), "{other:?}, as {text:?} is");
    }
}

fn is_shown_with_care(text: &str, error: &Error) {
    assert_eq!(error.category, Category::Usage);
    for (part, longest) in [(&error.message, LONGEST_MESSAGE), (&error.hint, LONGEST_HINT)] {
        assert!(!part.is_empty() && part.len() <= longest, "{text:?}: {part}");
        assert!(!part.contains(char::is_control), "{text:?}: {part:?}");
    }
}
