//! What an error means to a script, and the command that follows it.

use std::fmt;

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
    pub fn exit_code(self) -> i32 {
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NextCommand {
    /// Checks everything between here and a token.
    Doctor,
    /// Asks every region whether it knows the client.
    FindRegion,
}

impl NextCommand {
    /// Parses what `Display` writes.
    pub(super) fn parse(text: &str) -> Option<Self> {
        [Self::Doctor, Self::FindRegion].into_iter().find(|command| command.to_string() == text)
    }
}

impl fmt::Display for NextCommand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Doctor => "genesys-token doctor",
            Self::FindRegion => "genesys-token doctor --find-region",
        })
    }
}
