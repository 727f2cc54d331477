//! Whether the API host still takes a token: an organisation's idle timeout ends it before its time.

use std::time::Duration;

use super::call::Call;
use super::learn::FleetWord;
use crate::cache::{DropReason, TokenFacts};
use crate::login::Liveness;
use crate::time::Timestamp;
use crate::token::{Lifetime, Token};

/// How long the API host's word serves, for every process of the machine: the shortest idle timeout is five minutes.
const PROOF: Duration = Duration::from_mins(1);

impl Call<'_> {
    /// Checks the cached token at the API host, if the call wants that for a token of this age; once per token.
    pub(super) fn is_dead(&mut self, token: &Token, lifetime: Lifetime, now: Timestamp) -> bool {
        let Some(verify_after) = self.request.verify_after else { return false };
        let requested_for_us = lifetime.requested_at >= self.request.requirements.started_at;
        let is_young = now.since(lifetime.requested_at) < verify_after;
        if requested_for_us || is_young || self.alive.as_ref() == Some(&token.value) {
            return false;
        }
        let mut facts = self.broker.cache.map(|cache| cache.facts(&token.value)).unwrap_or_default();
        let known_here = facts.alive_at;
        if !self.is_proven(token, &facts, now) {
            match self.fleet_word(&token.value) {
                Some(FleetWord::Dropped) => return true,
                Some(FleetWord::AliveAt(at)) => facts.alive_at = facts.alive_at.max(Some(at)),
                None => {}
            }
        }
        let proven_at = facts.alive_at;
        let is_dead = self.is_refused(token, &mut facts, now);
        if facts.alive_at != proven_at {
            self.share_facts(&token.value, &facts);
        }
        if facts.alive_at != known_here {
            self.broker.keep_facts_here(token, facts);
        }
        is_dead
    }

    /// Whether the API host refuses `token`. That it takes it is added to `facts`, which may say so already.
    pub(super) fn is_refused(&mut self, token: &Token, facts: &mut TokenFacts, now: Timestamp) -> bool {
        if !self.is_proven(token, facts, now) {
            match self.broker.login.check_token(&token.value, self.remaining()) {
                Liveness::Dead => return true,
                Liveness::Alive => facts.alive_at = Some(now),
                Liveness::Unknown(why) => self.warnings.push(why),
            }
        }
        self.alive = Some(token.value.clone());
        false
    }

    /// Drops a token that the API host no longer takes, here and for the fleet.
    pub(super) fn drop_dead(&mut self, dead: &Token, now: Timestamp) {
        self.drop_here(dead, now);
        self.share_drop(dead);
    }

    /// Drops a token that no call is to be given any more.
    pub(super) fn drop_here(&mut self, dead: &Token, now: Timestamp) {
        if let Some(cache) = self.broker.cache {
            let lock = cache.try_lock().into_proof();
            // Best effort: a token that can't be dropped is replaced in a moment.
            let _ = cache.drop_token(dead, DropReason::Discarded, lock.as_ref(), now, self.broker.random);
        }
        self.dead = Some(dead.clone());
    }

    /// Whether the API host took the token less than a minute ago.
    fn is_proven(&self, token: &Token, facts: &TokenFacts, now: Timestamp) -> bool {
        let is_doubted = self.doubted.as_ref() == Some(&token.value);
        !is_doubted && facts.alive_at.is_some_and(|at| at <= now && now.since(at) < PROOF)
    }
}
