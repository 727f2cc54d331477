//! Access tokens (RFC 6749 section 1.4) and their lifetimes.

use std::fmt;
use std::time::Duration;

use ring::digest;

use crate::hex::hex;
use crate::secret::Secret;
use crate::time::Timestamp;

/// A bearer token (RFC 6750): visible ASCII, no white space, not empty.
///
/// `Debug` prints `****`; [`AccessToken::expose`] marks every place where the value leaves the type.
#[derive(Clone, PartialEq, Eq)]
pub struct AccessToken(Secret);

/// Why a text is no access token. `Display` completes the sentence "the token …".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvalidAccessToken {
    /// Nothing at all.
    Empty,
    /// Longer than [`AccessToken::MAX_LEN`].
    TooLong,
    /// A character that no bearer token has: white space, a control character, or none of ASCII.
    Character {
        /// Where it stands, counted from 1.
        position: usize,
    },
}

impl fmt::Display for InvalidAccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("is empty"),
            Self::TooLong => write!(f, "is longer than {} bytes", AccessToken::MAX_LEN),
            Self::Character { position } => {
                write!(f, "has a character that no bearer token has, at position {position}")
            }
        }
    }
}

impl AccessToken {
    /// Bytes. Genesys' tokens have 86; a JWT of another server may have some thousands. With its newline the longest one
    /// fills the 16 KiB that a bound file may have.
    pub const MAX_LEN: usize = 16 * 1024 - 1;

    /// Parses `value`.
    ///
    /// # Errors
    /// `value` is no bearer token. RFC 6749 appendix A.12 would allow a space, but RFC 6750 section 2.1 ends the
    /// token there.
    pub fn parse(value: impl Into<Secret>) -> Result<Self, InvalidAccessToken> {
        let value = value.into();
        let text = value.expose();
        if text.is_empty() {
            return Err(InvalidAccessToken::Empty);
        }
        if text.len() > Self::MAX_LEN {
            return Err(InvalidAccessToken::TooLong);
        }
        if text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Ok(Self(value));
        }
        let before = text.chars().take_while(char::is_ascii_graphic).count();
        Err(InvalidAccessToken::Character { position: before + 1 })
    }

    /// The token itself. The caller keeps it out of argv, logs and errors.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    /// SHA-256 of the token in hexadecimal, which tells tokens apart and gives none away.
    pub(crate) fn digest(&self) -> String {
        hex(digest::digest(&digest::SHA256, self.expose().as_bytes()).as_ref())
    }

    /// The token as any other secret, for masking.
    pub(crate) fn as_secret(&self) -> &Secret {
        &self.0
    }
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

/// When a token was requested and when it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lifetime {
    /// Just before the request was sent: `expires_in` counts from here, so that a slow answer makes the token seem
    /// older, never younger.
    pub requested_at: Timestamp,
    /// When the answer was complete.
    pub received_at: Timestamp,
    /// `requested_at` + `expires_in` (RFC 6749 section 5.1).
    pub expires_at: Timestamp,
}

impl Lifetime {
    /// L: `expires_in` as the server gave it.
    pub fn total(self) -> Duration {
        self.expires_at.since(self.requested_at)
    }

    /// r: the time left at `now`, zero when past.
    pub fn remaining(self, now: Timestamp) -> Duration {
        self.expires_at.since(now)
    }
}

/// An access token with what is known about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// The bearer token.
    pub value: AccessToken,
    /// `None` when the server gave no usable `expires_in`; such a token is never cached.
    pub lifetime: Option<Lifetime>,
    /// The scopes the server granted, separated by spaces, when it says so.
    pub scope: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bearer_token_is_visible_ascii_without_white_space() {
        assert_eq!(AccessToken::parse("a-b_c.~+/=").unwrap().expose(), "a-b_c.~+/=");
        for (text, error) in [
            ("", InvalidAccessToken::Empty),
            ("ab c", InvalidAccessToken::Character { position: 3 }),
            ("äb\n", InvalidAccessToken::Character { position: 1 }),
            ("ab\n", InvalidAccessToken::Character { position: 3 }),
            (&"a".repeat(AccessToken::MAX_LEN + 1), InvalidAccessToken::TooLong),
        ] {
            assert_eq!(AccessToken::parse(text), Err(error));
        }
        assert!(AccessToken::parse(&*"a".repeat(AccessToken::MAX_LEN)).is_ok());
    }

    #[test]
    fn debug_output_is_redacted() {
        assert_eq!(format!("{:?}", AccessToken::parse("abc")), "Ok(****)");
    }
}
