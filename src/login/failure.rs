//! A request that brought no token.

use std::time::Duration;

use super::oauth_error::OAuthError;
use crate::error::{Category, Error};

/// What a failure means for further requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureClass {
    /// The server has answered, and would give every caller with this credential the same answer.
    Refused,
    /// The way to the server prevented an answer, and will again: a CA file, the trust store, a proxy.
    Blocked,
    /// The server limits requests.
    RateLimited,
    /// It may pass.
    Transient,
}

impl FailureClass {
    /// Its name, for scripts.
    pub fn name(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Blocked => "blocked",
            Self::RateLimited => "rate_limited",
            Self::Transient => "transient",
        }
    }
}

/// Who learns from a failure, of all callers with the same credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// The login server has answered.
    Everyone,
    /// The network failed: every caller with this transport meets the same.
    SameTransport,
    /// Nothing was sent: the fault is in the settings of this one call.
    Nobody,
}

/// A request that brought no token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What it means for further requests.
    pub class: FailureClass,
    /// Who learns from it.
    pub audience: Audience,
    /// How long the server asks callers to wait (RFC 9110 section 10.2.3).
    pub retry_after: Option<Duration>,
    /// The server's OAuth error, when it sent one.
    pub oauth: Option<Box<OAuthError>>,
    /// `ININ-Correlation-Id` of the answer, by which Genesys' support finds the request.
    pub correlation_id: Option<Box<str>>,
    /// The error for the user.
    pub error: Box<Error>,
}

impl Failure {
    /// A failure of which everyone learns, without an OAuth error.
    pub fn new(class: FailureClass, error: Error) -> Self {
        let audience = Audience::Everyone;
        let error = Box::new(error);
        Self { class, audience, retry_after: None, oauth: None, correlation_id: None, error }
    }

    /// No usable answer, which is `class` for further requests.
    pub(super) fn unavailable(class: FailureClass, message: String) -> Self {
        Self::new(class, Error::new(Category::Unavailable, message))
    }

    /// The network gave no answer, which is `class` for further requests over the same transport.
    pub(super) fn of_network(class: FailureClass, message: String) -> Self {
        Self { audience: Audience::SameTransport, ..Self::unavailable(class, message) }
    }

    /// The same failure with one more cause.
    pub(super) fn because(self, cause: impl Into<String>) -> Self {
        self.change(|error| error.cause(cause))
    }

    /// The same failure with one more thing to do.
    pub(super) fn fix(self, fix: impl Into<String>) -> Self {
        self.change(|error| error.fix(fix))
    }

    /// The same failure with a changed error.
    pub(super) fn change(self, change: impl FnOnce(Error) -> Error) -> Self {
        Self { error: Box::new(change(*self.error)), ..self }
    }

    /// A request that could not even be made.
    pub(super) fn before_request(error: Error) -> Self {
        Self { audience: Audience::Nobody, ..Self::new(FailureClass::Blocked, error) }
    }
}
