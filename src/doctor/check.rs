//! One line of the doctor's findings.

use serde::Serialize;

use crate::error::{Category, Error};

/// How a check went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// As it should be.
    Ok,
    /// It works, but somebody should look at it.
    Warning,
    /// It can't work like this.
    Failed,
    /// Not checked, since something before it failed.
    Skipped,
}

/// What was looked at, and what there is to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    /// What was looked at.
    pub name: &'static str,
    /// How it went.
    pub status: Status,
    /// What was seen.
    pub detail: String,
    /// Why it is so, when it is not as it should be.
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

    /// As it should be.
    pub fn ok(name: &'static str, detail: impl Into<String>) -> Self {
        Self::new(name, Status::Ok, detail)
    }

    /// It works, but.
    pub fn warning(name: &'static str, detail: impl Into<String>) -> Self {
        Self::new(name, Status::Warning, detail)
    }

    /// It can't work like this.
    pub fn failed(name: &'static str, category: Category, detail: impl Into<String>) -> Self {
        Self { category: Some(category), ..Self::new(name, Status::Failed, detail) }
    }

    /// What a call would end with; the error's hint is the cause.
    pub fn of_error(name: &'static str, error: Error) -> Self {
        let cause = (!error.hint.is_empty()).then_some(error.hint);
        Self { cause, ..Self::failed(name, error.category, error.message) }
    }

    /// Not checked.
    pub fn skipped(name: &'static str, since: &str) -> Self {
        Self::new(name, Status::Skipped, format!("not checked, since {since} failed"))
    }

    /// The same with the reason.
    #[must_use]
    pub fn because(mut self, cause: impl Into<String>) -> Self {
        self.cause = Some(cause.into());
        self
    }

    /// The same with what to do.
    #[must_use]
    pub fn fix(mut self, fix: impl Into<String>) -> Self {
        self.fix = Some(fix.into());
        self
    }
}
