//! What a call learns from the shared cache: a token, a failure, or that a token is dead or alive.

use std::time::Duration;

use super::advice::must_keep;
use super::call::Call;
use super::provided::{Provided, Source};
use super::take_over::Unwanted;
use crate::cache::{FailureRecord, RecordClass, SharedLook};
use crate::error::{Error, Result};
use crate::time::{CommonTime, Timestamp};
use crate::token::{AccessToken, Token};

/// What was requested no longer than this before a call's first look answers it: a fleet's calls start together, but never
/// in the same instant.
const STARTED_TOGETHER: Duration = Duration::from_secs(1);

/// What the fleet knows about a token.
pub(super) enum FleetWord {
    /// It is not to be given to any call.
    Dropped,
    /// The API host took it then.
    AliveAt(Timestamp),
}

/// What the last failure of another machine says to this call.
pub(super) enum Learned {
    /// Nothing, or nothing new.
    Nothing,
    /// The login server's answer stands.
    Refusal(Error),
    /// Every call has to send its own request.
    RequestAlone,
    /// It may be useless to send a request now.
    Wait,
}

impl Call<'_> {
    /// Whether what was requested then answers this call, whatever its flags.
    fn is_for_this_call(&self, requested_at: CommonTime) -> bool {
        self.fleet.first_look.is_some_and(|first_look| requested_at.plus(STARTED_TOGETHER) >= first_look)
    }

    /// Takes the token that is there, if it is better than the own one. The answer, if it is one.
    pub(super) fn take_from_fleet(&mut self, look: &SharedLook) -> Result<Option<Provided>> {
        let now = self.broker.clock.now();
        if let Some(stale) = self.stale.take_if(|stale| look.has_dropped(&stale.token.value)) {
            // Another machine has dropped it.
            self.drop_here(&stale.token, now);
        }
        let Some(mut shared) = look.token.clone() else {
            self.tell_shared("no_entry", format_args!("it has no token"));
            return Ok(None);
        };
        if self.is_for_this_call(shared.requested_at) {
            self.fleet.answer = Some(shared.token.value.clone());
        }
        let unwanted = if look.has_dropped(&shared.token.value) {
            Some(Unwanted::Dropped)
        } else {
            self.is_wanted(&shared, now).err()
        };
        if let Some(unwanted) = unwanted {
            let (outcome, reason) = unwanted.words();
            self.tell_shared(outcome, format_args!("its token is {outcome}: {reason}"));
            return Ok(None);
        }
        let proven_at = shared.facts.alive_at;
        if self.request.verify_after.is_some() && self.is_refused(&shared.token, &mut shared.facts, now) {
            self.tell_shared("dead", format_args!("its token is dead: the API host no longer takes it"));
            self.drop_dead(&shared.token, now);
            return Ok(None);
        }
        self.tell_shared("taken", format_args!("its token is taken: another machine has fetched it"));
        if shared.facts.alive_at != proven_at {
            self.share_facts(&shared.token.value, &shared.facts);
        }
        let waited = self.fleet.waited;
        self.adopt(shared, Source::SharedCache { waited })
    }

    /// Whether `token` came from the shared cache and was requested for this call, by the store's clock.
    pub(super) fn answers(&self, token: &Token) -> bool {
        self.fleet.answer.as_ref() == Some(&token.value)
    }

    /// What the last failure of any machine says to this call, once.
    pub(super) fn learn_failure(&mut self, look: &SharedLook) -> Learned {
        let Some(shared) = &look.failure else { return Learned::Nothing };
        if self.fleet.seen_failure.is_some_and(|seen| seen >= shared.requested_at) {
            return Learned::Nothing;
        }
        self.fleet.seen_failure = Some(shared.requested_at);
        let record = shared.record.clone();
        self.keep_failure(&record);
        let came_while_waiting = record.answered_at >= self.request.requirements.started_at;
        match record.class {
            // A call with a token to fall back on makes no request so soon after another has failed.
            _ if self.stale.is_some() => Learned::Wait,
            RecordClass::Refused if self.is_for_this_call(shared.requested_at) => {
                Learned::Refusal(record.error)
            }
            RecordClass::Uncacheable if came_while_waiting => Learned::RequestAlone,
            RecordClass::Refused | RecordClass::Uncacheable => Learned::Nothing,
            RecordClass::RateLimited | RecordClass::Transient => Learned::Wait,
        }
    }

    /// Keeps what another machine has learned for the other processes of this one.
    fn keep_failure(&mut self, record: &FailureRecord) {
        let is_news = |old: &FailureRecord| !must_keep(old, record) && old.answered_at < record.answered_at;
        if let Some(cache) = self.broker.cache
            && cache.failure().is_none_or(|old| is_news(&old))
        {
            // Best effort: without the record the other processes look for themselves.
            let _ = cache.put_failure(record, self.broker.random);
        }
        if self.own_failure.as_ref().is_none_or(is_news) {
            self.own_failure = Some(record.clone());
        }
    }

    /// What the fleet knows about a token of this machine's.
    pub(super) fn fleet_word(&mut self, value: &AccessToken) -> Option<FleetWord> {
        let shared = self.fleet()?;
        let look = self.look_into(shared)?;
        if look.has_dropped(value) {
            return Some(FleetWord::Dropped);
        }
        let there = look.token.filter(|there| there.token.value == *value)?;
        there.facts.alive_at.map(FleetWord::AliveAt)
    }
}
