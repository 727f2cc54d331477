//! Looking into the cache: whether its token answers the call.

use super::advice::suppresses_refresh;
use super::call::{Call, StaleToken};
use super::freshness::{Freshness, freshness, freshness_of_answer};
use super::provided::{Provided, RefreshReason, Source};
use crate::cache::Cache;
use crate::error::Result;
use crate::time::Timestamp;
use crate::token::{Lifetime, Token};

impl Call<'_> {
    /// Looks into the cache. The answer, if there is one.
    pub(super) fn look_up(&mut self) -> Result<Option<Provided>> {
        let cached = self.broker.cache.and_then(Cache::token);
        // A cache that is emptied meanwhile takes nothing from us.
        let candidate = cached.or_else(|| self.stale.take().map(|stale| stale.token));
        self.stale = None;
        let Some((token, lifetime)) =
            candidate.and_then(|token| token.lifetime.map(|lifetime| (token, lifetime)))
        else {
            self.tell_no_entry();
            return Ok(None);
        };
        let source = if self.waited.is_zero() { Source::Reused } else { Source::Waited(self.waited) };
        self.assess(token, lifetime, source)
    }

    /// Whether `token`, which comes from `source`, answers the call. Looks at the last failure when it is a stale one.
    pub(super) fn assess(
        &mut self,
        token: Token,
        lifetime: Lifetime,
        source: Source,
    ) -> Result<Option<Provided>> {
        let freshness = self.freshness_of(&token, lifetime);
        self.tell_freshness(freshness, &token, lifetime);
        match freshness {
            Freshness::Fresh => return Ok(Some(self.provide(token, source))),
            Freshness::TooShortLived => return Err(self.too_short_lived(lifetime)),
            Freshness::Unusable => return Ok(None),
            Freshness::RefreshDue | Freshness::StaleUsable => {}
        }
        let in_advisory_window = freshness == Freshness::RefreshDue;
        self.stale = Some(StaleToken { token, lifetime, in_advisory_window });
        let now = self.broker.clock.now();
        Ok(match self.last_failure() {
            Some(record) if suppresses_refresh(&record, now) => {
                self.tell_pause(&record);
                self.provide_stale(Some(&record.error))
            }
            _ => None,
        })
    }

    /// How fresh a token is at `now` for this call.
    pub(super) fn rate(&self, token: &Token, lifetime: Lifetime, now: Timestamp) -> Freshness {
        let requirements = &self.request.requirements;
        if self.answers(token) {
            freshness_of_answer(lifetime, now, requirements)
        } else {
            freshness(lifetime, now, requirements)
        }
    }

    /// The token's freshness; a token that the API host no longer takes is unusable.
    fn freshness_of(&mut self, token: &Token, lifetime: Lifetime) -> Freshness {
        if self.dead.as_ref().is_some_and(|dead| dead.value == token.value) {
            return Freshness::Unusable;
        }
        let now = self.broker.clock.now();
        let freshness = self.rate(token, lifetime, now);
        let is_usable =
            matches!(freshness, Freshness::Fresh | Freshness::RefreshDue | Freshness::StaleUsable);
        if is_usable && self.is_dead(token, lifetime, now) {
            self.reason = RefreshReason::NotAlive;
            // At once, since a rate limit may keep us from replacing it.
            self.drop_dead(token, now);
            return Freshness::Unusable;
        }
        let is_expiring =
            matches!(freshness, Freshness::RefreshDue | Freshness::StaleUsable | Freshness::Unusable);
        let is_forced = freshness == Freshness::Unusable && self.request.requirements.force_refresh;
        if is_expiring && !is_forced && now >= lifetime.requested_at {
            self.reason = RefreshReason::Expires(lifetime.remaining(now));
        }
        freshness
    }
}
