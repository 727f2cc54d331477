//! Taking a token that another machine has fetched, when the own one would not be provided as it is: from the build, or
//! from the shared cache.

use std::time::Duration;

use super::call::Call;
use super::freshness::Freshness;
use super::provided::{Provided, Source};
use crate::cache::{BuildShare, Cache, SharedToken};
use crate::error::Result;
use crate::time::Timestamp;

/// Another machine's token replaces the own one if it was requested so much later: below that, their order is in doubt.
const LATER: Duration = Duration::from_secs(2);

/// Why another machine's token is not taken.
pub(super) enum Unwanted {
    /// No call is to be given it any more.
    Dropped,
    /// It is too old, for this call.
    Unusable,
    /// The own one is as new.
    Older,
}

impl Unwanted {
    /// In a word, and in words.
    pub(super) fn words(&self) -> (&'static str, &'static str) {
        match self {
            Self::Dropped => ("dropped", "it was dropped here"),
            Self::Unusable => ("unusable", "it is too old for this call"),
            Self::Older => ("older", "the cached token is as new"),
        }
    }
}

impl<'b> Call<'b> {
    /// What the build offers, as long as it has not been looked at.
    pub(super) fn offer(&self) -> Option<&'b BuildShare> {
        self.broker.build.filter(|build| build.has_offer() && !self.has_seen_offer)
    }

    /// Looks at what the build offers, once, and takes it if it is better than the own token. The answer, if it is one.
    pub(super) fn take_over(&mut self) -> Result<Option<Provided>> {
        let Some(build) = self.offer() else { return Ok(None) };
        self.has_seen_offer = true;
        let now = self.broker.clock.now();
        let Some(mut shared) = build.offered(now) else {
            self.tell_offer("unusable", "it has ended, or can't be read");
            return Ok(None);
        };
        if let Err(unwanted) = self.is_wanted(&shared, now) {
            if matches!(unwanted, Unwanted::Dropped) {
                build.refute();
            }
            let (outcome, reason) = unwanted.words();
            self.tell_offer(outcome, reason);
            return Ok(None);
        }
        if self.is_refused(&shared.token, &mut shared.facts, now) {
            build.refute();
            self.drop_dead(&shared.token, now);
            self.tell_offer("dead", "the API host no longer takes it");
            return Ok(None);
        }
        self.tell_offer("taken", "another agent has fetched it");
        self.adopt(shared, Source::Build)
    }

    /// Whether another machine's token is one to take.
    pub(super) fn is_wanted(
        &self,
        shared: &SharedToken,
        now: Timestamp,
    ) -> std::result::Result<(), Unwanted> {
        let value = &shared.token.value;
        let was_dropped = self.broker.cache.is_some_and(|cache| cache.has_dropped(value));
        if was_dropped || self.dead.as_ref().is_some_and(|dead| dead.value == *value) {
            return Err(Unwanted::Dropped);
        }
        if self.rate(&shared.token, shared.lifetime, now) == Freshness::Unusable {
            return Err(Unwanted::Unusable);
        }
        let own = self.broker.cache.and_then(Cache::token).and_then(|token| token.lifetime);
        let own = own.or(self.stale.as_ref().map(|stale| stale.lifetime));
        let margin = if self.answers(&shared.token) { Duration::ZERO } else { LATER };
        if own.is_some_and(|own| shared.lifetime.requested_at < own.requested_at.plus(margin)) {
            return Err(Unwanted::Older);
        }
        Ok(())
    }

    /// Puts another machine's token into the cache, for all processes of this machine. The answer, if it is one.
    pub(super) fn adopt(&mut self, shared: SharedToken, source: Source) -> Result<Option<Provided>> {
        let SharedToken { token, lifetime, facts, .. } = shared;
        if let Some(cache) = self.broker.cache {
            // Best effort: without it other processes of this machine look for themselves.
            let _ = cache.put_foreign_token(&token, self.broker.random);
        }
        self.broker.keep_facts_here(&token, facts.clone());
        if self.broker.cache.is_some_and(|cache| cache.has_dropped(&token.value)) {
            // It was dropped here while this call looked at it.
            return Ok(None);
        }
        self.facts = facts;
        self.assess(token, lifetime, source)
    }
}
