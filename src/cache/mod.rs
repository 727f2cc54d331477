//! The cache of one client: its token, one per lane, and its last failure, sealed, in a [store](crate::store).
//!
//! A cache that can't be used never stops a token from being provided, and a record that is not intact, not ours or
//! not sealed under this secret is missing.

mod build_share;
mod cache_key;
pub mod derived_keys;
mod dropped_tokens;
pub mod entry;
pub mod failure_record;
mod fence;
mod fleet;
mod outage;
pub mod seal;
mod shared_token;
mod token_facts;

use std::io;
use std::time::Duration;

use serde::Deserialize;

pub use build_share::BuildShare;
pub use cache_key::CacheKey;
pub use derived_keys::DerivedKeys;
pub use dropped_tokens::DropReason;
pub use entry::EntryHeader;
pub use failure_record::{FailureRecord, RecordClass};
pub use fleet::{SharedCache, SharedLocation, SharedLook};
pub use outage::Outage;
pub use shared_token::SharedToken;
pub use token_facts::TokenFacts;

use crate::client::ClientSecret;
use crate::random::Random;
use crate::store::{EntryName, Held, Lease, RecordName, Slot, Store};
use crate::time::Timestamp;
use crate::token::{AccessToken, Token};
use dropped_tokens::DroppedTokens;

/// A day after its end no caller asks for a token any more, not even one with a wrong clock.
const LONG_EXPIRED: Duration = Duration::from_hours(24);

/// One client's records. Reading never fails: what is not intact and ours is missing.
pub struct Cache<'s> {
    store: &'s dyn Store,
    identity: CacheKey,
    keys: DerivedKeys,
    /// Of what all lanes share: the failure record and the lock.
    client_entry: EntryName,
    /// Of the lane's token and of what is known about it, if there is a lane.
    lane_entry: Option<EntryName>,
}

impl<'s> Cache<'s> {
    /// The records of `cache_key` for callers with `secret`.
    pub fn new(store: &'s dyn Store, cache_key: CacheKey, secret: &ClientSecret) -> Self {
        let keys = DerivedKeys::new(secret);
        let client_entry = cache_key.client_entry_name(&keys);
        let lane_entry = cache_key.lane.is_some().then(|| cache_key.entry_name(&keys));
        Self { store, identity: cache_key, keys, client_entry, lane_entry }
    }

    /// The cached token, unless it was dropped.
    pub fn token(&self) -> Option<Token> {
        self.stored_token().filter(|token| !self.has_dropped(&token.value))
    }

    fn stored_token(&self) -> Option<Token> {
        let name = self.name(Slot::Token);
        entry::decode(&self.keys, name.as_str(), &self.store.get(&name)?).ok()
    }

    /// The record of the last request without a cacheable token.
    pub fn failure(&self) -> Option<FailureRecord> {
        let name = self.name(Slot::Failure);
        failure_record::decode(&self.keys, name.as_str(), &self.store.get(&name)?).ok()
    }

    /// Replaces the token, atomically, and removes the failure record that it outdates. Leaves a token that was requested
    /// later: a process that was suspended during its request must not replace what others have fetched meanwhile.
    ///
    /// # Errors
    /// The store is full, read-only or gone. The old token is still there, whole.
    pub fn put_token(&self, token: &Token, random: &dyn Random) -> io::Result<()> {
        self.put_foreign_token(token, random)?;
        if self.dropped().contains(&token.value) {
            // The server has given it anew.
            self.change_dropped(random, |dropped| dropped.remove(&token.value))?;
        }
        Ok(())
    }

    /// The same for a token that another machine has fetched: if it was dropped here, it stays dropped.
    ///
    /// # Errors
    /// As [`Cache::put_token`].
    pub fn put_foreign_token(&self, token: &Token, random: &dyn Random) -> io::Result<()> {
        if self.has_overtaken(token) {
            return Ok(());
        }
        let name = self.name(Slot::Token);
        let record = entry::encode(&self.identity, &self.keys, name.as_str(), token, random);
        self.store.put(&name, &record.ok_or_else(unsealable)?)?;
        if self.failure().is_none_or(|failure| failure.is_outdated_by(token)) {
            let _ = self.store.remove(&self.name(Slot::Failure));
        }
        Ok(())
    }

