//! JSON in the body of an answer.

use serde::de::DeserializeOwned;

/// Parses a body, which may begin with the byte order mark that some gateways add (RFC 8259 section 8.1 lets parsers
/// ignore it).
///
/// # Errors
/// It is no JSON, or not of this type.
pub(super) fn from_body<T: DeserializeOwned>(body: &[u8]) -> serde_json::Result<T> {
    serde_json::from_slice(without_mark(body))
}

/// A body without the byte order mark at its beginning.
pub(super) fn without_mark(body: &[u8]) -> &[u8] {
    body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body)
}
