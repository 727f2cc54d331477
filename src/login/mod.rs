//! The login server: one request for a token (RFC 6749 section 4.4), and what can come back.
//!
//! A connection, a thread and the certificates come into being with the first request, never before: a hit
//! needs none of them. Asking again is the broker's business, not this module's.

pub mod answer;
mod backoff;
mod connection;
mod endpoint;
mod http;
pub mod refusal;
mod resolver;
mod route;
mod shortage;
pub mod text;

use std::time::Duration;

pub use backoff::{Backoff, retry_after};
pub use connection::{ADDRESS_REFUSED, Connection, Method, TOKENS_ME};
pub use endpoint::{Chosen, Endpoint};
pub use http::{Ahead, HttpLogin};
pub use route::{Proxy, Route};

use crate::error::Error;
use crate::secret::Secret;

/// A token as the server gave it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Granted {
    /// The bearer token.
    pub value: Secret,
    /// How long it lives from the moment it was asked for; `None` when the server did not usefully say.
    pub expires_in: Option<Duration>,
    /// The scopes granted, when the server says so.
    pub scope: Option<String>,
    /// What the user should know about this answer.
    pub remarks: Vec<String>,
}

/// What to make of a request that brought no token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outlook {
    /// The server has answered, and would answer everybody who asks with this credential the same.
    Refused,
    /// It never came to an answer, by the settings of this very call: its CA file, its trust store, its proxy.
    /// Says nothing to others.
    Blocked,
    /// Asked too often.
    RateLimited,
    /// It may pass.
    Transient,
}

/// A request that brought no token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Whether asking again makes sense.
    pub outlook: Outlook,
    /// How long the server asks to be left alone.
    pub retry_after: Option<Duration>,
    /// The error for the user.
    pub error: Error,
}

/// Whether a token still opens the door.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Liveness {
    /// It does. A 403 counts: a live token without rights.
    Alive,
    /// The API host answered 401.
    Dead,
    /// The API host did not say; the reason is in words.
    Unknown(String),
}

impl ApiAnswer {
    /// The `code` of the Platform API's errors.
    pub fn code(&self) -> Option<&str> {
        self.json.as_ref()?.get("code")?.as_str()
    }
}

/// What became of a token that was to be revoked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Revocation {
    /// The API host ended it.
    Revoked,
    /// It opens no door there.
    DeadAlready,
    /// The API host did not say so; the reason is in words.
    Failed(String),
}

/// What the API host answered to a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiAnswer {
    /// The HTTP status.
    pub status: u16,
    /// The body, if it is JSON.
    pub json: Option<serde_json::Value>,
}

/// The servers as the broker sees them.
pub trait Login {
    /// One request for a token, done within `limit`.
    ///
    /// # Errors
    /// The request brought no token.
    fn ask(&self, limit: Duration) -> Result<Granted, Failure>;

    /// Asks the API host whether `token` is alive (`HEAD /api/v2/tokens/me`), within `limit`.
    fn check(&self, token: &Secret, limit: Duration) -> Liveness;
}
