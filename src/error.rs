//! Failures in the user's terms: a category, its exit code, and the next thing to do.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Why a call gave no answer. Scripts key on the name (`--error-format json`) or on the exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Category {
    /// A bug, or an I/O failure with no better name. Exit code 1.
    Internal,
    /// Wrong flags or an unknown region. Exit code 2.
    Usage,
    /// The client id or secret is missing or malformed. Exit code 3.
    Credentials,
    /// The login server refused with an OAuth error (RFC 6749 section 5.2). Exit code 4.
    Rejected,
    /// Still rate-limited at the deadline. Exit code 5.
    RateLimited,
    /// No usable answer: unreachable, TLS, proxy, 5xx, redirect, or not a token response. Exit code 6.
    Unavailable,
    /// The server's tokens live shorter than `--min-ttl` requires. Exit code 7.
    Lifetime,
    /// The token is of another organisation than `--expect-org` requires. Exit code 9.
    WrongOrg,
}

impl Category {
    /// The process's exit code for this category.
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Internal => 1,
            Self::Usage => 2,
            Self::Credentials => 3,
            Self::Rejected => 4,
            Self::RateLimited => 5,
            Self::Unavailable => 6,
            Self::Lifetime => 7,
            Self::WrongOrg => 9,
        }
    }
}

/// The command that a user runs after a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NextCommand {
    /// Checks everything between here and a token.
    Doctor,
    /// Asks every region whether it knows the client.
    FindRegion,
}

impl fmt::Display for NextCommand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Doctor => "genesys-token doctor",
            Self::FindRegion => "genesys-token doctor --find-region",
        })
    }
}

/// A failure in the user's terms. Never contains a secret, a token or a Basic header.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Error {
    /// The kind of failure, which decides the exit code.
    pub category: Category,
    /// What failed, and on what.
    pub message: String,
    /// The likely cause and the next thing to do; may be empty.
    pub hint: String,
    /// Whole seconds after which another request makes sense, when that is known.
    pub retry_after: Option<u64>,
    /// The command to run next. It stands at the end of the hint wherever that is shown, except in the doctor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<NextCommand>,
}

/// The result of anything that can fail in the user's terms.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// An error of `category`, without a hint.
    pub fn new(category: Category, message: impl Into<String>) -> Self {
        Self { category, message: message.into(), hint: String::new(), retry_after: None, next: None }
    }

    /// An I/O failure or a bug.
    pub fn internal(message: impl Into<String>) -> Self {
        Self::new(Category::Internal, message)
    }

    /// A wrong flag, variable or region.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(Category::Usage, message)
    }

    /// A missing or malformed client id or secret.
    pub fn credentials(message: impl Into<String>) -> Self {
        Self::new(Category::Credentials, message)
    }

    /// The same error with the likely cause and the next thing to do.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }

    /// The same error with the time after which another request makes sense, rounded up to seconds.
    #[must_use]
    pub fn retry_after(mut self, wait: Duration) -> Self {
        self.retry_after = Some(wait.as_secs() + u64::from(wait.subsec_nanos() > 0));
        self
    }

    /// The same error with the command to run next.
    #[must_use]
    pub fn next(mut self, command: NextCommand) -> Self {
        self.next = Some(command);
        self
    }

    /// One line of JSON: `{"category","message","hint","retry_after"}`.
    pub fn to_json(&self) -> String {
        let shown = Self { hint: self.whole_hint(None), next: None, ..self.clone() };
        serde_json::to_string(&shown).expect("strings and numbers are JSON")
    }

    /// The hint, `retry`, and the command to run next.
    fn whole_hint(&self, retry: Option<String>) -> String {
        let hint = (!self.hint.is_empty()).then(|| self.hint.clone());
        let next = self.next.map(|command| format!("next: {command}"));
        [hint, retry, next].into_iter().flatten().collect::<Vec<_>>().join("; ")
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        let hint = self.whole_hint(self.retry_after.map(|seconds| format!("try again in {seconds} s")));
        if hint.is_empty() { Ok(()) } else { write!(f, "\n  hint: {hint}") }
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_form_is_pinned() {
        let error = Error::internal("it failed");
        assert_eq!(error.to_string(), "it failed");
        assert_eq!(error.clone().hint("wait").to_string(), "it failed\n  hint: wait");
        let later = error.clone().hint("wait").retry_after(Duration::from_secs(90));
        assert_eq!(later.to_string(), "it failed\n  hint: wait; try again in 90 s");
        let later = error.retry_after(Duration::from_secs(90));
        assert_eq!(later.to_string(), "it failed\n  hint: try again in 90 s");
    }

    #[test]
    fn the_next_command_ends_the_hint_in_every_form() {
        let error = Error::internal("it failed").hint("wait").retry_after(Duration::from_secs(9));
        let error = error.next(NextCommand::Doctor);
        assert_eq!(
            error.to_string(),
            "it failed\n  hint: wait; try again in 9 s; next: genesys-token doctor"
        );
        assert_eq!(
            error.to_json(),
            r#"{"category":"internal","message":"it failed","hint":"wait; next: genesys-token doctor","retry_after":9}"#
        );
        let bare = Error::internal("it failed").next(NextCommand::FindRegion);
        assert_eq!(bare.to_string(), "it failed\n  hint: next: genesys-token doctor --find-region");
    }

    #[test]
    fn a_recorded_error_keeps_its_next_command_and_older_records_have_none() {
        let error = Error::internal("it failed").next(NextCommand::FindRegion);
        let recorded = serde_json::to_string(&error).unwrap();
        assert_eq!(serde_json::from_str::<Error>(&recorded).unwrap(), error);
        let old = r#"{"category":"internal","message":"it failed","hint":"","retry_after":null}"#;
        assert_eq!(serde_json::from_str::<Error>(old).unwrap(), Error::internal("it failed"));
    }

    #[test]
    fn the_json_form_is_pinned() {
        let error = Error::new(Category::RateLimited, "still limited")
            .hint("wait")
            .retry_after(Duration::from_millis(1_200));
        assert_eq!(
            error.to_json(),
            r#"{"category":"rate_limited","message":"still limited","hint":"wait","retry_after":2}"#
        );
    }
}
