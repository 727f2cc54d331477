//! A failure in the user's terms: what failed, why, and the next thing to do.

use std::fmt;
use std::time::Duration;

use super::category::{Category, NextCommand};
use super::lines::{MAX_LINE, MAX_MESSAGE_LINE, cut, wrapped};

/// A failure in the user's terms. Never contains a secret, a token or a Basic header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// The kind of failure, which decides the exit code.
    pub category: Category,
    /// What failed, and on what.
    pub message: String,
    /// The server's own words, fit for a log.
    pub server_text: Option<String>,
    /// What may be the reason, the likeliest first.
    pub causes: Vec<String>,
    /// What to do, the likeliest to help first.
    pub fixes: Vec<String>,
    /// Whole seconds after which another request makes sense, when that is known.
    pub retry_after: Option<u64>,
    /// The command to run next: the last of the fixes, except in the doctor.
    pub next: Option<NextCommand>,
}

/// The result of anything that can fail in the user's terms.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// An error of `category`, without a cause or a fix.
    pub fn new(category: Category, message: impl Into<String>) -> Self {
        let (causes, fixes) = (Vec::new(), Vec::new());
        let message = message.into();
        Self { category, message, server_text: None, causes, fixes, retry_after: None, next: None }
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

    /// The same error with the server's own words.
    #[must_use]
    pub fn server_text(mut self, text: &str) -> Self {
        self.server_text = Some(cut(text)).filter(|text| !text.is_empty());
        self
    }

    /// The same error with one more cause, less likely than those before.
    #[must_use]
    pub fn cause(mut self, cause: impl Into<String>) -> Self {
        self.causes.push(cause.into());
        self
    }

    /// The same error with one more thing to do, less likely to help than those before.
    #[must_use]
    pub fn fix(mut self, fix: impl Into<String>) -> Self {
        self.fixes.push(fix.into());
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

    /// The message, with the server's own words.
    pub fn whole_message(&self) -> String {
        self.server_text.iter().fold(self.message.clone(), |message, text| message + ": " + text)
    }

    /// Causes and fixes in one line.
    pub fn hint(&self) -> String {
        let next = self.next.map(|command| format!("next: {command}"));
        self.causes.iter().chain(&self.fixes).cloned().chain(next).collect::<Vec<_>>().join("; ")
    }
}

/// Several lines, for a log: what failed, then what the server said, causes and fixes.
impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let server = self.server_text.iter().map(|text| ("server", text.clone()));
        let causes = self.causes.iter().map(|cause| ("cause", cause.clone()));
        let fixes = self.fixes.iter().map(|fix| ("fix", fix.clone()));
        let retry = self.retry_after.map(|seconds| ("fix", format!("try again in {seconds} s")));
        let next = self.next.map(|command| ("next", command.to_string()));
        f.write_str(&wrapped(&self.message, MAX_MESSAGE_LINE))?;
        server
            .chain(causes)
            .chain(fixes)
            .chain(retry)
            .chain(next)
            .try_for_each(|(label, text)| write!(f, "\n  {}", wrapped(&format!("{label}: {text}"), MAX_LINE)))
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    fn error() -> Error {
        let error = Error::new(Category::Rejected, "it refused client 1: no").server_text("not found");
        error.cause("one").cause("two").fix("do it").retry_after(Duration::from_millis(1_200))
    }

    #[test]
    fn the_text_form_is_pinned() {
        assert_eq!(Error::internal("it failed").to_string(), "it failed");
        assert_eq!(
            error().next(NextCommand::FindRegion).to_string(),
            "it refused client 1: no\n  server: not found\n  cause: one\n  cause: two\n  fix: do it\n  \
             fix: try again in 2 s\n  next: genesys-token doctor --find-region"
        );
    }

    #[test]
    fn no_line_is_too_long_to_be_read_in_a_console() {
        let words = "word ".repeat(60);
        let error = Error::internal(words.trim()).cause(words.trim()).server_text(&"ä".repeat(200));
        let text = error.to_string();
        assert!(text.lines().skip(2).all(|line| line.chars().count() <= 170), "{text}");
        let causes = text.lines().skip_while(|line| !line.starts_with("  cause: "));
        assert!(causes.clone().count() > 2 && causes.map(str::len).all(|length| length <= 100), "{text}");
        assert!(text.lines().any(|line| line.trim().chars().count() == 150 && line.ends_with('…')), "{text}");
    }
}
