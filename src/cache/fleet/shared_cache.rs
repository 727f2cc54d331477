//! One client's records in a shared store.

use std::cell::RefCell;
use std::time::Duration;

use super::shared_drops::SharedDrops;
use super::shared_failure;
use super::shared_look::SharedLook;
use crate::cache::cache_key::CacheKey;
use crate::cache::derived_keys::DerivedKeys;
use crate::cache::failure_record::{FailureRecord, RecordClass};
use crate::cache::shared_token::{self, SharedToken};
use crate::cache::token_facts::TokenFacts;
use crate::client::ClientSecret;
use crate::hex::hex;
use crate::random::Random;
use crate::store::{LeaseHolder, Look, Put, SharedName, SharedStore, StoreFault, Stored};
use crate::time::{Clock, CommonClock, CommonTime, Timestamp};
use crate::token::{AccessToken, Token};

const HOLDER_BYTES: usize = 16;

/// One client's records in a store that a fleet shares, for one call. After the first fault the store is not asked again.
pub struct SharedCache<'s> {
    store: &'s dyn SharedStore,
    clock: &'s dyn Clock,
    random: &'s dyn Random,
    keys: DerivedKeys,
    token: SharedName,
    drops: SharedName,
    failure: SharedName,
    lease: SharedName,
    holder: LeaseHolder,
    fault: RefCell<Option<StoreFault>>,
    /// What binds the record of a fault to this store.
    identity: String,
}

