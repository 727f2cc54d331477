//! Taking the token that another agent of the build has handed on, when the own one would not be provided as it is.

use std::time::Duration;

use super::call::Call;
use super::freshness::{Freshness, freshness};
use super::provided::{Provided, Source};
use crate::cache::{BuildShare, Cache, SharedToken};
use crate::error::Result;
use crate::time::Timestamp;

/// Another agent's token replaces the own one if it was requested so much later: below that, their order is in doubt.
const LATER: Duration = Duration::from_secs(2);

impl<'b> Call<'b> {
    /// What the build offers, as long as it has not been looked at.
    pub(super) fn offer(&self) -> Option<&'b BuildShare> {
        self.broker.build.filter(|build| build.has_offer() && !self.has_seen_offer)
    }

    /// Looks at what the build offers, once, and takes it if it is better than the own token. It goes into the cache for
    /// all processes of this machine. The answer, if it is one.
    pub(super) fn take_over(&mut self) -> Result<Option<Provided>> {
        let Some(build) = self.offer() else { return Ok(None) };
        self.has_seen_offer = true;
        let now = self.broker.clock.now();
        let Some(shared) = build.offered(now) else {
            self.tell_offer("unusable", "it has ended, or can't be read");
            return Ok(None);
        };
        if let Err((outcome, reason)) = self.is_wanted(build, &shared, now) {
            self.tell_offer(outcome, reason);
            return Ok(None);
        }
        let SharedToken { token, lifetime, mut facts } = shared;
        if self.is_refused(&token, &mut facts, now) {
            build.refute();
            self.drop_dead(&token, now);
            self.tell_offer("dead", "the API host no longer takes it");
            return Ok(None);
        }
        self.tell_offer("taken", "another agent has fetched it");
        if let Some(cache) = self.broker.cache {
            // Best effort: without it other processes of this machine look for themselves.
            let _ = cache.put_token(&token, self.broker.random);
        }
        self.broker.keep_facts(&token, facts.clone());
        self.facts = facts;
        self.assess(token, lifetime, Source::Build)
    }

    /// Whether the offered token is one to take, or else why not.
    fn is_wanted(
        &self,
        build: &BuildShare,
        shared: &SharedToken,
        now: Timestamp,
    ) -> std::result::Result<(), (&'static str, &'static str)> {
        let value = &shared.token.value;
        let was_dropped = self.broker.cache.is_some_and(|cache| cache.has_dropped(value));
        if was_dropped || self.dead.as_ref().is_some_and(|dead| dead.value == *value) {
            build.refute();
            return Err(("dropped", "it was dropped here"));
        }
        let freshness = freshness(shared.lifetime, now, &self.request.requirements);
        if matches!(freshness, Freshness::Unusable | Freshness::TooShortLived) {
            return Err(("unusable", "it is too old for this call"));
        }
        let own = self.broker.cache.and_then(Cache::token).and_then(|token| token.lifetime);
        let own = own.or(self.stale.as_ref().map(|stale| stale.lifetime));
        if own.is_some_and(|own| shared.lifetime.requested_at < own.requested_at.plus(LATER)) {
            return Err(("older", "the cached token is as new"));
        }
        Ok(())
    }
}
