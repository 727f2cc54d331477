//! One cached token on disk.

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::root::Root;
use super::seal::{self, Unreadable};
use crate::random::Random;
use crate::scope::Scopes;
use crate::secret::Secret;
use crate::time::Timestamp;
use crate::token::{Lifetime, Token};

/// The readable part of an entry: who it is for and until when. Authenticated together with the token.
#[derive(Debug, Serialize, Deserialize)]
pub struct Readable {
    /// Whose token it is.
    pub client_id: String,
    /// The login server that gave it.
    pub login_url: String,
    /// The scopes asked for, space-separated.
    pub scopes: String,
    /// The times of the token.
    #[serde(flatten)]
    pub times: Times,
}

/// The part of the header that a hit needs.
#[derive(Debug, Serialize, Deserialize)]
pub struct Times {
    /// Just before the request was sent; microseconds since the epoch.
    pub requested_at: Timestamp,
    /// When the answer was there; microseconds since the epoch.
    pub received_at: Timestamp,
    /// When the token ends; microseconds since the epoch.
    pub expires_at: Timestamp,
    /// The scopes the server says it granted.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub granted: Option<String>,
}

/// Who an entry is written for.
#[derive(Clone, Debug)]
pub struct Owner {
    /// The client id.
    pub client_id: String,
    /// The login server's base URL.
    pub login_url: String,
    /// The scopes asked for.
    pub scopes: Scopes,
}

/// The file content of `token`. `None` when it has no lifetime, or the system no randomness.
pub fn encode(owner: &Owner, root: &Root, name: &str, token: &Token, random: &dyn Random) -> Option<Vec<u8>> {
    let lifetime = token.lifetime?;
    let header = Readable {
        client_id: owner.client_id.clone(),
        login_url: owner.login_url.clone(),
        scopes: owner.scopes.to_string(),
        times: Times {
            requested_at: lifetime.requested_at,
            received_at: lifetime.received_at,
            expires_at: lifetime.expires_at,
            granted: token.scope.clone(),
        },
    };
    seal::seal(root, name, &header, token.value.expose().as_bytes(), random)
}

/// The token in a file that [`encode`] made. The file's name stands for owner and scopes: it is part of what
/// is authenticated, so only the times need to be read.
///
/// # Errors
/// Anything but an intact entry of this root and name.
pub fn decode(root: &Root, name: &str, file: &[u8]) -> Result<Token, Unreadable> {
    let (times, payload): (Times, Zeroizing<Vec<u8>>) = seal::open(root, name, file)?;
    let value = std::str::from_utf8(&payload).map_err(|_| Unreadable)?;
    Ok(Token {
        value: Secret::from(value),
        lifetime: Some(Lifetime {
            requested_at: times.requested_at,
            received_at: times.received_at,
            expires_at: times.expires_at,
        }),
        scope: times.granted,
    })
}
