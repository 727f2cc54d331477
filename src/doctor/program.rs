//! The program itself, against the step that calls it.

use super::Check;
use crate::commands::STEP_PROTOCOL;
use crate::error::Category;

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
