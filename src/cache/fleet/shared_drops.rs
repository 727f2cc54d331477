//! The tokens that no machine of the fleet is given any more although they have not ended.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::cache::derived_keys::DerivedKeys;
use crate::cache::seal::{self, InvalidRecord};
use crate::random::Random;
use crate::time::{CommonClock, CommonTime};
use crate::token::AccessToken;

/// Changes when a field gets another meaning. Fields may be added: an older program passes over them.
const VERSION: u32 = 1;
/// How many tokens are remembered, the newest ones. A client whose tokens are dropped more often has another problem.
const MAX_TOKENS: usize = 64;

/// Dropped tokens, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct SharedDrops(Vec<Dropped>);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Dropped {
    /// SHA-256 in hexadecimal.
    digest: String,
    expires_at: CommonTime,
}

#[derive(Serialize, Deserialize)]
struct Payload {
    version: u32,
    tokens: Vec<Dropped>,
}

impl SharedDrops {
    pub(super) fn contains(&self, value: &AccessToken) -> bool {
        let digest = value.digest();
        self.0.iter().any(|dropped| dropped.digest == digest)
    }

    /// Adds the token that ends at `expires_at`.
    pub(super) fn add(&mut self, value: &AccessToken, expires_at: CommonTime) {
        self.remove(value);
        self.0.push(Dropped { digest: value.digest(), expires_at });
        let surplus = self.0.len().saturating_sub(MAX_TOKENS);
        self.0.drain(..surplus);
    }

    /// The server has given the token anew.
    pub(super) fn remove(&mut self, value: &AccessToken) {
        let digest = value.digest();
        self.0.retain(|dropped| dropped.digest != digest);
    }

    /// How long the record is of use, by `clock`; `None` when it has no token.
    pub(super) fn life(&self, clock: CommonClock) -> Option<Duration> {
        self.0.iter().map(|dropped| dropped.expires_at.since(clock.read_at())).max()
    }

    /// Seals the list under `name`; `None` when the system has no randomness.
    pub(super) fn encode(&self, keys: &DerivedKeys, name: &str, random: &dyn Random) -> Option<Vec<u8>> {
        seal::seal_json(keys, name, &Payload { version: VERSION, tokens: self.0.clone() }, random)
    }

    /// Opens what [`SharedDrops::encode`] made under the same `name`, without what has ended by `clock`.
    ///
    /// # Errors
    /// Anything but an intact record.
    pub(super) fn decode(
        keys: &DerivedKeys,
        name: &str,
        record: &[u8],
        clock: CommonClock,
    ) -> Result<Self, InvalidRecord> {
        let Payload { version, mut tokens } = seal::open_json(keys, name, record)?;
        if version != VERSION {
            return Err(InvalidRecord);
        }
        tokens.retain(|dropped| dropped.expires_at > clock.read_at());
        Ok(Self(tokens))
    }
}
