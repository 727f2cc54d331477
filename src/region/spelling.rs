//! The many ways people spell a region.

use super::table::{Region, of_host, strip_prefix};

/// The region that `text` names: an AWS name, a short or environment name, a domain, a host or a URL.
pub(super) fn find(text: &str) -> Option<&'static Region> {
    by_name(text).or_else(|| of_host(host_in(text)))
}

/// The region with this AWS, short or environment name.
pub(super) fn by_name(name: &str) -> Option<&'static Region> {
    Region::all().iter().find(|region| is_named(region, name))
}

fn is_named(region: &Region, name: &str) -> bool {
    same_name(name, region.aws)
        || same_name(name, region.short)
        || same_name(name, region.environment)
        || region.environment.strip_suffix("-core").is_some_and(|bare| same_name(name, bare))
        // `prod-use1` is what people expect for `prod`; there is no `prod-use2`, since that region is FedRAMP's.
        || (region.environment.starts_with("prod")
            && ["prod-", "prod_"]
                .iter()
                .find_map(|prod| strip_prefix(name, prod))
                .is_some_and(|short| same_name(short, region.short)))
}

/// Compares with a name of the table; the JavaScript SDK and shell variables spell `-` as `_`.
fn same_name(text: &str, name: &str) -> bool {
    text.len() == name.len()
        && text.bytes().zip(name.bytes()).all(|(a, b)| a.eq_ignore_ascii_case(&b) || (a == b'_' && b == b'-'))
}

/// The host of a URL, or of a URL without its scheme. Scheme and path are ignored, since people paste them along and
/// requests always go to `https`. User names and other ports stay in, and so make the host an unknown one.
pub(super) fn host_in(text: &str) -> &str {
    let rest = strip_prefix(text, "https://").or_else(|| strip_prefix(text, "http://")).unwrap_or(text);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    authority.strip_suffix(":443").unwrap_or(authority)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn aws(text: &str) -> &'static str {
        find(text).map_or("unknown", |region| region.aws)
    }

    #[test]
    fn every_spelling_of_every_region_is_understood() {
        for region in Region::all() {
            let Region { aws: name, domain, short, environment } = region;
            for text in [
                (*name).to_owned(),
                name.to_uppercase().replace('-', "_"),
                (*short).to_owned(),
                (*environment).to_owned(),
                (*domain).to_owned(),
                domain.to_uppercase(),
                format!("{domain}/"),
                format!("api.{domain}"),
                format!("Login.{domain}."),
                format!("apps.{domain}:443"),
                format!("HTTPS://api.{domain}:443/api/v2?x=1#y"),
                region.login_url().join("/"),
                region.api_url().as_str().to_owned(),
            ] {
                assert_eq!(find(&text), Some(region), "{text}");
            }
        }
    }

    #[test]
    fn the_names_of_genesys_sdks_are_understood() {
        assert_eq!(aws("prod"), "us-east-1");
        assert_eq!(aws("prod-use1"), "us-east-1");
        assert_eq!(aws("prod_use1"), "us-east-1");
        assert_eq!(aws("PROD_EUW1"), "eu-west-1");
        assert_eq!(aws("fedramp-use2"), "us-east-2");
        assert_eq!(aws("eusc-edee1"), "eusc-de-east-1");
    }

    #[test]
    fn look_alikes_are_not_regions() {
        for text in [
            "",
            " eu-west-1",
            "eu-west-1\n",
            "prod-use2",
            "eu-west-3",
            "login.mypurecloud.com.evil.example",
            "https://login.mypurecloud.com@evil.example/",
            "https://evil.example/login.mypurecloud.com",
            "https://evil.example\\@login.mypurecloud.com",
            "https://login.mypurecloud.com:8443",
            "ftp://login.mypurecloud.com",
            "login.login.mypurecloud.com",
            "use2.us_gov_pure.cloud",
            "pure.cloud",
            "é",
            "https:/é",
        ] {
            assert_eq!(aws(text), "unknown", "{text}");
        }
    }
}
