//! Genesys Cloud's regions, and the many ways people spell them.
//!
//! A region is a domain: its hosts are `api.`, `login.` and `apps.` in front of it. The table is the one in
//! Genesys' SDKs and Terraform provider. A region that is missing here can still be reached by naming its
//! login and API servers.

use crate::error::{Error, Result};
use crate::secret;

/// One region of Genesys Cloud.
#[derive(Debug, PartialEq, Eq)]
pub struct Region {
    /// The AWS name, as Terraform spells it: lower case, with hyphens.
    pub aws: &'static str,
    /// The domain its hosts are in.
    pub domain: &'static str,
    /// The short name Genesys itself uses, in domains and in deployment names.
    short: &'static str,
    /// The environment name of Genesys' client-app and Messenger SDKs.
    environment: &'static str,
}

/// Every public region, the default first.
pub static REGIONS: [Region; 18] = [
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

/// What Genesys owns, regions to come included.
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

/// The hosts of a region that people copy from their browser or from another tool's configuration.
const SERVICES: [&str; 3] = ["api.", "login.", "apps."];

/// How much of an unknown value an error repeats: enough to recognise it, too little to flood a log.
const SHOWN: usize = 80;

/// How many edits away a name may be and still be offered: a swapped pair of letters is two.
const NEAR: usize = 2;

const fn region(
    aws: &'static str,
    domain: &'static str,
    short: &'static str,
    environment: &'static str,
) -> Region {
    Region { aws, domain, short, environment }
}

impl Region {
    /// The region when none is named, as for Genesys' own tools: `us-east-1`.
    #[expect(clippy::should_implement_trait, reason = "regions are the table's, never values of their own")]
    pub fn default() -> &'static Self {
        &REGIONS[0]
    }

    /// The region that `text` names: an AWS name, a short or environment name, a domain, or a host or URL.
    ///
    /// # Errors
    /// A usage error with the nearest regions, when there is none.
    pub fn parse(text: &str) -> Result<&'static Self> {
        by_name(text).or_else(|| of_host(host_in(text))).ok_or_else(|| unknown(text))
    }

    /// The base URL of the login server, without a trailing slash.
    pub fn login_url(&self) -> String {
        format!("https://login.{}", self.domain)
    }

    /// The base URL of the API, without a trailing slash.
    pub fn api_url(&self) -> String {
        format!("https://api.{}", self.domain)
    }

    fn is_named(&self, name: &str) -> bool {
        same_name(name, self.aws)
            || same_name(name, self.short)
            || same_name(name, self.environment)
            || self.environment.strip_suffix("-core").is_some_and(|bare| same_name(name, bare))
            // `prod-use1` is what one expects for `prod`; there is no `prod-use2`, that region is FedRAMP's.
            || (self.environment.starts_with("prod")
                && ["prod-", "prod_"]
                    .iter()
                    .find_map(|prod| strip_prefix(name, prod))
                    .is_some_and(|short| same_name(short, self.short)))
    }

    fn described(&self) -> String {
        format!("{} ({})", self.aws, self.domain)
    }
}

/// The region that `host` belongs to: exactly its `api.`, `login.` or `apps.` host, or the bare domain.
pub fn of_host(host: &str) -> Option<&'static Region> {
    let domain = without_service(without_root(host));
    REGIONS.iter().find(|region| region.domain.eq_ignore_ascii_case(domain))
}

/// Whether `host` is one of Genesys' own, in a region known here or not.
pub fn is_genesys_host(host: &str) -> bool {
    let host = without_root(host);
    GENESYS_SUFFIXES.iter().any(|suffix| is_within(host, suffix))
}

fn by_name(name: &str) -> Option<&'static Region> {
    REGIONS.iter().find(|region| region.is_named(name))
}

/// Compares with a name of the table; the JavaScript SDK and shell variables spell `-` as `_`.
fn same_name(text: &str, name: &str) -> bool {
    text.len() == name.len()
        && text.bytes().zip(name.bytes()).all(|(a, b)| a.eq_ignore_ascii_case(&b) || (a == b'_' && b == b'-'))
}

fn strip_prefix<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let (head, rest) = text.split_at_checked(prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then_some(rest)
}

/// The host of a URL, or of a URL without its scheme. The scheme and the path only come along by copying: what
/// is asked is always `https`. User names and other ports stay in, and so make the host an unknown one.
fn host_in(text: &str) -> &str {
    let rest = strip_prefix(text, "https://").or_else(|| strip_prefix(text, "http://")).unwrap_or(text);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    authority.strip_suffix(":443").unwrap_or(authority)
}

