//! What an error says beside its own words: what looks wrong with the settings, which servers are not Genesys' own, and
//! the command to run next.

use crate::client::Severity;
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
    let hint = joined([error.hint.clone()].iter().chain(foreign_hosts));
    error.hint(hint)
}

/// A mistake is the likeliest cause of a refusal; what is only unusual comes last.
fn with_findings(error: Error, client: &ClientSettings, environment: Environment) -> Error {
    let (mistakes, unusual): (Vec<_>, Vec<_>) =
        client.client.lint().into_iter().partition(|finding| finding.severity == Severity::Mistake);
    let region = match client.endpoint.region_source {
        RegionSource::Default => environment.near_miss(variable::REGION),
        RegionSource::Name | RegionSource::LoginUrl => None,
    };
    let causes: Vec<String> = mistakes.into_iter().map(|finding| finding.message).chain(region).collect();
    let unusual: Vec<String> = unusual.into_iter().map(|finding| finding.message).collect();
    let scopes = client.scopes.lint();
    let hint = [error.hint.clone()];
    let hint = joined(causes.iter().chain(&hint).chain(&client.warnings).chain(&unusual).chain(&scopes));
    error.hint(hint)
}

fn joined<'t>(parts: impl Iterator<Item = &'t String>) -> String {
    let parts: Vec<&str> = parts.map(String::as_str).filter(|part| !part.is_empty()).collect();
    parts.join("; ")
}
