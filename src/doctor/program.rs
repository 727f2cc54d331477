//! The program itself, against the step that calls it, and what it is told to do.

use std::time::Duration;

use super::{Check, Wishes};
use crate::cli::ClientArgs;
use crate::env::Env;
use crate::error::{Category, Error};
use crate::output::bound::STEP_PROTOCOL;
use crate::output::report;
use crate::settings;

pub(super) fn check(step: Option<u32>) -> Check {
    let version = env!("CARGO_PKG_VERSION");
    match step {
        Some(theirs) if theirs != STEP_PROTOCOL => Check::failed(
            "program",
            Category::Usage,
            format!("genesys-token {version} speaks protocol {STEP_PROTOCOL}, and the step {theirs}"),
        )
        .because("program and shared library are of different releases")
        .fix("install the program of the library's release, or name the library's version in @Library"),
        Some(_) => Check::ok("program", format!("genesys-token {version}, which the step fits")),
        None => Check::ok("program", format!("genesys-token {version}")),
    }
}

/// The variables that every call reads beside those of the client: one that makes no sense stops them all.
pub(super) fn settings(args: &ClientArgs, min_ttl: Option<Duration>, env: &Env) -> (Vec<Check>, Wishes) {
    let mut checks = Vec::new();
    let mut note = |error: Error| {
        checks.push(
            Check::of_error("settings", error).fix("correct the variable, or unset it for the default"),
        );
    };
    let timeout = settings::timeout(args, env).unwrap_or_else(|error| {
        note(error);
        settings::TIMEOUT
    });
    let min_ttl = settings::min_ttl(min_ttl, env).unwrap_or_else(|error| {
        note(error);
        None
    });
    settings::verify_after(None, env).map_or_else(&mut note, |_| ());
    report::level(&args.log, env).map_or_else(&mut note, |_| ());
    if checks.is_empty() {
        let wanted = min_ttl
            .map_or_else(String::new, |wanted| format!(", life wanted {}", crate::time::humane(wanted)));
        checks.push(Check::ok("settings", format!("timeout {}{wanted}", crate::time::humane(timeout))));
    }
    (checks, Wishes { timeout, min_ttl })
}
