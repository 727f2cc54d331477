//! The region, and whether login and API server belong to it.

use super::check::Check;
use crate::error::{Category, Result};
use crate::login::RegionSource;
use crate::region;
use crate::settings::{Servers, Surroundings};

const NAME: &str = "region";

pub(super) fn check(servers: Result<Servers>, surroundings: Surroundings) -> (Vec<Check>, Option<Servers>) {
    let servers = match servers {
        Ok(servers) => servers,
        Err(error) => {
            // An error that says why also says what to do.
            let fix = if error.causes.is_empty() {
                surroundings.name_region().to_owned()
            } else {
                error.fixes.join("; ")
            };
            return (vec![Check::of_error(NAME, error).fix(fix)], None);
        }
    };
    if let Some(mismatch) = mismatch(&servers) {
        return (vec![mismatch], None);
    }
    let region = format!("{} ({})", servers.region.aws, servers.region.domain);
    let mut checks = vec![match servers.region_source {
        RegionSource::Name => Check::ok(NAME, region),
        RegionSource::LoginUrl => Check::ok(NAME, format!("{region}, by the login URL")),
        RegionSource::Default if servers.host != servers.region.domain => {
            Check::ok(NAME, format!("none, since the login server is {}", servers.host))
        }
        RegionSource::Default => {
            let fix = surroundings.name_region();
            Check::warning(NAME, format!("{region}, the default"))
                .because("no region was given")
                .fix(format!("{fix}; doctor --find-region tells which one knows the client"))
        }
    }];
    let is_remote = [&servers.login_url, &servers.api_url].iter().any(|url| !url.is_loopback());
    checks.extend(servers.foreign_hosts.iter().map(|warning| {
        if is_remote {
            Check::warning(NAME, warning)
                .because("the credential goes there")
                .fix("unset it unless it is meant")
        } else {
            Check::ok(NAME, format!("{warning}, on this machine"))
        }
    }));
    checks.extend(servers.warnings.iter().map(|warning| {
        Check::warning(NAME, warning).because("other tools may call the URL as it is").fix("shorten it")
    }));
    (checks, Some(servers))
}

/// What is wrong with a login URL that is one of Genesys' own.
fn mismatch(servers: &Servers) -> Option<Check> {
    let login_host = servers.login_url.host();
    let other = region::of_host(login_host).filter(|other| *other != servers.region)?;
    let detail = format!("the region is {}, and the login URL is of {}", servers.region.aws, other.aws);
    let check = Check::failed(NAME, Category::Usage, detail)
        .because("the token would be of one region, and the tools' calls go to another")
        .fix("leave GENESYS_TOKEN_LOGIN_URL and --login-url out, and name the region alone");
    Some(check)
}
