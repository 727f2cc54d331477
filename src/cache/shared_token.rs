//! A token as one machine tells another of it: sealed, with its times on a clock that both can read.
//!
//! A machine that takes it seals it anew with local times. It never lies in the cache as it came.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::derived_keys::DerivedKeys;
use super::fence;
use super::seal::{self, InvalidRecord};
use super::token_facts::TokenFacts;
use crate::organization::NamedEntity;
use crate::random::Random;
use crate::time::{CommonClock, CommonTime, Timestamp};
use crate::token::{AccessToken, Lifetime, Token};

/// Changes when a field gets another meaning. Fields may be added: an older program passes over them.
const VERSION: u32 = 1;

/// A token of another machine, in the terms of this one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SharedToken {
    /// The token, with local times.
    pub token: Token,
    /// Its lifetime, which is always known.
    pub lifetime: Lifetime,
    /// When it was requested, on the common clock.
    pub requested_at: CommonTime,
    /// What the other machine has learned about it.
    pub facts: TokenFacts,
}

/// The sealed part. Durations are in microseconds.
#[derive(Serialize, Deserialize)]
struct Payload {
    version: u32,
    token: Zeroizing<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    scope: Option<String>,
    /// When it was requested.
    requested_at: CommonTime,
    /// How long the answer took.
    answered_after: u64,
    /// L.
    lives: u64,
    /// When it was requested, on the clock of the machine that sealed this.
    requested_here: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    alive_at: Option<CommonTime>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    organization: Option<NamedEntity>,
}

/// Seals `token` under `name` for machines that can read `clock`. It was requested at `requested_at` on that clock.
/// `None` when it has no lifetime, or the system no randomness.
pub(super) fn encode(
    keys: &DerivedKeys,
    name: &str,
    token: &Token,
    requested_at: CommonTime,
    facts: TokenFacts,
    clock: CommonClock,
    random: &dyn Random,
) -> Option<Vec<u8>> {
    let Lifetime { requested_at: requested_here, received_at, expires_at } = token.lifetime?;
    let micros = |duration: Duration| u64::try_from(duration.as_micros()).ok();
    let payload = Payload {
        version: VERSION,
        token: Zeroizing::new(token.value.expose().to_owned()),
        scope: token.scope.clone(),
        requested_at,
        answered_after: micros(received_at.since(requested_here))?,
        lives: micros(expires_at.since(requested_here))?,
        requested_here,
        alive_at: facts.alive_at.map(|at| clock.to_common(at)),
        organization: facts.organization,
    };
    seal::seal_json(keys, name, &payload, random)
}

/// Opens what [`encode`] made under the same `name`, and moves its times to this machine's clock, which shows `now`.
///
/// # Errors
/// Anything but an intact record of a token that lives: its age is neither negative nor beyond its life on the common
/// clock, and it is within the fence by this machine's own.
pub(super) fn decode(
    keys: &DerivedKeys,
    name: &str,
    record: &[u8],
    clock: CommonClock,
    now: Timestamp,
) -> Result<SharedToken, InvalidRecord> {
    let payload: Payload = seal::open_json(keys, name, record)?;
    let Payload { version, token, scope, requested_at, alive_at, organization, .. } = payload;
    let value = AccessToken::parse(token.as_str()).map_err(|_| InvalidRecord)?;
    let lives = Duration::from_micros(payload.lives);
    let here = clock.to_local(requested_at);
    let lifetime = Lifetime {
        requested_at: here,
        received_at: here.plus(Duration::from_micros(payload.answered_after)),
        expires_at: here.plus(lives),
    };
    let is_alive = requested_at <= clock.read_at() && now < lifetime.expires_at;
    if version != VERSION || !is_alive || !fence::admits(payload.requested_here, lives, now) {
        return Err(InvalidRecord);
    }
    let alive_at = alive_at.filter(|at| *at <= clock.read_at()).map(|at| clock.to_local(at));
    let facts = TokenFacts { organization, alive_at, ..TokenFacts::default() };
    let token = Token { value, lifetime: Some(lifetime), scope };
    Ok(SharedToken { token, lifetime, requested_at, facts })
}

#[cfg(test)]
mod tests {
    use serde::de::IgnoredAny;
    use serde_json::json;

    use super::*;
    use crate::client::ClientSecret;
    use crate::random::SystemRandom;

    const NAME: &str = "a-name";
    const LIVES: i64 = 100;
    /// When the token was requested, on the giver's clock and on the common one.
    const REQUESTED: i64 = 1_000;
    const FENCE_SECS: i64 = 900;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_secs(seconds)
    }

    fn keys() -> DerivedKeys {
        DerivedKeys::new(&ClientSecret::parse("secret").unwrap().0).for_build()
    }

    fn record() -> Vec<u8> {
        let lifetime = Lifetime {
            requested_at: at(REQUESTED),
            received_at: at(REQUESTED + 1),
            expires_at: at(REQUESTED + LIVES),
        };
        let value = AccessToken::parse("abc").unwrap();
        let token = Token { value, lifetime: Some(lifetime), scope: None };
        let clock = CommonClock::new(at(REQUESTED), at(REQUESTED));
        let requested_at = clock.to_common(at(REQUESTED));
        let random = SystemRandom::default();
        encode(&keys(), NAME, &token, requested_at, TokenFacts::default(), clock, &random).unwrap()
    }

    /// Whether a machine takes the token whose own clock shows `local` while the common one shows `common`.
    fn is_taken(common: Timestamp, local: Timestamp) -> bool {
        decode(&keys(), NAME, &record(), CommonClock::new(common, local), local).is_ok()
    }

    #[test]
    fn a_token_lives_from_its_request_to_its_end_on_the_common_clock() {
        let moment = Duration::from_micros(1);
        let (begin, end) = (at(REQUESTED), at(REQUESTED + LIVES));
        for (common, expected) in [
            (begin.minus(moment), false),
            (begin, true),
            (end.minus(moment), true),
            (end, false),
            (end.plus(Duration::from_hours(1)), false),
        ] {
            assert_eq!(is_taken(common, at(REQUESTED)), expected, "{common:?}");
        }
    }

    #[test]
    fn a_machine_whose_own_clock_is_a_quarter_of_an_hour_off_takes_nothing() {
        let moment = Duration::from_micros(1);
        let (earliest, latest) = (at(REQUESTED - FENCE_SECS), at(REQUESTED + LIVES + FENCE_SECS));
        for (local, expected) in
            [(earliest.minus(moment), false), (earliest, true), (latest, true), (latest.plus(moment), false)]
        {
            assert_eq!(is_taken(at(REQUESTED + 10), local), expected, "{local:?}");
        }
    }

    #[test]
    fn a_record_of_another_version_is_none() {
        let record = record();
        let (_, payload): (IgnoredAny, _) = seal::open(&keys(), NAME, &record).unwrap();
        let text = String::from_utf8(payload.to_vec()).unwrap();
        let open = |text: &str| {
            let random = SystemRandom::default();
            let record = seal::seal(&keys(), NAME, &json!({}), text.as_bytes(), &random).unwrap();
            decode(&keys(), NAME, &record, CommonClock::new(at(REQUESTED), at(REQUESTED)), at(REQUESTED))
        };
        assert!(open(&text).is_ok());
        assert_eq!(open(&text.replace("\"version\":1", "\"version\":2")), Err(InvalidRecord));
        assert!(open(&text.replace("\"version\":1", "\"version\":1,\"of_a_later_program\":7")).is_ok());
    }
}
