//! The negative cache: what the last request without a cacheable token taught, for every caller of the same key.

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::derived_keys::DerivedKeys;
use super::seal::{self, InvalidRecord};
use crate::error::Error;
use crate::random::Random;
use crate::time::Timestamp;

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
