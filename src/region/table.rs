//! The table of regions and the hosts in them.

use crate::base_url::BaseUrl;

/// One region of Genesys Cloud.
#[derive(Debug, PartialEq, Eq)]
pub struct Region {
    /// The AWS name, as Terraform spells it: lower case, with hyphens.
    pub aws: &'static str,
    /// The domain of its hosts.
    pub domain: &'static str,
    /// The short name that Genesys uses in domains and deployment names.
    pub(super) short: &'static str,
    /// The environment name of Genesys' client-app and Messenger SDKs.
    pub(super) environment: &'static str,
}

/// Every public region, the default first.
static REGIONS: [Region; 18] = [
    region("us-east-1", "mypurecloud.com", "use1", "prod"),
    region("us-east-2", "use2.us-gov-pure.cloud", "use2", "fedramp-use2-core"),
    region("us-west-2", "usw2.pure.cloud", "usw2", "prod-usw2"),
    region("ca-central-1", "cac1.pure.cloud", "cac1", "prod-cac1"),
    region("sa-east-1", "sae1.pure.cloud", "sae1", "prod-sae1"),
    region("mx-central-1", "mxc1.pure.cloud", "mxc1", "prod-mxc1"),
    region("eu-west-1", "mypurecloud.ie", "euw1", "prod-euw1"),
    region("eu-west-2", "euw2.pure.cloud", "euw2", "prod-euw2"),
    region("eu-central-1", "mypurecloud.de", "euc1", "prod-euc1"),
    region("eu-central-2", "euc2.pure.cloud", "euc2", "prod-euc2"),
    region("eusc-de-east-1", "edee1.eusc-pure.cloud", "edee1", "eusc-edee1-core"),
    region("me-central-1", "mec1.pure.cloud", "mec1", "prod-mec1"),
    region("ap-south-1", "aps1.pure.cloud", "aps1", "prod-aps1"),
    region("ap-southeast-1", "apse1.pure.cloud", "apse1", "prod-apse1"),
    region("ap-southeast-2", "mypurecloud.com.au", "apse2", "prod-apse2"),
    region("ap-northeast-1", "mypurecloud.jp", "apne1", "prod-apne1"),
    region("ap-northeast-2", "apne2.pure.cloud", "apne2", "prod-apne2"),
    region("ap-northeast-3", "apne3.pure.cloud", "apne3", "prod-apne3"),
];

/// The domains that Genesys owns, those of regions to come included.
const GENESYS_SUFFIXES: [&str; 8] = [
    "mypurecloud.com",
    "mypurecloud.ie",
    "mypurecloud.de",
    "mypurecloud.jp",
    "mypurecloud.com.au",
    "pure.cloud",
    "us-gov-pure.cloud",
    "eusc-pure.cloud",
];

/// The hosts of a region that people copy from their browser or another tool's configuration.
const SERVICES: [&str; 3] = ["api.", "login.", "apps."];

const fn region(
    aws: &'static str,
    domain: &'static str,
    short: &'static str,
    environment: &'static str,
) -> Region {
    Region { aws, domain, short, environment }
}

impl Region {
    /// Every public region, the default first.
    // Not inlined: a loop over a list of known length would be unrolled, eighteen times its body.
    #[inline(never)]
    pub fn all() -> &'static [Self] {
        &REGIONS
    }

    /// The region when none is named, as for Genesys' own tools: `us-east-1`.
    #[expect(clippy::should_implement_trait, reason = "a region is one of the table, never a new value")]
    pub fn default() -> &'static Self {
        &REGIONS[0]
    }

    /// The base URL of the login server.
    pub fn login_url(&self) -> BaseUrl {
        BaseUrl::of_host(["login.", self.domain].concat())
    }

    /// The base URL of the API.
    pub fn api_url(&self) -> BaseUrl {
        BaseUrl::of_host(["api.", self.domain].concat())
    }
}

/// The region that `host` belongs to: exactly its `api.`, `login.` or `apps.` host, or the bare domain.
pub fn of_host(host: &str) -> Option<&'static Region> {
    let domain = without_service(without_root(host));
    Region::all().iter().find(|region| region.domain.eq_ignore_ascii_case(domain))
}

/// Whether `host` is one of Genesys' own, in a region known here or not.
pub fn is_genesys_host(host: &str) -> bool {
    let host = without_root(host);
    GENESYS_SUFFIXES.iter().any(|suffix| is_within(host, suffix))
}

/// `host` without the dot that stands for the root of the DNS.
pub(super) fn without_root(host: &str) -> &str {
    host.strip_suffix('.').unwrap_or(host)
}

/// `host` without `api.`, `login.` or `apps.`.
pub(super) fn without_service(host: &str) -> &str {
    SERVICES.iter().find_map(|service| strip_prefix(host, service)).unwrap_or(host)
}

/// Whether `host` is `domain` or a name below it; `evil-pure.cloud` is not within `pure.cloud`.
pub(super) fn is_within(host: &str, domain: &str) -> bool {
    host.len().checked_sub(domain.len()).and_then(|at| host.split_at_checked(at)).is_some_and(
        |(head, tail)| tail.eq_ignore_ascii_case(domain) && (head.is_empty() || head.ends_with('.')),
    )
}

/// `text` without `prefix`, in any case.
pub(super) fn strip_prefix<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let (head, rest) = text.split_at_checked(prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_is_that_of_genesys_tools() {
        assert_eq!(Region::default().aws, "us-east-1");
        assert_eq!(Region::default().login_url().as_str(), "https://login.mypurecloud.com");
        assert_eq!(Region::default().api_url().as_str(), "https://api.mypurecloud.com");
    }

    #[test]
    fn genesys_hosts_end_at_a_dot() {
        for host in ["login.mypurecloud.com.au", "API.euw2.Pure.Cloud.", "api.new1.eusc-pure.cloud"] {
            assert!(is_genesys_host(host), "{host}");
        }
        for host in [
            "evil-pure.cloud.example",
            "evil-pure.cloud",
            "notmypurecloud.com",
            "mypurecloud.com.evil.example",
            "",
            "é.cloud",
        ] {
            assert!(!is_genesys_host(host), "{host}");
        }
    }

    #[test]
    fn a_region_has_exactly_four_hosts() {
        assert_eq!(of_host("apps.mypurecloud.ie").map(|region| region.aws), Some("eu-west-1"));
        assert_eq!(of_host("mypurecloud.ie").map(|region| region.aws), Some("eu-west-1"));
        assert_eq!(of_host("help.mypurecloud.ie"), None);
    }
}
