//! A token and its lifetimes.

use std::time::Duration;

use crate::secret::Secret;
use crate::time::Timestamp;

/// When a token was asked for and when it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lifetime {
    /// The time just before the request was sent: the server's `expires_in` counts from here, so that a slow
    /// answer makes the token seem older, never younger.
    pub requested_at: Timestamp,
    /// When the answer was there.
    pub received_at: Timestamp,
    /// `requested_at` + `expires_in`.
    pub expires_at: Timestamp,
}

impl Lifetime {
    /// L: the whole life as the server gave it.
    pub fn whole(self) -> Duration {
        self.expires_at.since(self.requested_at)
    }

    /// r: the time left at `now`, zero when past.
    pub fn left(self, now: Timestamp) -> Duration {
        self.expires_at.since(now)
    }
}

/// An access token (RFC 6749 section 5.1) with what is known about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// The bearer token (RFC 6750): one line without white space.
    pub value: Secret,
    /// Its lifetimes. `None` when the server gave no usable `expires_in`; such a token is never cached.
    pub lifetime: Option<Lifetime>,
    /// The scopes the server says it granted, space-separated, when it says so.
    pub scope: Option<String>,
}
