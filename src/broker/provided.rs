//! What the broker provides.

use std::fmt;
use std::time::Duration;

use crate::cache::TokenFacts;
use crate::duration::format_duration;
use crate::token::Token;

/// A token, where it came from, and what the user should know about that.
#[derive(Clone, Debug)]
pub struct Provided {
    /// The token.
    pub token: Token,
    /// Where it came from.
    pub source: Source,
    /// Each a sentence without a full stop.
    pub warnings: Vec<String>,
    /// What came with a token of another agent, for a call without a cache.
    pub facts: TokenFacts,
}

/// Where a token came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The cache.
    Reused,
    /// Another process, which fetched it while this one waited so long.
    Waited(Duration),
    /// Another agent of the build.
    Build,
    /// Another machine of the fleet, through the shared cache.
    SharedCache {
        /// How long this process waited for it.
        waited: Duration,
    },
    /// The login server, called by this process.
    Fetched(RefreshReason),
}

/// Why a token was fetched. `Display` is what the line on stderr says in brackets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefreshReason {
    /// The cache had no usable token.
    NoEntry,
    /// The cached token had this much time left.
    Expires(Duration),
    /// The caller forced it.
    Forced,
    /// The API host no longer took the cached token.
    NotAlive,
}

impl fmt::Display for RefreshReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoEntry => f.write_str("no entry"),
            Self::Expires(remaining) if remaining.is_zero() => f.write_str("expired"),
            Self::Expires(remaining) => write!(f, "expires in {}", format_duration(*remaining)),
            Self::Forced => f.write_str("forced"),
            Self::NotAlive => f.write_str("not alive"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reason_of_a_fetch_is_what_the_user_reads() {
        let seconds = |seconds| RefreshReason::Expires(Duration::from_secs(seconds));
        for (reason, text) in [
            (RefreshReason::NoEntry, "no entry"),
            (seconds(0), "expired"),
            (seconds(250), "expires in 4m 10s"),
            (RefreshReason::Forced, "forced"),
            (RefreshReason::NotAlive, "not alive"),
        ] {
            assert_eq!(reason.to_string(), text);
        }
    }
}
