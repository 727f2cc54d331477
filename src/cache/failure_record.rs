//! The negative cache: what the last request without a cacheable token taught, for every caller of the same key.

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::derived_keys::DerivedKeys;
use super::seal::{self, InvalidRecord};
use crate::error::Error;
use crate::random::Random;
use crate::time::Timestamp;
use crate::token::{Lifetime, Token};

/// What other callers can learn from a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecordClass {
    /// Final: another request with the same credential gets the same answer.
    Refused,
    /// The server limits requests: no request before `not_before`.
    RateLimited,
    /// A failure that may pass.
    #[serde(rename = "failed")]
    Transient,
    /// A good token that can't be cached: every caller has to fetch its own.
    Uncacheable,
}

/// A record of one request without a cacheable token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailureRecord {
    /// What other callers can learn from it.
    #[serde(rename = "kind")]
    pub class: RecordClass,
    /// When the request was sent; missing in records of 0.1.0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requested_at: Option<Timestamp>,
    /// When the answer was complete.
    pub answered_at: Timestamp,
    /// The transport whose callers learn from it; missing when all do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transport_id: Option<String>,
    /// Before this time another request is useless.
    pub not_before: Timestamp,
    /// How many such answers came in a row, across processes.
    pub streak: u32,
    /// The error as its caller saw it.
    pub error: Error,
}

impl FailureRecord {
    /// Whether it means nothing any more once there is `token`: it was answered before that was requested, perhaps for
    /// another lane, and is no rate limit in force.
    pub(super) fn is_outdated_by(&self, token: &Token) -> bool {
        let Some(Lifetime { requested_at, received_at, .. }) = token.lifetime else { return false };
        let is_in_force = self.class == RecordClass::RateLimited && self.not_before > received_at;
        self.answered_at <= requested_at && !is_in_force
    }
}

/// The readable part of a failure record.
#[derive(Debug, Serialize, Deserialize)]
pub struct FailureHeader {
    /// When the record was written; microseconds since the epoch, on the writer's clock.
    #[serde(rename = "noted_at")]
    pub written_at: Timestamp,
}

/// Seals `record` under its `name`; `None` when the system has no randomness.
pub fn encode(
    keys: &DerivedKeys,
    name: &str,
    record: &FailureRecord,
    random: &dyn Random,
) -> Option<Vec<u8>> {
    let payload = serde_json::to_vec(record).ok()?;
    seal::seal(keys, name, &FailureHeader { written_at: record.answered_at }, &payload, random)
}

/// Opens what [`encode`] made under the same `name`.
///
/// # Errors
/// Anything but an intact failure record.
pub fn decode(keys: &DerivedKeys, name: &str, record: &[u8]) -> Result<FailureRecord, InvalidRecord> {
    let (_, payload): (FailureHeader, Zeroizing<Vec<u8>>) = seal::open(keys, name, record)?;
    serde_json::from_slice(&payload).map_err(|_| InvalidRecord)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::token::AccessToken;

    #[test]
    fn a_token_outdates_what_was_answered_before_its_request_unless_a_limit_is_in_force() {
        let at = Timestamp::from_secs;
        let lifetime = Lifetime {
            requested_at: at(100),
            received_at: at(110),
            expires_at: at(100).plus(Duration::from_hours(24)),
        };
        let value = AccessToken::parse("abc").unwrap();
        let token = Token { value, lifetime: Some(lifetime), scope: None };
        for (class, answered_at, not_before, expected) in [
            (RecordClass::Refused, 100, 100, true),
            (RecordClass::Transient, 101, 101, false),
            (RecordClass::Transient, 99, 200, true),
            (RecordClass::RateLimited, 99, 110, true),
            (RecordClass::RateLimited, 99, 111, false),
            (RecordClass::RateLimited, 101, 110, false),
        ] {
            let failure = FailureRecord {
                class,
                requested_at: None,
                answered_at: at(answered_at),
                transport_id: None,
                not_before: at(not_before),
                streak: 1,
                error: Error::internal("no"),
            };
            assert_eq!(failure.is_outdated_by(&token), expected, "{failure:?}");
        }
    }
}