impl<'s> SharedCache<'s> {
    /// The records of `cache_key` for callers with `secret`, under names that begin with `prefix`. `identity` names the
    /// store, the user and the prefix.
    pub fn new(
        store: &'s dyn SharedStore,
        cache_key: &CacheKey,
        secret: &ClientSecret,
        (prefix, identity): (&str, String),
        clock: &'s dyn Clock,
        random: &'s dyn Random,
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
            store,
            clock,
            random,
            keys: keys.for_fleet(),
            token: of_lane(":token"),
            drops: of_lane(":dropped"),
            failure: name(":failure"),
            lease: name(":lease"),
            holder: LeaseHolder(hex(&holder)),
            fault: RefCell::default(),
            identity,
        }
    }

    /// Where the store is, as messages name it.
    pub fn location(&self) -> String {
        self.store.location()
    }

    /// Address, user and prefix.
    pub fn identity(&self) -> &str {
        &self.identity
    }

    /// Whether the store was of no use in this call.
    pub fn has_failed(&self) -> bool {
        self.fault.borrow().is_some()
    }

    /// Asks the store nothing more in this call.
    pub fn give_up(&self, fault: StoreFault) {
        self.fault.borrow_mut().get_or_insert(fault);
    }

    fn ask<T>(&self, question: impl FnOnce() -> Result<T, StoreFault>) -> Result<T, StoreFault> {
        if let Some(fault) = &*self.fault.borrow() {
            return Err(fault.clone());
        }
        question().inspect_err(|fault| self.give_up(fault.clone()))
    }

    /// What is there now.
    ///
    /// # Errors
    /// The store can't be used.
    pub fn look(&self) -> Result<SharedLook, StoreFault> {
        // A slow answer makes a record seem older, never younger.
        let before = self.clock.now();
        let look = self.ask(|| self.store.look(&self.names(), &self.lease))?;
        Ok(self.opened(&look, before))
    }

    /// Takes the lease for `life`, and says whether it was free.
    ///
    /// # Errors
    /// The store can't be used.
    pub fn take_lease(&self, life: Duration) -> Result<bool, StoreFault> {
        self.ask(|| self.store.take_lease(&self.lease, &self.holder, life))
    }

    /// Gives the lease back.
    ///
    /// # Errors
    /// The store can't be used. The lease ends by itself.
    pub fn release_lease(&self) -> Result<(), StoreFault> {
        self.update(&mut |_, _| Vec::new())
    }

    /// Puts a token whose request was sent when the call's stopwatch showed `sent`, and gives the lease back. Leaves one
    /// that was requested later.
    ///
    /// # Errors
    /// The store can't be used.
    pub fn put_token(&self, token: &Token, sent: Duration) -> Result<(), StoreFault> {
        self.update(&mut |look, _| {
            let age = self.clock.elapsed().saturating_sub(sent);
            let requested_at = look.clock.ago(age);
            if look.token.as_ref().is_some_and(|there| there.requested_at > requested_at) {
                return Vec::new();
            }
            let Some(lifetime) = token.lifetime else { return Vec::new() };
            let record = self.sealed_token(token, requested_at, TokenFacts::default(), look.clock);
            let put = self.put(&self.token, record, lifetime.total().saturating_sub(age));
            let mut drops = look.drops.clone();
            if !drops.contains(&token.value) {
                return put.into_iter().collect();
            }
            drops.remove(&token.value);
            put.into_iter().chain(self.put_drops(&drops, look.clock)).collect()
        })
    }

    /// Puts a failure whose request was sent when the call's stopwatch showed `sent`, and gives the lease back. Leaves one
    /// whose request was sent later, and a rate limit that is longer in force.
    ///
    /// # Errors
    /// The store can't be used.
    pub fn put_failure(&self, record: &FailureRecord, sent: Duration) -> Result<(), StoreFault> {
        self.update(&mut |look, _| {
            let age = self.clock.elapsed().saturating_sub(sent);
            let requested_at = look.clock.ago(age);
            let is_better = look.failure.as_ref().is_some_and(|there| {
                let is_longer = there.record.class == RecordClass::RateLimited
                    && there.record.not_before > record.not_before;
                is_longer || there.requested_at > requested_at
            });
            if is_better {
                return Vec::new();
            }
            let (keys, name) = (&self.keys, self.failure.as_str());
            let sealed = shared_failure::encode(keys, name, record, requested_at, self.random);
            let life = shared_failure::life(record).saturating_sub(age);
            self.put(&self.failure, sealed, life).into_iter().collect()
        })
    }

    /// Adds what was learned about a token, if it is still the one that is there.
    ///
    /// # Errors
    /// The store can't be used.
    pub fn put_facts(&self, value: &AccessToken, facts: &TokenFacts) -> Result<(), StoreFault> {
        self.update(&mut |look, now| {
            let Some(there) = look.token.as_ref().filter(|there| there.token.value == *value) else {
                return Vec::new();
            };
            let facts = TokenFacts {
                organization: facts.organization.clone().or_else(|| there.facts.organization.clone()),
                alive_at: facts.alive_at.max(there.facts.alive_at),
                requested_in_build: None,
            };
            let record = self.sealed_token(&there.token, there.requested_at, facts, look.clock);
            self.put(&self.token, record, there.lifetime.remaining(now)).into_iter().collect()
        })
    }

    /// Drops a token for every machine.
    ///
    /// # Errors
    /// The store can't be used.
    pub fn drop_token(&self, token: &Token) -> Result<(), StoreFault> {
        self.update(&mut |look, now| {
            let left = token.lifetime.map_or(Duration::ZERO, |lifetime| lifetime.remaining(now));
            let mut drops = look.drops.clone();
            drops.add(&token.value, look.clock.read_at().plus(left));
            self.put_drops(&drops, look.clock).into_iter().collect()
        })
    }

    fn names(&self) -> [SharedName; 3] {
        [self.token.clone(), self.drops.clone(), self.failure.clone()]
    }

    /// `change` gets what is there and the local time.
    fn update(&self, change: &mut dyn FnMut(&SharedLook, Timestamp) -> Vec<Put>) -> Result<(), StoreFault> {
        let mut change = |look: &Look| {
            let now = self.clock.now();
            change(&self.opened(look, now), now)
        };
        self.ask(|| self.store.update(&self.names(), &self.lease, &self.holder, &mut change))
    }

    /// The records of `look`, when this machine's clock showed `now`.
    fn opened(&self, look: &Look, now: Timestamp) -> SharedLook {
        let clock = CommonClock::new(look.time, now);
        // In the order of the names that were asked for.
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

    /// What is left of a token is the smaller of what its seal and what the store says; more than it ever lived is no word
    /// of a store that we wrote to.
    fn open_token(&self, stored: &Stored, clock: CommonClock, now: Timestamp) -> Option<SharedToken> {
        let mut shared =
            shared_token::decode(&self.keys, self.token.as_str(), &stored.value, clock, now).ok()?;
        if stored.left > shared.lifetime.total() {
            return None;
        }
        shared.lifetime.expires_at = shared.lifetime.expires_at.min(now.plus(stored.left));
        shared.token.lifetime = Some(shared.lifetime);
        Some(shared)
    }

    fn sealed_token(
        &self,
        token: &Token,
        requested_at: CommonTime,
        facts: TokenFacts,
        clock: CommonClock,
    ) -> Option<Vec<u8>> {
        let name = self.token.as_str();
        shared_token::encode(&self.keys, name, token, requested_at, facts, clock, self.random)
    }

    fn put(&self, name: &SharedName, record: Option<Vec<u8>>, life: Duration) -> Option<Put> {
        Some(Put { name: name.clone(), value: record?, life }).filter(|_| !life.is_zero())
    }

    fn put_drops(&self, drops: &SharedDrops, clock: CommonClock) -> Option<Put> {
        // An empty list is written as well: the old one has a token that may be taken again.
        let life = drops.life(clock).unwrap_or(Duration::from_secs(1));
        self.put(&self.drops, drops.encode(&self.keys, self.drops.as_str(), self.random), life)
    }
}