fn without_root(host: &str) -> &str {
    host.strip_suffix('.').unwrap_or(host)
}

fn without_service(host: &str) -> &str {
    SERVICES.iter().find_map(|service| strip_prefix(host, service)).unwrap_or(host)
}

/// Whether `host` is `domain` or a name below it; `evil-pure.cloud` is not within `pure.cloud`.
fn is_within(host: &str, domain: &str) -> bool {
    host.len().checked_sub(domain.len()).and_then(|at| host.split_at_checked(at)).is_some_and(
        |(head, tail)| tail.eq_ignore_ascii_case(domain) && (head.is_empty() || head.ends_with('.')),
    )
}

#[cold]
fn unknown(text: &str) -> Error {
    const LIST: &str = "genesys-token regions lists them";
    if text.is_empty() {
        return Error::usage("the region is empty").hint(LIST);
    }
    let hint = match question(text) {
        Some(question) => format!("{question} {LIST}"),
        None => LIST.to_owned(),
    };
    Error::usage(format!("unknown region {}", shown(text))).hint(hint)
}

/// `text` fit for a log: quoted, cut, nothing unprintable, and nothing that may be a secret in the wrong place.
fn shown(text: &str) -> String {
    let length = text.chars().count();
    if secret::may_be_one(text) {
        return format!("of {length} characters, not shown since it may be a secret");
    }
    // A URL may carry a password in front of its host.
    let text = text.rsplit_once('@').map_or(text, |(_, host)| host);
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{:?}…", &text[..end]),
        None => format!("{text:?}"),
    }
}

/// The likely cause or the likely answer, as a question.
fn question(text: &str) -> Option<String> {
    let trimmed = text.trim();
    if trimmed.len() < text.len() && Region::parse(trimmed).is_ok() {
        return Some("is there white space around it by mistake?".to_owned());
    }
    let name = trimmed.to_lowercase().replace('_', "-");
    let host = host_in(&name);
    let host = without_root(host.rsplit_once('@').map_or(host, |(_, host)| host));
    let domain = without_service(host);
    if let Some((label, _)) = domain.split_once('.') {
        // Hosts built from the AWS name, `login.eu-central-1.pure.cloud`, or from a short name where the
        // domain is an older one, `login.euw1.pure.cloud`.
        if let Some(region) = by_name(label) {
            return Some(format!("there is no such Genesys host: did you mean {}?", region.described()));
        }
        if let Some(region) = REGIONS.iter().find(|region| is_within(host, region.domain)) {
            return Some(format!("did you mean {}?", region.described()));
        }
        return did_you_mean(&nearest(domain, |region| vec![region.domain]));
    }
    // `prod-use2`, `genesys-euw1`
    if let Some(region) = name.split('-').find_map(|part| REGIONS.iter().find(|region| region.short == part))
    {
        return Some(format!("did you mean {}?", region.described()));
    }
    // Whoever writes `ca-west-1` means Canada, though `eu-west-1` is nearer.
    let part_of_world = |aws: &'static str| aws.split('-').next();
    let there = |region: &Region| part_of_world(region.aws) == name.split('-').next();
    let near = nearest(&name, |region| vec![region.aws, region.short, region.environment]);
    let near_there: Vec<_> = near.iter().copied().filter(|region| there(region)).collect();
    let all_there: Vec<_> = REGIONS.iter().filter(|region| there(region)).collect();
    [near_there, all_there, near].iter().find_map(|regions| did_you_mean(regions))
}

fn did_you_mean(regions: &[&Region]) -> Option<String> {
    let names: Vec<_> = regions.iter().map(|region| region.described()).collect();
    (!names.is_empty()).then(|| format!("did you mean {}?", names.join(" or ")))
}

