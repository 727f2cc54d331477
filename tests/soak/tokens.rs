//! The tokens that the server issued, by its log, and the tokens that callers got, by their records.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use loopback_login_server::{ExpiresIn, Record};

use crate::caller::Caller;
use crate::keys::{self, SoakKey};

/// A token request, as the server's log has it.
#[derive(Debug)]
pub(crate) struct TokenRequest {
    pub(crate) soak_key: &'static SoakKey,
    pub(crate) arrived_at: Instant,
    /// When its answer was sent, or when the server noticed that its client had left.
    pub(crate) ended_at: Instant,
    pub(crate) token: Option<String>,
    pub(crate) lifetime: Duration,
}

impl TokenRequest {
    /// Reads a record of the server's log; `None` when it is no token request of the soak.
    pub(crate) fn read(record: &Record) -> Option<Self> {
        let behaviour = record.behaviour.as_ref()?;
        let ExpiresIn::Seconds(lifetime) = behaviour.expires_in else { return None };
        Some(Self {
            soak_key: keys::of_request(record)?,
            arrived_at: record.at,
            ended_at: record.ended.unwrap_or_else(Instant::now),
            token: record.token.clone(),
            lifetime: Duration::from_secs(lifetime.unsigned_abs()),
        })
    }

    /// When its token ends by the server's clock. The program counts from just before it sent the request, which is
    /// earlier.
    pub(crate) fn expires_at(&self) -> Instant {
        self.arrived_at + self.lifetime
    }
}

/// Every issued token, with its request.
pub(crate) fn issued(requests: &[TokenRequest]) -> HashMap<&str, &TokenRequest> {
    requests.iter().filter_map(|request| Some((request.token.as_deref()?, request))).collect()
}

/// The token that a caller printed, or whatever stands in its place.
pub(crate) fn in_answer(caller: &Caller) -> Option<String> {
    let flags = caller.get_flags().filter(|_| !caller.stdout.is_empty())?;
    if flags.json {
        let json: serde_json::Value = serde_json::from_str(&caller.stdout).unwrap_or_default();
        return Some(json["access_token"].as_str().unwrap_or(&caller.stdout).to_owned());
    }
    Some(caller.stdout.strip_suffix('\n').unwrap_or("(no newline)").to_owned())
}
