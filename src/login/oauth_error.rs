//! The login server's OAuth errors (RFC 6749 section 5.2).

use std::fmt;

use serde_json::Value;

use crate::sanitize::sanitize;

/// How Genesys begins the description of a rate limit, which it reports as 400 `invalid_request`
/// (terraform-provider-genesyscloud, `genesyscloud/provider/provider.go`).
const RATE_LIMIT_PREFIX: &str = "rate limit exceeded";

/// An error response, fit to be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OAuthError {
    /// `error`.
    pub code: OAuthErrorCode,
    /// `error_description`, or Genesys' own `description`; may be empty.
    pub description: String,
}

/// The `error` of an error response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OAuthErrorCode {
    /// `invalid_request`.
    InvalidRequest,
    /// `invalid_client`.
    InvalidClient,
    /// `unauthorized_client`.
    UnauthorizedClient,
    /// `invalid_scope`.
    InvalidScope,
    /// Any other.
    Other(String),
}

impl OAuthErrorCode {
    fn parse(text: &str) -> Self {
        match text {
            "invalid_request" => Self::InvalidRequest,
            "invalid_client" => Self::InvalidClient,
            "unauthorized_client" => Self::UnauthorizedClient,
            "invalid_scope" => Self::InvalidScope,
            other => Self::Other(other.to_owned()),
        }
    }
}

impl fmt::Display for OAuthErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::InvalidRequest => "invalid_request",
            Self::InvalidClient => "invalid_client",
            Self::UnauthorizedClient => "unauthorized_client",
            Self::InvalidScope => "invalid_scope",
            Self::Other(code) => code,
        })
    }
}

impl OAuthError {
    /// Parses the body of an answer; `None` when it is no OAuth error. `sent` is what must not be shown.
    pub(super) fn parse(body: &[u8], sent: &[&str]) -> Option<Self> {
        let json: Value = serde_json::from_slice(body).ok()?;
        let code = json.get("error")?.as_str()?;
        // RFC 6749 section 5.2 allows any visible ASCII, but all codes are words like these, and a gateway's
        // `{"status":403,"error":"Forbidden"}` is no OAuth error.
        let is_word = |b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'.' | b'-');
        if code.is_empty() || !code.bytes().all(is_word) {
            return None;
        }
        let text = |field| json.get(field).and_then(Value::as_str).filter(|text| !text.is_empty());
        let description = text("error_description").or_else(|| text("description")).unwrap_or_default();
        Some(Self {
            code: OAuthErrorCode::parse(&sanitize(code, sent)),
            description: sanitize(description, sent),
        })
    }

    /// Whether this is how Genesys reports a rate limit.
    pub(super) fn is_rate_limit(&self) -> bool {
        self.code == OAuthErrorCode::InvalidRequest && self.begins_with(RATE_LIMIT_PREFIX)
    }

    /// Whether the description begins with `words`, in any case.
    pub(crate) fn begins_with(&self, words: &str) -> bool {
        self.description.get(..words.len()).is_some_and(|start| start.eq_ignore_ascii_case(words))
    }
}

/// `invalid_client: client not found`.
impl fmt::Display for OAuthError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.code)?;
        if self.description.is_empty() { Ok(()) } else { write!(f, ": {}", self.description) }
    }
}