/// The regions one of whose `names` is the fewest edits away from `text`, when that is few.
fn nearest(text: &str, names: impl Fn(&Region) -> Vec<&'static str>) -> Vec<&'static Region> {
    if text.len() > SHOWN {
        return Vec::new();
    }
    // Of a short word nearly everything is near.
    let limit = NEAR.min(text.len() / 3);
    let distance = |region: &Region| names(region).iter().map(|name| edits(text, name)).min();
    let distances: Vec<_> = REGIONS.iter().map(|region| (distance(region), region)).collect();
    let least = distances.iter().filter_map(|(distance, _)| *distance).min();
    let is_least = |distance: Option<usize>| distance == least && distance.is_some_and(|d| d <= limit);
    distances.into_iter().filter(|(distance, _)| is_least(*distance)).map(|(_, region)| region).collect()
}

/// The Levenshtein distance: how many characters to put in, take out or change.
fn edits(from: &str, to: &str) -> usize {
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (i, a) in from.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, b) in to.chars().enumerate() {
            let change = diagonal + usize::from(a != b);
            diagonal = row[j + 1];
            row[j + 1] = change.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Category;

    fn aws(text: &str) -> &'static str {
        Region::parse(text).map_or("unknown", |region| region.aws)
    }

    fn hint(text: &str) -> String {
        let error = Region::parse(text).unwrap_err();
        assert_eq!(error.category, Category::Usage);
        error.hint.strip_suffix("genesys-token regions lists them").unwrap().to_owned()
    }

    #[test]
    fn every_spelling_of_every_region_is_understood() {
        for region in &REGIONS {
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
                region.login_url() + "/",
                region.api_url(),
            ] {
                assert_eq!(Region::parse(&text), Ok(region), "{text}");
            }
        }
    }

    #[test]
    fn names_of_genesys_own_sdks_are_understood() {
        assert_eq!(aws("prod"), "us-east-1");
        assert_eq!(aws("prod-use1"), "us-east-1");
        assert_eq!(aws("prod_use1"), "us-east-1");
        assert_eq!(aws("PROD_EUW1"), "eu-west-1");
        assert_eq!(aws("fedramp-use2"), "us-east-2");
        assert_eq!(aws("eusc-edee1"), "eusc-de-east-1");
    }

    #[test]
    fn the_default_is_the_one_of_genesys_tools() {
        assert_eq!(Region::default().aws, "us-east-1");
        assert_eq!(Region::default().login_url(), "https://login.mypurecloud.com");
        assert_eq!(Region::default().api_url(), "https://api.mypurecloud.com");
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

    #[test]
    fn a_host_made_of_the_aws_name_is_explained() {
        let expected = "there is no such Genesys host: did you mean eu-central-1 (mypurecloud.de)? ";
        assert_eq!(hint("login.eu-central-1.pure.cloud"), expected);
        assert_eq!(hint("https://api.EU_CENTRAL_1.mypurecloud.com/api/v2"), expected);
        assert_eq!(hint("login.euc1.pure.cloud"), expected);
    }

    #[test]
    fn the_nearest_regions_are_offered() {
        assert_eq!(hint("eu-cetnral-1"), "did you mean eu-central-1 (mypurecloud.de)? ");
        assert_eq!(
            hint("eu-west-3"),
            "did you mean eu-west-1 (mypurecloud.ie) or eu-west-2 (euw2.pure.cloud)? "
        );
        assert_eq!(hint("EU_WEST_2a"), "did you mean eu-west-2 (euw2.pure.cloud)? ");
        assert_eq!(hint("useast1"), "did you mean us-east-1 (mypurecloud.com)? ");
        assert_eq!(hint("https://me:x@login.mypurecloud.ie"), "did you mean eu-west-1 (mypurecloud.ie)? ");
        assert_eq!(hint("login.mypureclod.de"), "did you mean eu-central-1 (mypurecloud.de)? ");
        assert_eq!(hint("developer.mypurecloud.de"), "did you mean eu-central-1 (mypurecloud.de)? ");
        assert_eq!(hint("prod-use2"), "did you mean us-east-2 (use2.us-gov-pure.cloud)? ");
        assert_eq!(hint("ca-west-1"), "did you mean ca-central-1 (cac1.pure.cloud)? ");
        assert_eq!(hint(" eu-west-1 "), "is there white space around it by mistake? ");
        assert_eq!(hint("somewhere"), "");
        assert_eq!(hint("x"), "");
    }

    #[test]
    fn the_unknown_value_is_shown_fit_for_a_log() {
        let message = |text: &str| Region::parse(text).unwrap_err().message;
        assert_eq!(message("mars"), r#"unknown region "mars""#);
        assert_eq!(message("\u{1b}[2J\n"), r#"unknown region "\u{1b}[2J\n""#);
        assert_eq!(message(&"é".repeat(200)), format!("unknown region {:?}…", "é".repeat(80)));
        assert_eq!(message("https://me:hunter2@evil.example"), r#"unknown region "evil.example""#);
        let secret = "AbCdEf0123456789AbCdEf0123456789AbCdEf01234";
        assert_eq!(message(secret), "unknown region of 43 characters, not shown since it may be a secret");
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
    fn a_host_is_its_regions_only_when_it_is_exactly_one_of_its_hosts() {
        assert_eq!(of_host("apps.mypurecloud.ie").map(|region| region.aws), Some("eu-west-1"));
        assert_eq!(of_host("mypurecloud.ie").map(|region| region.aws), Some("eu-west-1"));
        assert_eq!(of_host("help.mypurecloud.ie"), None);
    }
}
