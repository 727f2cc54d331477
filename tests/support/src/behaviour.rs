//! How a server answers its requests.

use serde_json::Value;
use std::time::Duration;

/// How a server behaves, from its start or from the moment this is [set](crate::LoginServer::set).
#[derive(Debug, Clone, PartialEq)]
pub struct Behaviour {
    /// The answer to a token request.
    pub answer: Answer,
    /// The time between the arrival of a token request and its answer, for every kind of answer.
    pub delay: Duration,
    /// The `expires_in` of a token answer.
    pub expires_in: ExpiresIn,
    /// The `token_type` of a token answer.
    pub token_type: String,
    /// The `scope` of a token answer, which lists the granted scopes. Genesys Cloud sends none for client credentials.
    pub scope: Option<String>,
    /// The text to issue as the token, which may contain anything, even a newline. `None` issues a random token.
    pub token: Option<String>,
    /// The answer to a request for `/api/v2/tokens/me`, for every method.
    pub verify_answer: VerifyAnswer,
    /// The time before that answer.
    pub verify_delay: Duration,
    /// Whether the API host tells a client its roles; otherwise it answers 403.
    pub roles_readable: bool,
    /// The clock skew in seconds: how far the time in the server's `Date` headers is ahead of ours.
    pub clock_ahead: i64,
}

impl Default for Behaviour {
    fn default() -> Self {
        Self {
            answer: Answer::Token,
            delay: Duration::ZERO,
            expires_in: ExpiresIn::default(),
            token_type: "bearer".to_owned(),
            scope: None,
            token: None,
            verify_answer: VerifyAnswer::Normal,
            verify_delay: Duration::ZERO,
            roles_readable: true,
            clock_ahead: 0,
        }
    }
}

impl Behaviour {
    /// The default behaviour, with this answer to token requests.
    pub fn answering(answer: Answer) -> Self {
        Self { answer, ..Self::default() }
    }
}

/// The answer to a token request. Only [`Answer::Token`] depends on the credentials.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// A token if the request is valid; otherwise the error that Genesys Cloud sends.
    Token,
    /// The login host's rate limit, HTTP 400 `invalid_request` with "rate limit exceeded; …", for this long from the
    /// first token request under this behaviour; then tokens.
    RateLimitedFor(Duration),
    /// HTTP 429 with a body like the API host's.
    TooManyRequests {
        /// The `Retry-After` header, if any. Each line is a header of its own.
        retry_after: Option<String>,
    },
    /// An OAuth error in JSON.
    OAuthError {
        /// The HTTP status.
        status: u16,
        /// The error code, such as `invalid_client`.
        error: String,
        /// The text, sent as `description` and as `error_description`.
        description: String,
    },
    /// This status, body and content type.
    Status(u16, String, String),
    /// HTTP 307 to this location: with this status a client that follows repeats the request's body.
    Redirect(String),
    /// HTTP 200 with the content type of JSON and an empty body.
    EmptyBody,
    /// A valid token answer padded to at least this many bytes, without a `Content-Length` that would announce it.
    HugeBody(usize),
    /// HTTP 200, then one byte every 200 ms without end.
    SlowDrip,
    /// A `Content-Length` and half of that body; then the connection is closed.
    ClosedHalfway,
    /// The connection is closed without an answer.
    CloseAtOnce,
    /// A valid token answer, compressed although the request did not accept that.
    Gzip,
    /// A token answer with bytes that are not UTF-8.
    InvalidUtf8,
    /// No answer, on a connection that stays open.
    Swallow,
    /// This status for this many token requests under this behaviour; then tokens.
    FailTimes(usize, u16),
    /// A token for a valid request without a scope, and `invalid_scope` for one with a scope.
    TokenWithoutScope,
}

/// The `expires_in` of a token answer.
#[derive(Debug, Clone, PartialEq)]
pub enum ExpiresIn {
    /// A number of seconds.
    Seconds(i64),
    /// This text, as a JSON string.
    Text(String),
    /// The field is left out.
    Missing,
    /// This JSON.
    Raw(Value),
}

impl Default for ExpiresIn {
    /// The value for a client of Genesys Cloud with the default token duration of one day.
    fn default() -> Self {
        Self::Seconds(86_399)
    }
}

impl ExpiresIn {
    /// The value of the field; `None` leaves it out.
    pub(crate) fn json(&self) -> Option<Value> {
        match self {
            Self::Seconds(seconds) => Some(Value::from(*seconds)),
            Self::Text(text) => Some(Value::from(text.as_str())),
            Self::Missing => None,
            Self::Raw(value) => Some(value.clone()),
        }
    }
}

/// The answer to a request for `/api/v2/tokens/me`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VerifyAnswer {
    /// HTTP 200 for a live token, 401 for any other.
    Normal,
    /// This status for every token.
    Status(u16),
    /// This status with this `code` in the JSON body, like an error of the Platform API.
    Code(u16, String),
    /// This status, with the request's `Authorization` header as every string of the JSON body.
    Echo(u16),
    /// No answer, on a connection that stays open.
    Swallow,
    /// The connection is closed without an answer.
    CloseAtOnce,
    /// An answer to `HEAD`, and another one to every other method.
    ByMethod {
        /// The answer to `HEAD`.
        head: Box<VerifyAnswer>,
        /// The answer to every other method.
        others: Box<VerifyAnswer>,
    },
    /// This answer to this many `HEAD`s and `GET`s under this behaviour; then the normal one.
    FirstTimes(usize, Box<VerifyAnswer>),
}