    /// Whether the cached token was requested while the request for `token` was under way.
    fn has_overtaken(&self, token: &Token) -> bool {
        let cached = self.token().and_then(|cached| cached.lifetime);
        token.lifetime.zip(cached).is_some_and(|(new, cached)| {
            cached.requested_at > new.requested_at && cached.requested_at <= new.received_at
        })
    }

    /// Replaces the failure record, atomically.
    ///
    /// # Errors
    /// As [`Cache::put_token`].
    pub fn put_failure(&self, failure: &FailureRecord, random: &dyn Random) -> io::Result<()> {
        let name = self.name(Slot::Failure);
        let record = failure_record::encode(&self.keys, name.as_str(), failure, random);
        self.store.put(&name, &record.ok_or_else(unsealable)?)
    }

    /// Drops a token: [`Cache::token`] never returns it again, also when an old entry is put back. Its own entry is
    /// removed only under the lock, which sees to it that no other token takes its place meanwhile.
    ///
    /// # Errors
    /// The store is full, read-only or gone, and the token is still there.
    pub fn drop_token(
        &self,
        token: &Token,
        reason: DropReason,
        lock: Option<&Held>,
        now: Timestamp,
        random: &dyn Random,
    ) -> io::Result<()> {
        let expires_at = token.lifetime.map_or(now, |lifetime| lifetime.expires_at);
        let remembered = self.change_dropped(random, |dropped| {
            dropped.remove_expired(now);
            dropped.add(&token.value, expires_at, reason);
        });
        let may_remove = reason == DropReason::Discarded || remembered.is_ok();
        match lock.filter(|_| may_remove) {
            Some(lock) => self.remove_token(&token.value, lock).or(remembered),
            None => remembered,
        }
    }

    /// Removes the entry if it is still the one of `value`.
    fn remove_token(&self, value: &AccessToken, _proof: &Held) -> io::Result<()> {
        match self.stored_token() {
            Some(token) if token.value == *value => self.store.remove(&self.name(Slot::Token)),
            _ => Ok(()),
        }
    }

    /// Says of a token that it has ended at the server, and removes its entry under the lock.
    ///
    /// # Errors
    /// As [`Cache::drop_token`].
    pub(crate) fn mark_revoked(
        &self,
        value: &AccessToken,
        lock: Option<&Held>,
        random: &dyn Random,
    ) -> io::Result<()> {
        let marked = self.change_dropped(random, |dropped| dropped.mark_revoked(value));
        match lock {
            Some(lock) => self.remove_token(value, lock).or(marked),
            None => marked,
        }
    }

    /// The tokens that were dropped for [`DropReason::Revoking`] alone, oldest first.
    pub(crate) fn to_revoke(&self) -> Vec<AccessToken> {
        self.dropped().to_revoke()
    }

    /// Whether `value` was dropped, and has not been given anew.
    pub fn has_dropped(&self, value: &AccessToken) -> bool {
        self.dropped().contains(value)
    }

    fn dropped(&self) -> DroppedTokens {
        let name = self.name(Slot::Dropped);
        let record = self.store.get(&name);
        record
            .and_then(|record| DroppedTokens::decode(&self.keys, name.as_str(), &record).ok())
            .unwrap_or_default()
    }

    /// Two processes that do this at the same time without the lock may lose one of the changes.
    fn change_dropped(&self, random: &dyn Random, change: impl FnOnce(&mut DroppedTokens)) -> io::Result<()> {
        let (name, mut dropped) = (self.name(Slot::Dropped), self.dropped());
        change(&mut dropped);
        if dropped.is_empty() {
            return self.store.remove(&name);
        }
        self.store.put(&name, &dropped.encode(&self.keys, name.as_str(), random).ok_or_else(unsealable)?)
    }

