//! The doctor's last sentence.

use super::check::{Check, Status};

/// All is well, or the first thing to do.
pub(crate) fn summary(checks: &[Check]) -> String {
    let first = |status| checks.iter().find(|check| check.status == status).map(first_fix);
    match (first(Status::Failed), first(Status::Warning)) {
        (Some(fix), _) => format!("do this first: {fix}"),
        (None, Some(fix)) => format!("it works; to do: {fix}"),
        (None, None) => "all is well: get, bind and exec provide a token here".to_owned(),
    }
}

/// The first of a finding's fixes; the table has the others.
fn first_fix(check: &Check) -> &str {
    let fixes = check.fix.as_deref().unwrap_or(&check.detail);
    fixes.split("; ").next().unwrap_or(fixes)
}
