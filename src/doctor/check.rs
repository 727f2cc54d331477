//! One line of the doctor's findings.

use serde::Serialize;

use crate::error::{Category, Error};

/// The outcome of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// As it should be.
    Ok,
    /// It works, but the user should look at it.
    Warning,
    /// It can't work like this.
    Failed,
    /// Not checked, since an earlier check failed.
    Skipped,
}

/// What was checked, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    /// What was checked.
    pub name: &'static str,
    /// The outcome.
    pub status: Status,
    /// What was found.
    pub detail: String,
    /// The likely reason, when the outcome is not `Ok`.
    pub cause: Option<String>,
    /// What to do about it.
    pub fix: Option<String>,
    /// The category of the error that a call would end with.
    pub category: Option<Category>,
}

impl Check {
    fn new(name: &'static str, status: Status, detail: impl Into<String>) -> Self {
        Self { name, status, detail: detail.into(), cause: None, fix: None, category: None }
    }

    pub(super) fn ok(name: &'static str, detail: impl Into<String>) -> Self {
        Self::new(name, Status::Ok, detail)
    }

    pub(super) fn warning(name: &'static str, detail: impl Into<String>) -> Self {
        Self::new(name, Status::Warning, detail)
    }

    pub(super) fn failed(name: &'static str, category: Category, detail: impl Into<String>) -> Self {
        Self { category: Some(category), ..Self::new(name, Status::Failed, detail) }
    }

    /// The error that a call would end with, with its causes.
    pub(super) fn of_error(name: &'static str, error: Error) -> Self {
        // The doctor is the next command itself, and has fixes of its own.
        let failed = Self::failed(name, error.category, error.whole_message());
        let words = if error.causes.is_empty() { error.fixes } else { error.causes };
        Self { cause: Some(words.join("; ")).filter(|words| !words.is_empty()), ..failed }
    }

    pub(super) fn skipped(name: &'static str, failed: &str) -> Self {
        Self::new(name, Status::Skipped, format!("not checked, since {failed} failed"))
    }

    /// The same check with its cause.
    #[must_use]
    pub(super) fn because(mut self, cause: impl Into<String>) -> Self {
        self.cause = Some(cause.into());
        self
    }

    /// The same check with its fix.
    #[must_use]
    pub(super) fn fix(mut self, fix: impl Into<String>) -> Self {
        self.fix = Some(fix.into());
        self
    }
}
