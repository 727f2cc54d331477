//! Variables that hold a value under a name that nothing reads: those of other tools for Genesys Cloud, and those that
//! Jenkins' `credentials()` makes of a credential. Only their names are looked at.

use std::ffi::OsString;

use super::variable::{self, Variable};

/// More names than these help nobody.
const MAX_NAMES: usize = 3;
/// How the names of Genesys' own and of other tools begin.
const GENESYS_PREFIXES: [&str; 4] = ["GENESYS", "PURECLOUD", "MYPURECLOUD", "GC_"];
/// Settings of this program, and those of Terraform's provider for its connections.
const OTHERS: [&str; 3] = ["GENESYS_TOKEN_", "PROXY", "GATEWAY"];
/// What Jenkins' `credentials()` appends for the user name and the password.
const JENKINS_SUFFIXES: [&str; 2] = ["_USR", "_PSW"];

/// Says which of all `names` were probably meant to be `variable`: the client's id, its secret or the region.
pub(super) fn advice(names: &[OsString], variable: &Variable) -> Option<String> {
    let names: Vec<&str> = names.iter().filter_map(|name| name.to_str()).collect();
    let names = near_misses(&names, variable);
    let is = if names.len() == 1 { "is" } else { "are" };
    (!names.is_empty())
        .then(|| format!("{} {is} set, but the name that is read is {}", names.join(" and "), variable.name))
}

fn near_misses<'n>(names: &[&'n str], wanted: &Variable) -> Vec<&'n str> {
    let is_known = |name: &str| variable::ALL.iter().any(|known| known.name == name);
    let is_printable = |name: &str| name.bytes().all(|byte| byte.is_ascii_graphic());
    let unread = || names.iter().copied().filter(|name| !is_known(name) && is_printable(name));
    let mut found: Vec<&str> = unread().filter(|name| is_of_genesys(name, wanted)).collect();
    if found.is_empty() {
        found = unread().filter(|name| is_of_jenkins(name, wanted, names)).collect();
    }
    found.sort_unstable();
    found.truncate(MAX_NAMES);
    found
}

/// Whether a tool for Genesys Cloud may mean `wanted` by `name`.
fn is_of_genesys(name: &str, wanted: &Variable) -> bool {
    let name = name.to_ascii_uppercase();
    let means = |parts: &[&str], ends: &[&str]| {
        parts.iter().any(|part| name.contains(part)) || ends.iter().any(|end| name.ends_with(end))
    };
    let means_wanted = if wanted == variable::CLIENT_ID {
        means(&["CLIENT_ID", "CLIENTID"], &["_USR", "_USERNAME"])
    } else if wanted == variable::CLIENT_SECRET {
        means(&["SECRET"], &["_PSW", "_PASSWORD"])
    } else {
        means(&[], &["REGION", "ENVIRONMENT"])
    };
    means_wanted
        && GENESYS_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
        && !OTHERS.iter().any(|other| name.contains(other))
}

/// Whether `name` is one of the pair that Jenkins makes of a credential.
fn is_of_jenkins(name: &str, wanted: &Variable, names: &[&str]) -> bool {
    let [user, password] = JENKINS_SUFFIXES;
    let (own, other) = if wanted == variable::CLIENT_ID {
        (user, password)
    } else if wanted == variable::CLIENT_SECRET {
        (password, user)
    } else {
        return false;
    };
    name.strip_suffix(own).is_some_and(|stem| {
        names.iter().any(|name| name.strip_suffix(other).is_some_and(|other_stem| other_stem == stem))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_of_another_tool_is_a_near_miss_of_what_it_holds() {
        let names = [
            "GENESYSCLOUD_OAUTHCLIENT_ID",
            "GENESYSCLOUD_API_REGION",
            "GENESYSCLOUD_PROXY_AUTH_PASSWORD",
            "GENESYSCLOUD_ORG_ID",
            "GENESYS_TOKEN_SHARED_CACHE_PASSWORD",
            "GENESYS_CLOUD_CLIENT_ID",
            "GENESYS_CLOUD_ENVIRONMENT",
            "PURECLOUD_SECRET",
            "genesyscloud_region",
            "AWS_REGION",
            "NEXUS_USR",
            "NEXUS_PSW",
        ];
        for (wanted, expected) in [
            (variable::CLIENT_ID, vec!["GENESYS_CLOUD_CLIENT_ID"]),
            (variable::CLIENT_SECRET, vec!["PURECLOUD_SECRET"]),
            (variable::REGION, vec!["GENESYS_CLOUD_ENVIRONMENT", "genesyscloud_region"]),
        ] {
            assert_eq!(near_misses(&names, wanted), expected, "{}", wanted.name);
        }
    }

    #[test]
    fn the_pair_that_jenkins_makes_of_a_credential_is_a_near_miss() {
        let names = ["PROD_PSW", "PROD_USR", "OTHER_USR"];
        assert_eq!(near_misses(&names, variable::CLIENT_ID), ["PROD_USR"]);
        assert_eq!(near_misses(&names, variable::CLIENT_SECRET), ["PROD_PSW"]);
        assert!(near_misses(&names, variable::REGION).is_empty());
        assert_eq!(near_misses(&["GENESYS_PSW"], variable::CLIENT_SECRET), ["GENESYS_PSW"]);
    }
}