    /// What was learned about `value`; nothing if that is not the token that the facts are about.
    pub fn facts(&self, value: &AccessToken) -> TokenFacts {
        let name = self.name(Slot::Facts);
        let record = self.store.get(&name);
        let facts =
            record.and_then(|record| token_facts::decode(&self.keys, name.as_str(), value, &record).ok());
        facts.unwrap_or_default()
    }

    /// Replaces what was learned about `token`.
    ///
    /// # Errors
    /// As [`Cache::put_token`], and a token without a lifetime, which is never cached.
    pub fn put_facts(&self, token: &Token, facts: TokenFacts, random: &dyn Random) -> io::Result<()> {
        let name = self.name(Slot::Facts);
        let lifetime = token.lifetime.ok_or_else(|| io::Error::other("the token has no lifetime"))?;
        let about = (&token.value, lifetime.expires_at);
        let record = token_facts::encode(&self.keys, name.as_str(), about, facts, random);
        self.store.put(&name, &record.ok_or_else(unsealable)?)
    }

    /// That this machine could not use the shared cache `identity` a short while ago.
    pub fn outage(&self, identity: &str, now: Timestamp) -> Option<Outage> {
        let name = self.name(Slot::Outage);
        outage::decode(&self.keys, name.as_str(), identity, now, &self.store.get(&name)?).ok()
    }

    /// Keeps every process of this machine from the shared cache for a while.
    ///
    /// # Errors
    /// As [`Cache::put_token`].
    pub fn put_outage(&self, outage: &Outage, identity: &str, random: &dyn Random) -> io::Result<()> {
        let name = self.name(Slot::Outage);
        let record = outage::encode(&self.keys, name.as_str(), identity, outage, random);
        self.store.put(&name, &record.ok_or_else(unsealable)?)
    }

    /// Tries to take this client's lock, without waiting. It is one for all lanes, which share the login server's limit.
    pub fn try_lock(&self) -> Lease {
        self.store.try_lock(&self.client_entry)
    }

    /// Removes what is long expired, of any client, and what is no record; until `is_over`.
    pub fn sweep(&self, now: Timestamp, is_over: &dyn Fn() -> bool) {
        self.store.sweep(now, is_over, &|name, record| is_long_expired(name, record, now));
    }

    /// Where the token is, as messages name it.
    pub(crate) fn location(&self) -> String {
        format!("{}/{}", self.store.location(), self.name(Slot::Token).as_str())
    }

    fn name(&self, slot: Slot) -> RecordName {
        let entry = match slot {
            Slot::Token | Slot::Dropped | Slot::Facts => self.lane_entry.as_ref(),
            Slot::Failure | Slot::Outage => None,
        };
        RecordName::new(entry.unwrap_or(&self.client_entry), slot)
    }
}

/// What each entry in `store` says of itself, in the order of their names; `None` for one that can't be read. Without
/// the secret nothing of it is certain.
pub(crate) fn headers(store: &dyn Store) -> Vec<Option<EntryHeader>> {
    let mut names = store.list();
    names.retain(|name| name.slot() == Slot::Token);
    names.sort();
    names.iter().map(|name| seal::peek(&store.get(name)?).ok()).collect()
}

/// Without the secret a header can't be trusted; at worst a token is fetched anew, or a dropped one forgotten.
fn is_long_expired(name: &RecordName, record: &[u8], now: Timestamp) -> bool {
    #[derive(Deserialize)]
    struct End {
        expires_at: Timestamp,
    }
    match name.slot() {
        Slot::Token | Slot::Dropped | Slot::Facts => {
            seal::peek::<End>(record).map_or(true, |end| now.since(end.expires_at) > LONG_EXPIRED)
        }
        // A store sweeps no record younger than a day, and no failure means anything after that.
        Slot::Failure | Slot::Outage => true,
    }
}

fn unsealable() -> io::Error {
    io::Error::other("the system has no randomness to seal it with")
}
