//! The names of one client's records in a shared store, and how they are sealed and opened.

use std::time::Duration;

use super::shared_drops::SharedDrops;
use super::shared_failure;
use super::shared_look::SharedLook;
use crate::cache::cache_key::CacheKey;
use crate::cache::derived_keys::DerivedKeys;
use crate::cache::failure_record::FailureRecord;
use crate::cache::shared_token::{self, SharedToken};
use crate::cache::token_facts::TokenFacts;
use crate::client::ClientSecret;
use crate::hex::hex;
use crate::random::Random;
use crate::store::{LeaseHolder, Look, Put, SharedName, Stored};
use crate::time::{CommonClock, CommonTime, Timestamp};
use crate::token::Token;

const HOLDER_BYTES: usize = 16;
/// What a store's milliseconds may lose of a token's time.
const ROUNDING: Duration = Duration::from_millis(100);
/// A list without a token replaces one whose token may be taken again, and need not last.
const LIFE_OF_NOTHING: Duration = Duration::from_secs(1);

/// The names of one client's records, and what seals them.
pub(super) struct SharedRecords {
    keys: DerivedKeys,
    token: SharedName,
    drops: SharedName,
    failure: SharedName,
    pub(super) lease: SharedName,
    pub(super) holder: LeaseHolder,
}

impl SharedRecords {
    /// The records of `cache_key` for callers with `secret`, under names that begin with `prefix`.
    pub(super) fn new(
        prefix: &str,
        cache_key: &CacheKey,
        secret: &ClientSecret,
        random: &dyn Random,
    ) -> Self {
        let keys = DerivedKeys::new(secret);
        let client = cache_key.client_entry_name(&keys);
        let lane = cache_key.lane.is_some().then(|| cache_key.entry_name(&keys));
        let name = |suffix: &str| SharedName::new(prefix, &client, suffix);
        let of_lane = |suffix: &str| match &lane {
            Some(lane) => name(&[suffix, ":", lane.as_str()].concat()),
            None => name(suffix),
        };
        let mut holder = [0; HOLDER_BYTES];
        // Without randomness nothing can be sealed either, so that this machine has nothing to tell.
        let _ = random.fill(&mut holder);
        Self {
            keys: keys.for_fleet(),
            token: of_lane(":token"),
            drops: of_lane(":dropped"),
            failure: name(":failure"),
            lease: name(":lease"),
            holder: LeaseHolder(hex(&holder)),
        }
    }

    /// What a look asks for.
    pub(super) fn names(&self) -> [SharedName; 3] {
        [self.token.clone(), self.drops.clone(), self.failure.clone()]
    }

    /// What `look` has in the order of [`SharedRecords::names`], when this machine's clock showed `now`. What can't be
    /// opened is missing.
    pub(super) fn open(&self, look: &Look, now: Timestamp) -> SharedLook {
        let clock = CommonClock::new(look.time, now);
        let record = |index: usize| look.records.get(index).and_then(Option::as_ref);
        let token = record(0).and_then(|stored| self.open_token(stored, clock, now));
        let drops = record(1).and_then(|Stored { value, .. }| {
            SharedDrops::decode(&self.keys, self.drops.as_str(), value, clock).ok()
        });
        let failure = record(2).and_then(|Stored { value, left }| {
            shared_failure::decode(&self.keys, self.failure.as_str(), value, *left, clock, now).ok()
        });
        let failure = failure.filter(|failure| {
            token.as_ref().is_none_or(|there| !failure.record.is_outdated_by(&there.token))
        });
        SharedLook { clock, token, failure, lease: look.lease.clone(), drops: drops.unwrap_or_default() }
    }

    /// What the store says is left of a token must fit what its seal says: a store keeps it until its end, and a little
    /// longer, since it was told of it later. More than it ever lived, or clearly less than it lives, is somebody else's word.
    fn open_token(&self, stored: &Stored, clock: CommonClock, now: Timestamp) -> Option<SharedToken> {
        let shared = shared_token::decode(&self.keys, self.token.as_str(), &stored.value, clock, now).ok()?;
        let is_too_long = stored.left > shared.lifetime.total();
        let is_too_short = now.plus(stored.left).plus(ROUNDING) < shared.lifetime.expires_at;
        (!is_too_long && !is_too_short).then_some(shared)
    }

    /// A token that was requested at `requested_at`, with what is known about it.
    pub(super) fn seal_token(
        &self,
        token: &Token,
        requested_at: CommonTime,
        facts: TokenFacts,
        clock: CommonClock,
        random: &dyn Random,
    ) -> Option<Put> {
        let name = self.token.as_str();
        let value = shared_token::encode(&self.keys, name, token, requested_at, facts, clock, random)?;
        let life = token.lifetime?.total().checked_sub(clock.read_at().since(requested_at))?;
        Some(Put { name: self.token.clone(), value, life })
    }

    /// A failure whose request was sent at `requested_at`.
    pub(super) fn seal_failure(
        &self,
        record: &FailureRecord,
        requested_at: CommonTime,
        clock: CommonClock,
        random: &dyn Random,
    ) -> Option<Put> {
        let name = self.failure.as_str();
        let value = shared_failure::encode(&self.keys, name, record, requested_at, random)?;
        let life = shared_failure::life(record).checked_sub(clock.read_at().since(requested_at))?;
        Some(Put { name: self.failure.clone(), value, life })
    }

    /// The dropped tokens.
    pub(super) fn seal_drops(
        &self,
        drops: &SharedDrops,
        clock: CommonClock,
        random: &dyn Random,
    ) -> Option<Put> {
        let value = drops.encode(&self.keys, self.drops.as_str(), random)?;
        let life = drops.life(clock).unwrap_or(LIFE_OF_NOTHING);
        Some(Put { name: self.drops.clone(), value, life })
    }
}
