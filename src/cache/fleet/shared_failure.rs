//! The failure record of a client as one machine tells another of it, with its times on the store's clock.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::cache::derived_keys::DerivedKeys;
use crate::cache::failure_record::{FailureRecord, RecordClass};
use crate::cache::fence;
use crate::cache::seal::{self, InvalidRecord};
use crate::error::Error;
use crate::random::Random;
use crate::time::{CommonClock, CommonTime, Timestamp};

/// Changes when a field gets another meaning. Fields may be added: an older program passes over them.
const VERSION: u32 = 1;
/// How long the record says something behind the time before which a request is useless: how many failures came in a
/// row.
const AFTERLIFE: Duration = Duration::from_mins(5);

/// A failure of another machine, in the terms of this one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SharedFailure {
    /// The record, with local times.
    pub record: FailureRecord,
    /// When its request was sent, on the common clock.
    pub requested_at: CommonTime,
}

/// The sealed part. Durations are in microseconds.
#[derive(Serialize, Deserialize)]
struct Payload {
    version: u32,
    class: RecordClass,
    requested_at: CommonTime,
    answered_after: u64,
    /// From the answer to the time before which another request is useless.
    waits: u64,
    /// When the request was sent, on the clock of the machine that sealed this.
    requested_here: Timestamp,
    streak: u32,
    error: Error,
}

/// How long the store keeps `record`, from its request on.
pub(super) fn life(record: &FailureRecord) -> Duration {
    record.not_before.since(requested_here(record)).saturating_add(AFTERLIFE)
}

fn requested_here(record: &FailureRecord) -> Timestamp {
    record.requested_at.unwrap_or(record.answered_at)
}

/// Seals `record` under `name`. Its request was sent at `requested_at` on the common clock. `None` when the system has no
/// randomness.
pub(super) fn encode(
    keys: &DerivedKeys,
    name: &str,
    record: &FailureRecord,
    requested_at: CommonTime,
    random: &dyn Random,
) -> Option<Vec<u8>> {
    let micros = |duration: Duration| u64::try_from(duration.as_micros()).ok();
    let requested_here = requested_here(record);
    let payload = Payload {
        version: VERSION,
        class: record.class,
        requested_at,
        answered_after: micros(record.answered_at.since(requested_here))?,
        waits: micros(record.not_before.since(record.answered_at))?,
        requested_here,
        streak: record.streak,
        error: record.error.clone(),
    };
    seal::seal_json(keys, name, &payload, random)
}

/// Opens what [`encode`] made under the same `name`, and moves its times to this machine's clock, which shows `now`. The
/// store keeps it for `left`.
///
/// # Errors
/// Anything but an intact record whose age is neither negative nor beyond its life on the common clock, that the store
/// keeps no longer than it lives, and that is within the fence.
pub(super) fn decode(
    keys: &DerivedKeys,
    name: &str,
    record: &[u8],
    left: Duration,
    clock: CommonClock,
    now: Timestamp,
) -> Result<SharedFailure, InvalidRecord> {
    let payload: Payload = seal::open_json(keys, name, record)?;
    let Payload { version, class, requested_at, requested_here, streak, error, .. } = payload;
    let here = clock.to_local(requested_at);
    let answered_at = here.plus(Duration::from_micros(payload.answered_after));
    let record = FailureRecord {
        class,
        requested_at: Some(here),
        answered_at,
        transport_id: None,
        not_before: answered_at.plus(Duration::from_micros(payload.waits)),
        streak,
        error,
    };
    let life = life(&record);
    let is_in_time = answered_at <= now && now.since(here) < life && left <= life;
    if version != VERSION || !is_in_time || !fence::admits(requested_here, life, now) {
        return Err(InvalidRecord);
    }
    Ok(SharedFailure { record, requested_at })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::ClientSecret;
    use crate::random::SystemRandom;

    const LEFT: Duration = Duration::from_mins(5);
    /// Until the time that the record names, and five minutes more.
    const LIFE: i64 = 60 + 300;

    /// Opens a record of a request that the sealing machine sent at `requested_here`, and that was sent at 1000 on the
    /// common clock, which shows what this machine's does.
    fn opened(requested_here: i64, answered_after: i64, now: i64, left: Duration) -> bool {
        let at = Timestamp::from_secs;
        let keys = DerivedKeys::new(&ClientSecret::parse("a-secret").expect("a secret").0);
        let answered_at = at(requested_here + answered_after);
        let record = FailureRecord {
            class: RecordClass::RateLimited,
            requested_at: Some(at(requested_here)),
            answered_at,
            transport_id: None,
            not_before: at(requested_here + 60),
            streak: 1,
            error: Error::internal("no"),
        };
        let clock = CommonClock::new(at(now), at(now));
        let requested_at = clock.to_common(at(1000));
        let sealed =
            encode(&keys, "name", &record, requested_at, &SystemRandom::default()).expect("it is sealed");
        decode(&keys, "name", &sealed, left, clock, at(now)).is_ok()
    }

    #[test]
    fn a_record_counts_from_its_answer_to_the_end_of_its_life() {
        assert!(opened(1000, 2, 1002, LEFT));
        assert!(!opened(1000, 2, 1001, LEFT), "before its answer");
        assert!(opened(1000, 2, 1000 + LIFE - 1, LEFT));
        assert!(!opened(1000, 2, 1000 + LIFE, LEFT), "at its end");
    }

    #[test]
    fn a_record_that_the_store_keeps_longer_than_it_lives_is_none() {
        let life = Duration::from_secs(LIFE.unsigned_abs());
        assert!(opened(1000, 2, 1010, life));
        assert!(!opened(1000, 2, 1010, life + Duration::from_millis(1)));
    }

    #[test]
    fn a_record_of_a_machine_whose_clock_is_far_away_is_none() {
        assert!(opened(1000 + 600, 2, 1010, LEFT));
        assert!(!opened(1000 + 1200, 2, 1010, LEFT));
    }
}
