//! The protocol with `vars/withGenesysToken.groovy`: `bind`'s answer on stdout, in lines of `NAME=value`.

use std::path::Path;

use super::files::{BIN, CURLRC, HEADERS, PROGRAM, TOKEN};
use crate::environment::variable;
use crate::error::Error;
use crate::output::{Answer, TokenOf};
use crate::time::Timestamp;

/// The version of the protocol: flags, answer lines and error line.
pub(crate) const PROTOCOL: u32 = 1;
/// What a step that says so in `GENESYS_TOKEN_STEP` may ask for beside that: an expected organisation, a lane, one token
/// for the agents of a build. A program that can do it answers with its number, since an older one would pass over a guard.
pub(crate) const STEP_FEATURES: u32 = 2;

/// The variables for the block whose directory is `dir`. None of them is secret.
pub(crate) fn answer_lines(dir: &Path, answer: &Answer, of: &TokenOf) -> String {
    let path = |name| dir.join(name).display().to_string();
    let values = [
        (variable::TOKEN_FILE, path(TOKEN)),
        (variable::HEADERS_FILE, path(HEADERS)),
        (variable::CURL_CONFIG, path(CURLRC)),
        (variable::EXPIRES_AT, answer.expires_at.map(Timestamp::rfc3339).unwrap_or_default()),
        (variable::REGION, answer.region.clone().unwrap_or_default()),
        (variable::API_REGION, answer.api_url.clone().unwrap_or_default()),
        (variable::TOKEN_OF, of.to_json()),
    ];
    values.iter().flat_map(|(variable, value)| [variable.name, "=", value, "\n"]).collect()
}

/// The line that tells the step what this program can do.
pub(crate) fn features_line() -> String {
    format!("GENESYS_TOKEN_PROTOCOL={STEP_FEATURES}\n")
}

/// The line that tells the step which program to call: on Windows alone, where a script can't print a path in UTF-8.
pub(crate) fn helper_line(dir: &Path, program: &Path, is_carried: bool) -> String {
    let carried = is_carried.then(|| dir.join(BIN).join(PROGRAM));
    format!("GENESYS_TOKEN_HELPER={}\n", carried.as_deref().unwrap_or(program).display())
}

/// The line that tells the step what to offer to the next agent of the build, or to forget.
pub(crate) fn entry_line(entry: &str) -> String {
    format!("GENESYS_TOKEN_ENTRY={entry}\n")
}

/// The line that carries an error, so that the step needs no second `sh`.
pub(crate) fn error_line(error: &Error) -> String {
    format!("GENESYS_TOKEN_ERROR={}\n", error.to_json())
}
