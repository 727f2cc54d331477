//! The doctor's last sentence.

use super::check::{Check, Status};

/// All is well, or the first thing to do.
pub(crate) fn summary(checks: &[Check]) -> String {
    let first = |status| checks.iter().find(|check| check.status == status);
    match (first(Status::Failed), first(Status::Warning)) {
        (Some(failed), _) => format!("do this first: {}", failed.fix.as_deref().unwrap_or(&failed.detail)),
        (None, Some(warning)) => {
            format!("it works; to do: {}", warning.fix.as_deref().unwrap_or(&warning.detail))
        }
        (None, None) => "all is well: get, bind and exec provide a token here".to_owned(),
    }
}
