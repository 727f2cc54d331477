//! What an error says beside its own words: what looks wrong with the settings, which servers are not Genesys' own, and
//! the command to run next.

use crate::client::{Finding, Severity};
use crate::environment::{Environment, variable};
use crate::error::{Category, Error, NextCommand};
use crate::login::RegionSource;
use crate::settings::ClientSettings;

/// The error of a call for a token.
pub(super) fn explain(error: Error, client: &ClientSettings, environment: Environment) -> Error {
    let error = match error.category {
        Category::Rejected => with_findings(error, client, environment),
        _ => error,
    };
    let error = with_foreign_hosts(error, &client.foreign_hosts);
    match (error.category, error.next) {
        (Category::Rejected | Category::Unavailable, None) => error.next(NextCommand::Doctor),
        _ => error,
    }
}

/// A call may have failed because it went to another server than the user believes.
pub(super) fn with_foreign_hosts(error: Error, foreign_hosts: &[String]) -> Error {
    foreign_hosts.iter().fold(error, Error::cause)
}

/// A mistake is the likeliest cause of a refusal; what is only unusual comes last.
fn with_findings(mut error: Error, client: &ClientSettings, environment: Environment) -> Error {
    let (mistakes, unusual): (Vec<Finding>, Vec<Finding>) =
        client.client.lint().into_iter().partition(|finding| finding.severity == Severity::Mistake);
    let region = match client.endpoint.region_source {
        RegionSource::Default => environment.near_miss(variable::REGION),
        RegionSource::Name | RegionSource::LoginUrl => None,
    };
    let fixes =
        |findings: &[Finding]| findings.iter().map(|finding| finding.fix.to_owned()).collect::<Vec<_>>();
    let messages = |findings: Vec<Finding>| findings.into_iter().map(|finding| finding.message);
    let region_fix = region.as_ref().map(|_| "set the region under the name that is read".to_owned());
    error.fixes.splice(0..0, fixes(&mistakes).into_iter().chain(region_fix));
    error.fixes.extend(fixes(&unusual));
    error.causes.splice(0..0, messages(mistakes).chain(region));
    error.causes.extend(client.warnings.iter().cloned().chain(messages(unusual)).chain(client.scopes.lint()));
    error
}
