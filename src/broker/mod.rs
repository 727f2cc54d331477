//! One token for many processes: when to reuse, to renew, to wait, and to share a refusal.
//!
//! The promises:
//!
//! 1. A hit takes no lock and opens no connection.
//! 2. Per key, one process asks the login server at a time; the others use what it learns, token or refusal.
//! 3. Nobody sleeps while holding the lock.
//! 4. Nobody waits longer than half the deadline for another process, which may be stopped: then it asks
//!    without the lock.
//! 5. While there is a token to hand out, the login server is tried briefly and rarely, and its failure is a
//!    warning.
//! 6. Whatever was learned by a request sent after this call began answers this call, whatever its flags.
//! 7. Whoever is stopped while he asks hands out no token that has ended meanwhile, and replaces none that
//!    was asked for later.
//!
//! Limitation: **rule 2 is best effort** where rule 4 applies, or where the file system has no locks.

mod call;
mod policy;

use std::time::Duration;

pub use policy::{GRACE, Verdict, Wishes, judge};

use crate::cache::Store;
use crate::error::Result;
use crate::login::Login;
use crate::random::Random;
use crate::time::{Clock, humane};
use crate::token::Token;

/// Everything a call needs, all of it given.
pub struct Broker<'a> {
    /// The cache, if there is one.
    pub store: Option<&'a Store>,
    /// The login server.
    pub login: &'a dyn Login,
    /// The time.
    pub clock: &'a dyn Clock,
    /// Jitter and salts.
    pub random: &'a dyn Random,
}

/// How one call wants its token.
#[derive(Clone, Copy, Debug)]
pub struct Request {
    /// What the token must be like.
    pub wishes: Wishes,
    /// Ask whether a cached token is alive once it is older than this.
    pub verify_after: Option<Duration>,
    /// For the whole call.
    pub timeout: Duration,
}

/// Why a token was fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// Nothing usable was cached.
    NoEntry,
    /// The cached one had this little left.
    Expires(Duration),
    /// The caller wanted a fresh one.
    Forced,
    /// The API host no longer took the cached one.
    NotAlive,
}

/// Where a token came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The cache had it.
    Reused,
    /// Another process fetched it while this one waited so long.
    Waited(Duration),
    /// This process fetched it.
    Fetched(Why),
}

/// A token, where it came from, and what the user should know about that.
#[derive(Clone, Debug)]
pub struct Handed {
    /// The token.
    pub token: Token,
    /// Where it came from.
    pub source: Source,
    /// Warnings, each a sentence without a full stop.
    pub remarks: Vec<String>,
}

impl Broker<'_> {
    /// A valid token, from the cache when it can.
    ///
    /// # Errors
    /// No token could be had before the deadline, or the server refused, or its tokens are too short-lived.
    pub fn token(&self, request: Request) -> Result<Handed> {
        call::Call::new(self, request).run()
    }
}

impl Source {
    /// Whether this process asked the login server.
    pub fn is_fetched(self) -> bool {
        matches!(self, Self::Fetched(_))
    }

    /// The word for it in JSON output.
    pub fn word(self) -> &'static str {
        match self {
            Self::Reused => "reused",
            Self::Waited(_) => "waited",
            Self::Fetched(_) => "fetched",
        }
    }
}

impl std::fmt::Display for Why {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NoEntry => f.write_str("no entry"),
            Self::Expires(left) if left.is_zero() => f.write_str("expired"),
            Self::Expires(left) => write!(f, "expires in {}", humane(*left)),
            Self::Forced => f.write_str("forced"),
            Self::NotAlive => f.write_str("not alive"),
        }
    }
}
