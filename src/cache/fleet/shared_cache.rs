//! One client's records in a shared store.

use std::cell::{OnceCell, RefCell};
use std::time::Duration;

use super::shared_look::SharedLook;
use super::shared_records::SharedRecords;
use crate::cache::cache_key::CacheKey;
use crate::cache::failure_record::{FailureRecord, RecordClass};
use crate::cache::token_facts::TokenFacts;
use crate::client::ClientSecret;
use crate::random::Random;
use crate::store::{Look, Put, SharedStore, StoreFault};
use crate::time::{Clock, Timestamp};
use crate::token::{AccessToken, Token};

/// A proof of life that is so much younger than the one that is there is worth a change: many machines find it at once.
const NEWS: Duration = Duration::from_secs(10);

/// One client's records in a store that a fleet shares, for one call. After the first fault the store is not asked again.
pub struct SharedCache<'s> {
    store: &'s dyn SharedStore,
    location: SharedLocation<'s>,
    cache_key: &'s CacheKey,
    secret: &'s ClientSecret,
    clock: &'s dyn Clock,
    random: &'s dyn Random,
    /// A hit on the disk does not need them.
    records: OnceCell<SharedRecords>,
    fault: RefCell<Option<StoreFault>>,
}

/// Where a client's records are.
#[derive(Clone, Debug)]
pub struct SharedLocation<'s> {
    /// How their names begin.
    pub prefix: &'s str,
    /// The store, the user and the prefix, to which a record of a fault is bound.
    pub identity: String,
}

impl<'s> SharedCache<'s> {
    /// The records of `cache_key` for callers with `secret`.
    pub fn new(
        store: &'s dyn SharedStore,
        location: SharedLocation<'s>,
        cache_key: &'s CacheKey,
        secret: &'s ClientSecret,
        clock: &'s dyn Clock,
        random: &'s dyn Random,
    ) -> Self {
        let (records, fault) = (OnceCell::new(), RefCell::default());
        Self { store, location, cache_key, secret, clock, random, records, fault }
    }

    /// Where the store is, as messages name it.
    pub fn location(&self) -> String {
        self.store.location()
    }

    /// The store, the user and the prefix.
    pub fn identity(&self) -> &str {
        &self.location.identity
    }

    /// Whether the store was of no use in this call.
    pub fn has_failed(&self) -> bool {
        self.fault.borrow().is_some()
    }

    /// Asks the store nothing more in this call.
    pub fn give_up(&self, fault: StoreFault) {
        self.fault.borrow_mut().get_or_insert(fault);
    }

    /// What is there now.
    ///
    /// # Errors
    /// The store can't be used.
    pub fn look(&self) -> Result<SharedLook, StoreFault> {
        let records = self.records();
        // A slow answer makes a record seem older, never younger.
        let before = self.clock.now();
        let look = self.ask(|| self.store.look(&records.names(), &records.lease))?;
        Ok(records.open(&look, before))
    }

    /// Takes the lease for `life`, and says whether it was free.
    ///
    /// # Errors
    /// The store can't be used.
    pub fn take_lease(&self, life: Duration) -> Result<bool, StoreFault> {
        let SharedRecords { lease, holder, .. } = self.records();
        self.ask(|| self.store.take_lease(lease, holder, life))
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
        self.update(&mut |records, look| {
            let requested_at = look.clock.ago(self.since(sent));
            if look.token.as_ref().is_some_and(|there| there.requested_at > requested_at) {
                return Vec::new();
            }
            let facts = TokenFacts::default();
            let put = records.seal_token(token, requested_at, facts, look.clock, self.random);
            let mut drops = look.drops.clone();
            if !drops.contains(&token.value) {
                return put.into_iter().collect();
            }
            // The server has given it anew.
            drops.remove(&token.value);
            put.into_iter().chain(records.seal_drops(&drops, look.clock, self.random)).collect()
        })
    }

    /// Puts a failure whose request was sent when the call's stopwatch showed `sent`, and gives the lease back. Leaves one
    /// whose request was sent later, and a rate limit that is longer in force.
    ///
    /// # Errors
    /// The store can't be used.
    pub fn put_failure(&self, record: &FailureRecord, sent: Duration) -> Result<(), StoreFault> {
        self.update(&mut |records, look| {
            let requested_at = look.clock.ago(self.since(sent));
            let is_better = look.failure.as_ref().is_some_and(|there| {
                let is_longer = there.record.class == RecordClass::RateLimited
                    && there.record.not_before > record.not_before;
                is_longer || there.requested_at > requested_at
            });
            if is_better {
                return Vec::new();
            }
            records.seal_failure(record, requested_at, look.clock, self.random).into_iter().collect()
        })
    }

    /// Adds what was learned about a token, if it is still the one that is there and there is no such news of it already. That
    /// gives the lease back as well.
    ///
    /// # Errors
    /// The store can't be used.
    pub fn put_facts(&self, value: &AccessToken, facts: &TokenFacts) -> Result<(), StoreFault> {
        self.update(&mut |records, look| {
            let Some(there) = look.token.as_ref().filter(|there| there.token.value == *value) else {
                return Vec::new();
            };
            let is_old = |at: Timestamp| there.facts.alive_at.is_none_or(|there| there.plus(NEWS) < at);
            let is_new_organization = facts.organization.is_some() && there.facts.organization.is_none();
            if !facts.alive_at.is_some_and(is_old) && !is_new_organization {
                return Vec::new();
            }
            let facts = TokenFacts {
                organization: facts.organization.clone().or_else(|| there.facts.organization.clone()),
                alive_at: facts.alive_at.max(there.facts.alive_at),
                requested_in_build: None,
            };
            let put = records.seal_token(&there.token, there.requested_at, facts, look.clock, self.random);
            put.into_iter().collect()
        })
    }

    /// Drops a token for every machine, and gives the lease back.
    ///
    /// # Errors
    /// The store can't be used.
    pub fn drop_token(&self, token: &Token) -> Result<(), StoreFault> {
        self.update(&mut |records, look| {
            let ends_at = token
                .lifetime
                .map_or(look.clock.read_at(), |lifetime| look.clock.to_common(lifetime.expires_at));
            let mut drops = look.drops.clone();
            drops.add(&token.value, ends_at);
            records.seal_drops(&drops, look.clock, self.random).into_iter().collect()
        })
    }

    /// The age of a request that was sent when the call's stopwatch showed `sent`. The machine's own clock may have been set
    /// meanwhile.
    fn since(&self, sent: Duration) -> Duration {
        self.clock.elapsed().saturating_sub(sent)
    }

    fn records(&self) -> &SharedRecords {
        let new = || SharedRecords::new(self.location.prefix, self.cache_key, self.secret, self.random);
        self.records.get_or_init(new)
    }

    fn update(
        &self,
        change: &mut dyn FnMut(&SharedRecords, &SharedLook) -> Vec<Put>,
    ) -> Result<(), StoreFault> {
        let records = self.records();
        let mut change = |look: &Look| change(records, &records.open(look, self.clock.now()));
        self.ask(|| {
            let SharedRecords { lease, holder, .. } = records;
            self.store.update(&records.names(), lease, holder, &mut change)
        })
    }

    fn ask<T>(&self, question: impl FnOnce() -> Result<T, StoreFault>) -> Result<T, StoreFault> {
        if let Some(fault) = &*self.fault.borrow() {
            return Err(fault.clone());
        }
        question().inspect_err(|fault| {
            // A store that many use at once is none that fails.
            if *fault != StoreFault::Contended {
                self.give_up(fault.clone());
            }
        })
    }
}
