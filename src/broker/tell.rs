//! The decisions of a call in words, for its log. A decision that stands is told in the same words again, so that the log
//! need not show it twice.

use std::fmt;
use std::time::Duration;

use super::advice::Advice;
use super::call::Call;
use super::freshness::Freshness;
use crate::cache::{FailureRecord, RecordClass};
use crate::duration::format_duration;
use crate::log::{Attempt, Event, Level, Log, Outcome, Subject};
use crate::login::{Failure, TokenGrant};
use crate::store::Lease;
use crate::token::{Lifetime, Token};

impl<'b> Call<'b> {
    /// The log, if it shows decisions.
    fn listener(&self) -> Option<&'b dyn Log> {
        Some(self.broker.log).filter(|log| log.level() >= Level::Debug)
    }

    /// That the cache has no token.
    pub(super) fn tell_no_entry(&self) {
        let Some(log) = self.listener().filter(|_| self.broker.cache.is_some()) else { return };
        log.decided(Subject::Cache, "no_entry", format_args!("it has no token"));
    }

    /// What the cached token is good for, and why.
    pub(super) fn tell_freshness(&self, freshness: Freshness, token: &Token, lifetime: Lifetime) {
        let Some(log) = self.listener() else { return };
        let (outcome, why) = match freshness {
            Freshness::Fresh => ("fresh", "fresh"),
            Freshness::RefreshDue => ("refresh_due", "in its advisory refresh window"),
            Freshness::StaleUsable => ("stale_usable", "in its mandatory refresh window"),
            Freshness::TooShortLived => ("too_short_lived", "brand-new, and lives shorter than required"),
            Freshness::Unusable => ("unusable", self.why_unusable(token, lifetime)),
        };
        let end = lifetime.expires_at.rfc3339();
        log.decided(Subject::Cache, outcome, format_args!("its token, which ends at {end}, is {why}"));
    }

    fn why_unusable(&self, token: &Token, lifetime: Lifetime) -> &'static str {
        let now = self.broker.clock.now();
        if self.dead.as_ref().is_some_and(|dead| dead.value == token.value) {
            "no longer taken by the API host"
        } else if lifetime.remaining(now).is_zero() {
            "expired"
        } else if now < lifetime.requested_at {
            "from the future"
        } else if self.request.requirements.force_refresh {
            "older than this call, which wants a new one"
        } else {
            "too close to its end"
        }
    }

    /// What became of the token that the build offers.
    pub(super) fn tell_offer(&self, outcome: &'static str, reason: &'static str) {
        let Some(log) = self.listener() else { return };
        log.decided(Subject::Build, outcome, format_args!("its token is {outcome}: {reason}"));
    }

    /// What the shared cache has, and what that means.
    pub(super) fn tell_shared(&self, outcome: &'static str, reason: fmt::Arguments) {
        self.broker.log.decided(Subject::SharedCache, outcome, reason);
    }

    /// What became of trying to take the lease of the shared cache.
    pub(super) fn tell_shared_lease(&self, is_ours: bool) {
        let (outcome, reason) = if is_ours {
            ("held", "this machine asks the login server for the fleet")
        } else {
            ("busy", "another machine asks the login server")
        };
        self.tell_shared(outcome, format_args!("{reason}"));
    }

    /// What became of trying to take the lock of the cache entry.
    pub(super) fn tell_lease(&self, lease: &Lease) {
        let Some(log) = self.listener() else { return };
        let (outcome, reason) = match lease {
            Lease::Held(_) => ("held", "this process holds that of the cache entry"),
            Lease::Busy => ("busy", "another process holds that of the cache entry"),
            Lease::Unsupported if self.without_lock => {
                ("none", "the request goes without, since another process has held it for too long")
            }
            Lease::Unsupported => ("none", "the request goes without"),
        };
        log.decided(Subject::Lock, outcome, format_args!("{reason}"));
    }

    /// What the last failure means for this call, which has no fresh token.
    pub(super) fn tell_advice(&self, record: &FailureRecord, advice: &Advice) {
        let Some(log) = self.listener() else { return };
        let what = match record.class {
            RecordClass::Refused => "a refusal",
            RecordClass::RateLimited => "a rate limit",
            RecordClass::Transient => "a failure that may pass",
            RecordClass::Uncacheable => "an answer that can't be cached",
        };
        let end = record.not_before.rfc3339_millis();
        let (outcome, meaning) = match advice {
            Advice::Request => ("request", "it does not keep this call from a request"),
            Advice::RequestWithoutLock => ("request_without_lock", "every call has to send its own request"),
            _ if self.stale.is_some() => ("request", "the old token serves if the next request fails"),
            Advice::Fail(_) => ("fail", "it answers this call as well"),
            Advice::WaitUntil(time) if self.can_wait_until(*time) => ("wait", "no request before its end"),
            Advice::WaitUntil(_) => ("fail", "it ends too late for this call"),
        };
        log.decided(Subject::Failure, outcome, format_args!("the last one is {what} until {end}: {meaning}"));
    }

    /// That a failed refresh keeps this call from trying another: its token still serves.
    pub(super) fn tell_pause(&self, record: &FailureRecord) {
        let Some(log) = self.listener() else { return };
        let at = record.answered_at.rfc3339();
        let reason = format_args!("a refresh failed at {at}, so the old token serves for now");
        log.decided(Subject::Failure, "pause", reason);
    }

    /// That a request is about to be sent.
    pub(super) fn tell_request(&self, limit: Duration) {
        let Some(log) = self.listener() else { return };
        let (number, why, limit) = (self.attempts, self.reason, format_duration(limit));
        let reason = format_args!("attempt {number} for a token ({why}), at most {limit}");
        log.decided(Subject::Request, "send", reason);
    }

    /// How a request ended.
    pub(super) fn tell_attempt(&self, answer: &Result<TokenGrant, Failure>, took: Duration) {
        let outcome = match answer {
            Ok(_) => Outcome::Token,
            Err(Failure { class, error, .. }) => {
                Outcome::Failed { class: class.name(), message: &error.message }
            }
        };
        self.broker.log.record(&Event::Attempt(Attempt { number: self.attempts, outcome, took }));
    }
}
