//! The findings so far, and whether the next check makes sense.

use super::check::{Check, Status};

/// The findings of checks that build on each other.
pub(super) struct Walk {
    checks: Vec<Check>,
    /// The first check that failed.
    failed: Option<&'static str>,
}

impl Walk {
    pub(super) fn new() -> Self {
        Self { checks: Vec::new(), failed: None }
    }

    /// Runs a check whose value later checks need; skips it when an earlier check failed.
    pub(super) fn require<T>(
        &mut self,
        name: &'static str,
        check: impl FnOnce() -> (Vec<Check>, Option<T>),
    ) -> Option<T> {
        if self.failed.is_some() {
            self.skip(name);
            return None;
        }
        let (found, value) = check();
        self.add(found);
        value
    }

    /// Adds the findings of a check that no other one needs.
    pub(super) fn observe(&mut self, name: &'static str, found: Vec<Check>) {
        if found.is_empty() && self.failed.is_some() {
            return self.skip(name);
        }
        self.add(found);
    }

    pub(super) fn skip(&mut self, name: &'static str) {
        self.checks.push(Check::skipped(name, self.failed.unwrap_or("a check")));
    }

    pub(super) fn add(&mut self, found: Vec<Check>) {
        if self.failed.is_none() {
            self.failed = found.iter().find(|check| check.status == Status::Failed).map(|check| check.name);
        }
        self.checks.extend(found);
    }

    pub(super) fn into_checks(self) -> Vec<Check> {
        self.checks
    }
}
