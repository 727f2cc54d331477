//! Values that must never be printed: wiped when dropped, redacted in `Debug` output. And what callers write, as messages
//! quote it.

use std::fmt;
use std::path::Path;

use serde::{Deserialize, Deserializer};
use zeroize::Zeroizing;

/// What is printed in place of a secret; Jenkins writes the same.
pub(crate) const REDACTED: &str = "****";

/// Any text that opens a door: a client secret, a token, a Basic header, a proxy's URL.
///
/// It has no `Display`, and `Debug` prints `****`; [`Secret::expose`] marks every place where the value
/// leaves the type. The memory is overwritten on drop.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes ownership of a secret value.
    pub fn new(value: String) -> Self {
        Self(Zeroizing::new(value))
    }

    /// The value itself. The caller keeps it out of argv, logs and errors.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The same secret without what follows its first `length` bytes, which must end at a character.
    #[must_use]
    pub(crate) fn truncated(mut self, length: usize) -> Self {
        self.0.truncate(length);
        self
    }
}

impl From<String> for Secret {
    fn from(value: String) -> Self {
        Self::new(value)
    }
}

impl From<&str> for Secret {
    fn from(value: &str) -> Self {
        Self::new(value.to_owned())
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::new)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(REDACTED)
    }
}

/// Whether `text` may be a secret given in the wrong place, and so is not to be quoted: long, random, and
/// neither a name nor a path.
pub(crate) fn may_be_secret(text: &str) -> bool {
    /// Genesys' secrets have 43 characters.
    const MIN_LEN: usize = 40;
    let no_name = text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_+=".contains(&b));
    let random = text.bytes().any(|b| b.is_ascii_digit()) && text.bytes().any(|b| b.is_ascii_uppercase());
    text.len() >= MIN_LEN && no_name && random
}

/// Whether `text` is a URL with a password in it.
pub(crate) fn has_password(text: &str) -> bool {
    let user_and_password = text.split_once("://").and_then(|(_, rest)| rest.rsplit_once('@'));
    user_and_password.is_some_and(|(user_and_password, _)| user_and_password.contains(':'))
}

/// `text` as an error quotes it, unless it may be a secret.
pub(crate) fn quoted(text: &str) -> String {
    let shown = if may_be_secret(text) || has_password(text) { REDACTED } else { text };
    format!("'{}'", visible(shown))
}

/// A path or another text from outside, as messages show it: in one line, and what can't be seen, such as a terminal's
/// escapes, as Rust writes it.
pub(crate) fn visible(text: impl fmt::Display) -> String {
    let text = text.to_string();
    // Nearly every text, and cheap: each call has a path to show, should it fail.
    if text.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic()) {
        return text;
    }
    let is_plain = |c: char| matches!(c, ' ' | '\'' | '"' | '\\');
    let shown = |c: char| if is_plain(c) { c.to_string() } else { c.escape_debug().to_string() };
    text.chars().map(shown).collect()
}

/// A path as errors show it, unless a part of it may be a secret.
pub(crate) fn displayed_path(path: &Path) -> String {
    if path.iter().any(|part| may_be_secret(&part.to_string_lossy())) {
        REDACTED.to_owned()
    } else {
        visible(path.display())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_possible_secret_is_not_quoted_and_a_path_is() {
        let secret = "Zk3vQ9_xT1-bYp0LwR7sHn5mUe2dGc8JaKf6iOtXy4B";
        assert_eq!(quoted(secret), "'****'");
        assert_eq!(quoted("rediss://someone:p/w@cache.example:6379"), "'****'");
        assert_eq!(quoted("rediss://someone@cache.example:6379"), "'rediss://someone@cache.example:6379'");
        assert_eq!(quoted("soon"), "'soon'");
        for path in [secret.to_owned(), format!("/run/{secret}"), format!("{secret}/x")] {
            assert_eq!(displayed_path(Path::new(&path)), "****");
        }
        for path in ["genesys-prod-client-secret.txt", "/home/jenkins/agent/workspace/Team-A/deploy-42"] {
            assert_eq!(displayed_path(Path::new(path)), path);
        }
    }

    #[test]
    fn what_can_not_be_seen_is_written_out() {
        let path = Path::new("/a b/\u{e9}'\"\\\n\u{1b}[31m\u{202e}\u{200b}\u{7f}");
        assert_eq!(displayed_path(path), r#"/a b/é'"\\n\u{1b}[31m\u{202e}\u{200b}\u{7f}"#);
        assert_eq!(quoted("so\non"), r"'so\non'");
    }

    #[test]
    fn debug_output_is_redacted() {
        let secret = Secret::from("hunter2");
        assert_eq!(format!("{secret:?} {:?}", Some(&secret)), "**** Some(****)");
        assert_eq!(secret.expose(), "hunter2");
    }
}
