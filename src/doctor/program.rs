//! The program itself, against the step that calls it, and the settings of every call.

use std::time::Duration;

use super::check::Check;
use crate::bound::PROTOCOL;
use crate::duration::format_duration;
use crate::error::{Category, Error};
use crate::settings::{DEFAULT_TIMEOUT, DoctorSettings};

pub(super) fn check(step_protocol: Option<u32>) -> Check {
    const NAME: &str = "program";
    let version = env!("CARGO_PKG_VERSION");
    match step_protocol {
        Some(step) if step != PROTOCOL => Check::failed(
            NAME,
            Category::Usage,
            format!("genesys-token {version} speaks protocol {PROTOCOL}, and the step {step}"),
        )
        .because("program and shared library are of different releases")
        .fix("install the program of the library's release, or name the library's version in @Library"),
        Some(_) => Check::ok(NAME, format!("genesys-token {version}, which fits the step")),
        None => Check::ok(NAME, format!("genesys-token {version}")),
    }
}

/// The settings of every call: a variable that makes no sense stops all calls. Also the timeout and the required
/// lifetime to go on with.
pub(super) fn settings(settings: &DoctorSettings) -> (Vec<Check>, Duration, Option<Duration>) {
    const NAME: &str = "settings";
    let timeout = settings.timeout.clone();
    let min_ttl = settings.min_ttl.clone();
    let errors = [timeout.clone().err(), min_ttl.clone().err()].into_iter().flatten();
    let finding = |error: Error| {
        let fix = error.hint();
        Check::failed(NAME, error.category, error.message)
            .because("every call stops at a setting that makes no sense")
            .fix(fix)
    };
    let mut checks: Vec<Check> = errors.chain(settings.other_errors.iter().cloned()).map(finding).collect();
    let (timeout, min_ttl) = (timeout.unwrap_or(DEFAULT_TIMEOUT), min_ttl.unwrap_or(None));
    if checks.is_empty() {
        let required = min_ttl
            .map_or_else(String::new, |min_ttl| format!(", required lifetime {}", format_duration(min_ttl)));
        let names: Vec<&str> = settings.set_variables.iter().map(|variable| variable.name).collect();
        let set = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
        let detail = format!("timeout {}{required}; variables set: {set}", format_duration(timeout));
        checks.push(Check::ok(NAME, detail));
    }
    (checks, timeout, min_ttl)
}
