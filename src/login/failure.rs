//! A request that brought no token.

use std::time::Duration;

use super::oauth_error::OAuthError;
use crate::error::{Category, Error};

/// What a failure means for further requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureClass {
    /// The server has answered, and would give every caller with this credential the same answer.
    Refused,
    /// The settings of this very call prevented an answer: its CA file, its trust store, its proxy. Says nothing to
    /// other callers.
    Blocked,
    /// The server limits requests.
    RateLimited,
    /// It may pass.
    Transient,
}

/// A request that brought no token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What it means for further requests.
    pub class: FailureClass,
    /// How long the server asks callers to wait (RFC 9110 section 10.2.3).
    pub retry_after: Option<Duration>,
    /// The server's OAuth error, when it sent one.
    pub oauth: Option<Box<OAuthError>>,
    /// `ININ-Correlation-Id` of the answer, by which Genesys' support finds the request.
    pub correlation_id: Option<Box<str>>,
    /// The error for the user.
    pub error: Error,
}

impl Failure {
    /// A failure that brought no answer of the login server's.
    pub fn new(class: FailureClass, error: Error) -> Self {
        Self { class, retry_after: None, oauth: None, correlation_id: None, error }
    }

    /// No usable answer, which is `class` for further requests.
    pub(super) fn unavailable(class: FailureClass, message: String, hint: impl Into<String>) -> Self {
        Self::new(class, Error::new(Category::Unavailable, message).hint(hint))
    }

    /// A request that could not even be made.
    pub(super) fn before_request(error: Error) -> Self {
        Self::new(FailureClass::Blocked, error)
    }
}
