//! The login server's OAuth errors (RFC 6749 section 5.2).

use std::fmt;

use serde_json::Value;

use super::json;
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

/// The `error` of an error response: the codes of RFC 6749 section 5.2, and two of section 4.1.2.1 that token endpoints
/// send as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OAuthErrorCode {
    /// `invalid_request`.
    InvalidRequest,
    /// `invalid_client`.
    InvalidClient,
    /// `invalid_grant`.
    InvalidGrant,
    /// `unauthorized_client`.
    UnauthorizedClient,
    /// `unsupported_grant_type`.
    UnsupportedGrantType,
    /// `invalid_scope`.
    InvalidScope,
    /// `server_error`.
    ServerError,
    /// `temporarily_unavailable`.
    TemporarilyUnavailable,
}

impl OAuthErrorCode {
    const ALL: [(Self, &'static str); 8] = [
        (Self::InvalidRequest, "invalid_request"),
        (Self::InvalidClient, "invalid_client"),
        (Self::InvalidGrant, "invalid_grant"),
        (Self::UnauthorizedClient, "unauthorized_client"),
        (Self::UnsupportedGrantType, "unsupported_grant_type"),
        (Self::InvalidScope, "invalid_scope"),
        (Self::ServerError, "server_error"),
        (Self::TemporarilyUnavailable, "temporarily_unavailable"),
    ];

    fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find_map(|(code, name)| (name == text).then_some(code))
    }

    /// Whether the same request may succeed later.
    pub(super) fn may_pass(self) -> bool {
        matches!(self, Self::ServerError | Self::TemporarilyUnavailable)
    }
}

impl fmt::Display for OAuthErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = Self::ALL.into_iter().find_map(|(code, name)| (code == *self).then_some(name));
        f.write_str(name.unwrap_or_default())
    }
}

impl OAuthError {
    /// Parses the body of an answer; `None` when it is no OAuth error. `sent` is what must not be shown.
    pub(super) fn parse(body: &[u8], sent: &[&str]) -> Option<Self> {
        let json: Value = json::from_body(body).ok()?;
        // Any other code is a gateway's, such as `{"status":403,"error":"Forbidden"}`.
        let code = OAuthErrorCode::parse(json.get("error")?.as_str()?)?;
        let text = |field| json.get(field).and_then(Value::as_str).filter(|text| !text.is_empty());
        let description = text("error_description").or_else(|| text("description")).unwrap_or_default();
        Some(Self { code, description: sanitize(description, sent) })
    }

    /// Whether this is how Genesys reports a rate limit.
    pub(super) fn is_rate_limit(&self) -> bool {
        self.code == OAuthErrorCode::InvalidRequest && self.begins_with(RATE_LIMIT_PREFIX)
    }

    /// Whether the description has `words`, which are in lower case.
    pub(super) fn says(&self, words: &str) -> bool {
        self.description.to_ascii_lowercase().contains(words)
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
