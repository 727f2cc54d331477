//! What the server does when it is asked.

use serde_json::Value;
use std::time::Duration;

/// How a server behaves, from the moment it is [set](crate::LoginServer::set).
#[derive(Debug, Clone, PartialEq)]
pub struct Behaviour {
    /// What a token request gets.
    pub answer: Answer,
    /// The time between the arrival of a token request and its answer, whichever answer that is.
    pub delay: Duration,
    /// The `expires_in` of a token answer.
    pub expires_in: ExpiresIn,
    /// The `token_type` of a token answer.
    pub token_type: String,
    /// The `scope` of a token answer: what was granted. Genesys Cloud sends none for client credentials.
    pub scope: Option<String>,
    /// Hand out this very text (it may hold anything, a newline too) in place of a fresh random token.
    pub token: Option<String>,
    /// What a request to `/api/v2/tokens/me` gets, whatever its method.
    pub verify_answer: VerifyAnswer,
    /// The time before that answer.
    pub verify_delay: Duration,
    /// By how many seconds the server's clock, which stands in its `Date` headers, is ahead of ours.
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
            clock_ahead: 0,
        }
    }
}

impl Behaviour {
    /// The default behaviour with another answer to token requests.
    pub fn answering(answer: Answer) -> Self {
        Self { answer, ..Self::default() }
    }
}

/// What a token request gets. All but [`Answer::Token`] come whatever the credentials are.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// A token, when the request is right; the error of the real thing when it is not.
    Token,
    /// HTTP 400 `invalid_request` with "rate limit exceeded; …" – the login host's rate limit – for this long,
    /// counted from the first token request under this behaviour; then tokens.
    RateLimitedFor(Duration),
    /// HTTP 429 in the form of the API host.
    TooManyRequests {
        /// The `Retry-After` header, if any.
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
    /// Any status, body and content type.
    Status(u16, String, String),
    /// HTTP 307 to this location: the one redirect that would carry the request's body along.
    Redirect(String),
    /// HTTP 200 in JSON with no body.
    EmptyBody,
    /// A right token answer padded to at least this many bytes, without a `Content-Length` to warn of it.
    HugeBody(usize),
    /// HTTP 200 and then one byte every 200 ms, for ever.
    SlowDrip,
    /// A `Content-Length` and half of the body, then the end of the connection.
    ClosedHalfway,
    /// The end of the connection without an answer.
    CloseAtOnce,
    /// A right token answer, compressed though nobody asked for it.
    Gzip,
    /// A token answer with bytes that are not UTF-8.
    InvalidUtf8,
    /// Nothing, with the connection left open.
    Swallow,
    /// This status for the first n token requests under this behaviour; then tokens.
    FailTimes(usize, u16),
}

/// The `expires_in` of a token answer.
#[derive(Debug, Clone, PartialEq)]
pub enum ExpiresIn {
    /// A number of seconds.
    Seconds(i64),
    /// A JSON string.
    Text(String),
    /// No such field.
    Missing,
    /// Any other JSON.
    Raw(Value),
}

impl Default for ExpiresIn {
    /// What a client of Genesys Cloud with the default validity of a day gets.
    fn default() -> Self {
        Self::Seconds(86_399)
    }
}

impl ExpiresIn {
    /// The value of the field, if there is to be one.
    pub(crate) fn json(&self) -> Option<Value> {
        match self {
            Self::Seconds(seconds) => Some(Value::from(*seconds)),
            Self::Text(text) => Some(Value::from(text.as_str())),
            Self::Missing => None,
            Self::Raw(value) => Some(value.clone()),
        }
    }
}

/// What a request to `/api/v2/tokens/me` gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VerifyAnswer {
    /// 200 for a live token, 401 for any other.
    Normal,
    /// This status, whatever the token.
    Status(u16),
    /// This status with this `code` in its JSON, as the Platform API puts its errors.
    Code(u16, String),
    /// This status, with the request's own `Authorization` header in every text of its JSON.
    Echo(u16),
    /// Nothing, with the connection left open.
    Swallow,
}
