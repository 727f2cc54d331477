//! That the shared cache could not be used, for every process of this machine: none of them asks it for a while.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::derived_keys::DerivedKeys;
use super::seal::{self, InvalidRecord};
use crate::random::Random;
use crate::time::Timestamp;

/// Nobody of this machine asks the shared cache for so long.
const PAUSE: Duration = Duration::from_secs(30);

/// That the shared cache could not be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outage {
    /// When that was found.
    pub found_at: Timestamp,
    /// Why, in words.
    pub reason: String,
}

/// The sealed part.
#[derive(Serialize, Deserialize)]
struct Payload {
    /// Which store, user and prefix it is about.
    identity: String,
    reason: String,
    found_at: Timestamp,
}

/// Seals `outage` of the shared cache `identity` under the record's `name`. `None` when the system has no randomness.
pub(super) fn encode(
    keys: &DerivedKeys,
    name: &str,
    identity: &str,
    outage: &Outage,
    random: &dyn Random,
) -> Option<Vec<u8>> {
    let Outage { found_at, reason } = outage.clone();
    let payload = Payload { identity: identity.to_owned(), reason, found_at };
    seal::seal_json(keys, name, &payload, random)
}

/// Opens what [`encode`] made under the same `name`.
///
/// # Errors
/// Anything but an intact record of the same shared cache that means something `now`.
pub(super) fn decode(
    keys: &DerivedKeys,
    name: &str,
    identity: &str,
    now: Timestamp,
    record: &[u8],
) -> Result<Outage, InvalidRecord> {
    let Payload { identity: of, reason, found_at } = seal::open_json(keys, name, record)?;
    let is_on = found_at <= now && now.since(found_at) < PAUSE;
    if of == identity && is_on { Ok(Outage { found_at, reason }) } else { Err(InvalidRecord) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::ClientSecret;
    use crate::random::SystemRandom;

    #[test]
    fn an_outage_is_on_for_half_a_minute_and_of_one_shared_cache() {
        let keys = DerivedKeys::new(&ClientSecret::parse("s".repeat(43)).unwrap().0);
        let found_at = Timestamp::from_secs(100);
        let outage = Outage { found_at, reason: "it is down".to_owned() };
        let record = encode(&keys, "n", "this one", &outage, &SystemRandom::default()).unwrap();
        let read = |identity: &str, now: Timestamp| {
            decode(&keys, "n", identity, now, &record).map(|read| read == outage)
        };
        let just_before = Duration::from_micros(1);
        let end = found_at.plus(PAUSE);
        for (now, is_on) in [
            (found_at.minus(just_before), false),
            (found_at, true),
            (end.minus(just_before), true),
            (end, false),
        ] {
            assert_eq!(read("this one", now).is_ok_and(|is_same| is_same), is_on, "{now:?}");
        }
        assert_eq!(read("another one", found_at), Err(InvalidRecord));
    }
}
