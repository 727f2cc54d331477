//! The state of one call, and how it ends.

use std::time::Duration;

use super::advice::must_keep;
use super::fleet_state::FleetState;
use super::freshness::{Freshness, RefreshWindows, freshness};
use super::parameters::{Broker, Request};
use super::provided::{Provided, RefreshReason, Source};
use crate::cache::{Cache, FailureRecord, TokenFacts};
use crate::duration::format_duration;
use crate::error::{Category, Error};
use crate::token::{AccessToken, Lifetime, Token};

/// How long a waiting process sleeps before its first look: a fetch takes some ten milliseconds.
pub(super) const MIN_POLL_INTERVAL: Duration = Duration::from_millis(5);

/// One call, from its first look into the cache to its token.
pub(super) struct Call<'b> {
    pub(super) broker: &'b Broker<'b>,
    pub(super) request: Request,
    /// A token to provide if no better one can be had.
    pub(super) stale: Option<StaleToken>,
    /// The token that the API host no longer takes.
    pub(super) dead: Option<Token>,
    /// The token about which it is to be asked, whatever it has said before.
    pub(super) doubted: Option<AccessToken>,
    /// The token that it still takes: checked once per call.
    pub(super) alive: Option<AccessToken>,
    /// What this call itself learned last, for when there is no cache to keep it.
    pub(super) own_failure: Option<FailureRecord>,
    /// Whether what the build offers has been looked at.
    pub(super) has_seen_offer: bool,
    /// What came with the token that it offered.
    pub(super) facts: TokenFacts,
    /// What this call knows of the shared cache.
    pub(super) fleet: FleetState,
    pub(super) reason: RefreshReason,
    /// The requests that this call has sent.
    pub(super) attempts: u32,
    pub(super) waited: Duration,
    /// The sleep before the next look while waiting.
    pub(super) poll_interval: Duration,
    /// Waited long enough for other processes: request without the lock.
    pub(super) without_lock: bool,
    pub(super) warnings: Vec<String>,
}

/// A token that is not fresh any more.
pub(super) struct StaleToken {
    pub(super) token: Token,
    pub(super) lifetime: Lifetime,
    /// Whether it may be provided without waiting for a new one.
    pub(super) in_advisory_window: bool,
}

impl<'b> Call<'b> {
    pub(super) fn new(broker: &'b Broker<'b>, request: Request) -> Self {
        let forced = request.requirements.force_refresh;
        Self {
            broker,
            request,
            stale: None,
            dead: None,
            doubted: None,
            alive: None,
            own_failure: None,
            has_seen_offer: false,
            facts: TokenFacts::default(),
            fleet: FleetState::new(),
            reason: if forced { RefreshReason::Forced } else { RefreshReason::NoEntry },
            attempts: 0,
            waited: Duration::ZERO,
            poll_interval: MIN_POLL_INTERVAL,
            without_lock: false,
            warnings: Vec::new(),
        }
    }

    /// The time left until the deadline.
    pub(super) fn remaining(&self) -> Duration {
        self.request.timeout.saturating_sub(self.broker.clock.elapsed())
    }

    /// The newest failure, ours or another process's, of those that concern our transport.
    pub(super) fn last_failure(&self) -> Option<FailureRecord> {
        let concerns_us = |record: &FailureRecord| {
            record.transport_id.as_ref().is_none_or(|id| *id == self.broker.login.transport_id())
        };
        let shared = self.broker.cache.and_then(Cache::failure).filter(concerns_us);
        match (shared, &self.own_failure) {
            (Some(shared), Some(own)) if must_keep(&shared, own) => Some(shared),
            (shared, own) => shared.into_iter().chain(own.clone()).max_by_key(|record| record.answered_at),
        }
    }

    pub(super) fn windows(&self, lifetime: Lifetime) -> RefreshWindows {
        RefreshWindows::new(lifetime.total(), self.request.requirements.min_ttl)
    }

    pub(super) fn provide(&mut self, token: Token, source: Source) -> Provided {
        let (warnings, facts) = (std::mem::take(&mut self.warnings), std::mem::take(&mut self.facts));
        Provided { token, source, warnings, facts }
    }

    /// Provides the stale token, if there is one; with the reason why there is no new one, if a refresh failed.
    pub(super) fn provide_stale(&mut self, failed: Option<&Error>) -> Option<Provided> {
        let stale = self.stale.take()?;
        if let Some(error) = failed {
            let left = format_duration(stale.lifetime.remaining(self.broker.clock.now()));
            self.warnings.push(format!("the token could not be refreshed, {left} left: {}", error.message));
        }
        Some(self.provide(stale.token, Source::Reused))
    }

    /// Forgets the stale token if it can't be provided any more: what was tried meanwhile took its time.
    pub(super) fn discard_unusable_stale(&mut self) {
        let (now, requirements) = (self.broker.clock.now(), &self.request.requirements);
        self.stale.take_if(|stale| freshness(stale.lifetime, now, requirements) == Freshness::Unusable);
    }

    pub(super) fn too_short_lived(&self, lifetime: Lifetime) -> Error {
        let given = format_duration(lifetime.total());
        self.lifetime_error(&format!("the login server's tokens live {given}"))
            .fix(format!("lower --min-ttl to less than {given}"))
            .fix("or raise the token duration of the OAuth client, in Genesys Cloud's Admin")
    }

    /// `what` is wrong with a token's lifetime for a caller that requires one.
    pub(super) fn lifetime_error(&self, what: &str) -> Error {
        let required = format_duration(self.request.requirements.min_ttl.unwrap_or_default());
        Error::new(Category::Lifetime, format!("{what}, and --min-ttl requires {required}"))
    }

    pub(super) fn out_of_time(&self) -> Error {
        match self.last_failure() {
            Some(record) if record.answered_at >= self.request.requirements.started_at => record.error,
            _ => {
                let timeout = format_duration(self.request.timeout);
                Error::new(Category::Unavailable, format!("no token within {timeout}"))
                    .cause("another process may hold the cache's lock")
                    .fix("a longer --timeout waits longer")
            }
        }
    }
}
