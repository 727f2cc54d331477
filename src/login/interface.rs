//! The servers as the broker sees them.

use std::time::Duration;

use super::failure::Failure;
use crate::token::AccessToken;

/// The login server, and the API host that knows whether a token is alive.
pub trait Login {
    /// Sends one request for a token and waits at most `limit` for the answer.
    ///
    /// # Errors
    /// The request brought no token.
    fn request_token(&self, limit: Duration) -> Result<TokenGrant, Failure>;

    /// Asks the API host whether `token` is alive (`HEAD /api/v2/tokens/me`), within `limit`.
    fn check_token(&self, token: &AccessToken, limit: Duration) -> Liveness;

    /// Tells the transport of the requests from others: its trusted certificates and its proxy.
    fn transport_id(&self) -> String;
}

/// A successful token response (RFC 6749 section 5.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenGrant {
    /// The bearer token.
    pub value: AccessToken,
    /// How long it lives from the moment of the request; `None` when the server gave no usable value.
    pub expires_in: Option<Duration>,
    /// The scopes that the server granted, separated by spaces, when it says so.
    pub scope: Option<String>,
    /// What the user should know about this response, each a sentence without a full stop.
    pub warnings: Vec<String>,
}

/// Whether the API host still takes a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Liveness {
    /// It does. A 403 counts: a live token without rights.
    Alive,
    /// The API host answered 401.
    Dead,
    /// The API host did not say; the reason is in words.
    Unknown(String),
}
