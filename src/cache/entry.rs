//! The sealed form of a cached token.

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::cache_key::CacheKey;
use super::derived_keys::DerivedKeys;
use super::seal::{self, InvalidRecord};
use crate::random::Random;
use crate::time::Timestamp;
use crate::token::{AccessToken, Lifetime, Token};

/// The readable part of an entry. It is authenticated together with the token, but only with the secret; without it
/// nothing here is certain.
#[derive(Debug, Serialize, Deserialize)]
pub struct EntryHeader {
    /// The client id.
    pub client_id: String,
    /// The base URL of the login server.
    pub login_url: String,
    /// The requested scopes, separated by spaces.
    pub scopes: String,
    /// The lane, if it has one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub lane: Option<String>,
    /// What a hit needs.
    #[serde(flatten)]
    pub times: EntryTimes,
}

/// The part of the header that a hit needs. Times are microseconds since the epoch, on the writer's clock.
#[derive(Debug, Serialize, Deserialize)]
pub struct EntryTimes {
    /// Just before the request was sent.
    pub requested_at: Timestamp,
    /// When the answer was complete.
    pub received_at: Timestamp,
    /// When the token ends.
    pub expires_at: Timestamp,
    /// The scopes that the server says it granted, separated by spaces.
    #[serde(rename = "granted", skip_serializing_if = "Option::is_none", default)]
    pub scope: Option<String>,
}

impl EntryTimes {
    /// The times as a lifetime.
    pub fn lifetime(&self) -> Lifetime {
        let Self { requested_at, received_at, expires_at, .. } = *self;
        Lifetime { requested_at, received_at, expires_at }
    }
}

/// Seals `token` under the record's `name`. `None` when it has no lifetime, or the system no randomness.
pub fn encode(
    cache_key: &CacheKey,
    keys: &DerivedKeys,
    name: &str,
    token: &Token,
    random: &dyn Random,
) -> Option<Vec<u8>> {
    let Lifetime { requested_at, received_at, expires_at } = token.lifetime?;
    let header = EntryHeader {
        client_id: cache_key.client_id.as_str().to_owned(),
        login_url: cache_key.login_url.as_str().to_owned(),
        scopes: cache_key.scopes.to_string(),
        lane: cache_key.lane.as_ref().map(ToString::to_string),
        times: EntryTimes { requested_at, received_at, expires_at, scope: token.scope.clone() },
    };
    seal::seal(keys, name, &header, token.value.expose().as_bytes(), random)
}

/// Opens what [`encode`] made under the same `name`. The name stands for the cache key, and is
/// authenticated, so only the times are read.
///
/// # Errors
/// Anything but an intact entry.
pub fn decode(keys: &DerivedKeys, name: &str, record: &[u8]) -> Result<Token, InvalidRecord> {
    let (times, payload): (EntryTimes, Zeroizing<Vec<u8>>) = seal::open(keys, name, record)?;
    let value = std::str::from_utf8(&payload).map_err(|_| InvalidRecord)?;
    let value = AccessToken::parse(value).map_err(|_| InvalidRecord)?;
    Ok(Token { value, lifetime: Some(times.lifetime()), scope: times.scope })
}
