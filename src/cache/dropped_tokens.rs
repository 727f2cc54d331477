//! The tokens that no call is given any more although they have not ended: what `invalidate`, `revoke` and `--verify`
//! dropped. So an old entry that is put back stays dropped.

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::derived_keys::DerivedKeys;
use super::seal::{self, InvalidRecord};
use crate::random::Random;
use crate::store::MAX_VALUE_LEN;
use crate::time::Timestamp;
use crate::token::AccessToken;

/// Why a token is dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DropReason {
    /// It is of no use any more.
    Discarded,
    /// It is to be ended at the server, and is kept here until that is done.
    Revoking,
}

/// A client's dropped tokens, oldest first.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct DroppedTokens(Vec<DroppedToken>);

#[derive(Debug, Serialize, Deserialize)]
struct DroppedToken {
    /// SHA-256 in hexadecimal.
    digest: String,
    expires_at: Timestamp,
    /// The token itself, until it is revoked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    to_revoke: Option<Zeroizing<String>>,
}

/// The readable part of the record.
#[derive(Debug, Serialize, Deserialize)]
struct DroppedHeader {
    /// When the last of the tokens ends; microseconds since the epoch, on the writer's clock.
    expires_at: Timestamp,
}

impl DroppedTokens {
    pub(super) fn contains(&self, value: &AccessToken) -> bool {
        // Most clients have none, and a hit is to do no more than it needs.
        !self.0.is_empty() && {
            let digest = value.digest();
            self.0.iter().any(|dropped| dropped.digest == digest)
        }
    }

    /// Adds the token that ends at `expires_at`, in place of what was said of it before.
    pub(super) fn add(&mut self, value: &AccessToken, expires_at: Timestamp, reason: DropReason) {
        self.remove(value);
        let to_revoke = (reason == DropReason::Revoking).then(|| Zeroizing::new(value.expose().to_owned()));
        self.0.push(DroppedToken { digest: value.digest(), expires_at, to_revoke });
    }

    pub(super) fn remove(&mut self, value: &AccessToken) {
        let digest = value.digest();
        self.0.retain(|dropped| dropped.digest != digest);
    }

    pub(super) fn mark_revoked(&mut self, value: &AccessToken) {
        let digest = value.digest();
        let revoked = self.0.iter_mut().find(|dropped| dropped.digest == digest);
        if let Some(revoked) = revoked {
            revoked.to_revoke = None;
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn remove_expired(&mut self, now: Timestamp) {
        self.0.retain(|dropped| dropped.expires_at > now);
    }

    /// The tokens that are still to be ended at the server, oldest first.
    pub(super) fn to_revoke(&self) -> Vec<AccessToken> {
        let values = self.0.iter().filter_map(|dropped| dropped.to_revoke.as_ref());
        values.filter_map(|value| AccessToken::parse(value.as_str()).ok()).collect()
    }

    /// Seals the list, which is not empty, under the record's `name`; without the oldest ones when it is too long for a
    /// store. `None` when the system has no randomness.
    pub(super) fn encode(&mut self, keys: &DerivedKeys, name: &str, random: &dyn Random) -> Option<Vec<u8>> {
        loop {
            let expires_at = self.0.iter().map(|dropped| dropped.expires_at).max()?;
            let payload = Zeroizing::new(serde_json::to_vec(self).ok()?);
            let record = seal::seal(keys, name, &DroppedHeader { expires_at }, &payload, random)?;
            if record.len() <= MAX_VALUE_LEN {
                return Some(record);
            }
            self.0.remove(0);
        }
    }

    /// Opens what [`DroppedTokens::encode`] made under the same `name`.
    ///
    /// # Errors
    /// Anything but an intact record.
    pub(super) fn decode(keys: &DerivedKeys, name: &str, record: &[u8]) -> Result<Self, InvalidRecord> {
        let (_, payload): (DroppedHeader, Zeroizing<Vec<u8>>) = seal::open(keys, name, record)?;
        serde_json::from_slice(&payload).map_err(|_| InvalidRecord)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::ClientSecret;
    use crate::random::SystemRandom;

    fn token(number: usize) -> AccessToken {
        AccessToken::parse(format!("{number:x>8000}")).unwrap()
    }

    #[test]
    fn a_list_too_long_for_a_store_loses_its_oldest_tokens() {
        let keys = DerivedKeys::new(&ClientSecret::parse("s".repeat(43)).unwrap().0);
        let mut dropped = DroppedTokens::default();
        for number in 0..20 {
            dropped.add(&token(number), Timestamp::from_secs(9), DropReason::Revoking);
        }
        let record = dropped.encode(&keys, "a-name", &SystemRandom::default()).unwrap();
        let read = DroppedTokens::decode(&keys, "a-name", &record).unwrap();
        assert!(read.contains(&token(19)) && !read.contains(&token(0)));
        assert_eq!(read.to_revoke().last(), Some(&token(19)));
        assert!(DroppedTokens::decode(&keys, "another-name", &record).is_err());
    }

    #[test]
    fn a_token_is_listed_until_it_has_ended_and_to_be_revoked_until_it_is() {
        let mut dropped = DroppedTokens::default();
        dropped.add(&token(1), Timestamp::from_secs(9), DropReason::Revoking);
        dropped.add(&token(2), Timestamp::from_secs(5), DropReason::Discarded);
        assert_eq!(dropped.to_revoke(), [token(1)]);
        dropped.mark_revoked(&token(1));
        assert_eq!(dropped.to_revoke(), []);
        dropped.remove_expired(Timestamp::from_secs(5));
        assert!(dropped.contains(&token(1)) && !dropped.contains(&token(2)));
    }
}
