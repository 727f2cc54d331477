//! One request to the login server, and what it means for this call and the others.

use std::io;
use std::time::Duration;

use super::advice::must_keep;
use super::call::Call;
use super::provided::{Provided, Source};
use crate::cache::{FailureRecord, RecordClass, TokenFacts};
use crate::duration::format_duration;
use crate::error::{Category, Error, Result};
use crate::login::{Audience, Backoff, Failure, FailureClass, TokenGrant};
use crate::platform::fixes;
use crate::store::Held;
use crate::time::Timestamp;
use crate::token::{Lifetime, Token};

/// One request without a token to fall back on. Half the default deadline, so that a second one fits.
const ATTEMPT: Duration = Duration::from_secs(30);
/// One request while there is a usable token: the user is not to notice.
const SHORT_ATTEMPT: Duration = Duration::from_secs(5);
/// Sweeping the cache. It takes a millisecond, unless somebody has filled the directory.
const SWEEP: Duration = Duration::from_secs(1);
/// A streak of failures ends when no request was sent for this long.
const STREAK_END: Duration = Duration::from_mins(5);

impl Call<'_> {
    /// Sends one request. `None`: try again later.
    pub(super) fn fetch(&mut self, lock: Option<Held>) -> Result<Option<Provided>> {
        let max = if self.stale.is_some() { SHORT_ATTEMPT } else { ATTEMPT };
        let limit = max.min(self.remaining());
        if limit.is_zero() {
            return Err(self.out_of_time());
        }
        self.attempts += 1;
        self.tell_request(limit);
        let (requested_at, before) = (self.broker.clock.now(), self.broker.clock.elapsed());
        let answer = self.broker.login.request_token(limit);
        let received_at = self.broker.clock.now();
        let answer = answer.and_then(|grant| unless_expired(grant, requested_at, received_at));
        self.tell_attempt(&answer, self.broker.clock.elapsed().saturating_sub(before));
        match answer {
            Ok(grant) => self.accept(grant, requested_at, received_at, before, lock).map(Some),
            Err(failure) => {
                let record = self.record_failure(&failure, requested_at, received_at);
                drop(lock);
                match record {
                    Some(record) => self.share_failure(&record, before),
                    None => self.release_lease(),
                }
                // The attempt took its time: the stale token may have become unusable meanwhile.
                self.discard_unusable_stale();
                if self.stale.is_some() {
                    return Ok(self.provide_stale(Some(&failure.error)));
                }
                match failure.class {
                    FailureClass::Refused | FailureClass::Blocked => Err(*failure.error),
                    FailureClass::RateLimited | FailureClass::Transient => Ok(None),
                }
            }
        }
    }

    /// Caches a new token and provides it.
    fn accept(
        &mut self,
        grant: TokenGrant,
        requested_at: Timestamp,
        received_at: Timestamp,
        sent: Duration,
        lock: Option<Held>,
    ) -> Result<Provided> {
        self.warnings.extend(grant.warnings);
        // What was learned about another token does not concern this one.
        self.facts = TokenFacts::default();
        let lifetime = grant.expires_in.map(|expires_in| Lifetime {
            requested_at,
            received_at,
            expires_at: requested_at.plus(expires_in),
        });
        let token = Token { value: grant.value, lifetime, scope: grant.scope };
        self.cache_token(&token, (requested_at, received_at), sent, lock);
        self.check_lifetime(lifetime, received_at)?;
        Ok(self.provide(token, Source::Fetched(self.reason)))
    }

    /// Whether a new token lives as long as required.
    fn check_lifetime(&mut self, lifetime: Option<Lifetime>, received_at: Timestamp) -> Result<()> {
        let Some(lifetime) = lifetime else {
            if self.request.requirements.min_ttl.is_none() {
                return Ok(());
            }
            let error = self.lifetime_error("the login server does not say how long its tokens live");
            return Err(error.fix("do without --min-ttl"));
        };
        let windows = self.windows(lifetime);
        if windows.is_too_short_lived() {
            return Err(self.too_short_lived(lifetime));
        }
        let remaining = lifetime.remaining(received_at);
        if windows.has_too_little_left(remaining) {
            let left = format_duration(remaining);
            let error = self.lifetime_error(&format!("the new token came late and has {left} left"));
            let error = error.fix("try again when the login server answers faster");
            return Err(error.fix(format!("or lower --min-ttl to less than {left}")));
        }
        if self.broker.cache.is_some() && windows.is_never_fresh() {
            let total = format_duration(lifetime.total());
            self.warnings.push(format!("tokens live {total}, so with this --min-ttl every call fetches one"));
        }
        Ok(())
    }

    /// Keeps a token for the other processes and machines. Its request was sent when the stopwatch showed `sent`.
    fn cache_token(
        &mut self,
        token: &Token,
        (requested_at, received_at): (Timestamp, Timestamp),
        sent: Duration,
        lock: Option<Held>,
    ) {
        let is_cached = token.lifetime.is_some()
            && self.broker.cache.is_none_or(|cache| match cache.put_token(token, self.broker.random) {
                Ok(()) => true,
                Err(error) => {
                    let fix = caching_fix(&error);
                    self.warnings.push(format!("the token could not be cached: {error}; fix: {fix}"));
                    false
                }
            });
        let uncacheable = FailureRecord {
            class: RecordClass::Uncacheable,
            requested_at: Some(requested_at),
            answered_at: received_at,
            transport_id: None,
            not_before: received_at,
            streak: 1,
            error: Error::new(Category::Unavailable, "the login server's answer can't be cached"),
        };
        if !is_cached {
            // Processes that wait for us need not wait for one another.
            self.put_failure(uncacheable.clone());
        }
        drop(lock);
        if token.lifetime.is_some() {
            self.share_token(token, sent);
        } else {
            self.share_failure(&uncacheable, sent);
        }
        if let Some(cache) = self.broker.cache.filter(|_| is_cached) {
            let clock = self.broker.clock;
            let until = clock.elapsed() + SWEEP.min(self.remaining());
            cache.sweep(received_at, &|| clock.elapsed() >= until);
        }
    }

    /// Records a failure, for this call and the others, if it means anything to them.
    fn record_failure(
        &mut self,
        failure: &Failure,
        requested_at: Timestamp,
        answered_at: Timestamp,
    ) -> Option<FailureRecord> {
        let transport_id = match failure.audience {
            Audience::Nobody => return None,
            Audience::SameTransport => Some(self.broker.login.transport_id()),
            Audience::Everyone => None,
        };
        let class = match failure.class {
            FailureClass::Refused | FailureClass::Blocked => RecordClass::Refused,
            FailureClass::RateLimited => RecordClass::RateLimited,
            FailureClass::Transient => RecordClass::Transient,
        };
        let streak = match self.last_failure() {
            Some(last) if last.class == class && answered_at.since(last.not_before) < STREAK_END => {
                last.streak + 1
            }
            _ => 1,
        };
        let not_before = answered_at.plus(Backoff::wait(failure, streak, self.broker.random));
        let (requested_at, error) = (Some(requested_at), (*failure.error).clone());
        let record =
            FailureRecord { class, requested_at, answered_at, transport_id, not_before, streak, error };
        self.put_failure(record.clone());
        Some(record)
    }

    fn put_failure(&mut self, record: FailureRecord) {
        // What this call itself learns answers it, even if the clock has gone back meanwhile.
        let started_at = &mut self.request.requirements.started_at;
        *started_at = (*started_at).min(record.answered_at);
        if let Some(cache) = self.broker.cache
            && !cache.failure().is_some_and(|old| must_keep(&old, &record))
        {
            // Best effort: without the record other processes learn by their own requests.
            let _ = cache.put_failure(&record, self.broker.random);
        }
        self.own_failure = Some(record);
    }
}

/// What helps against an error of the cache's directory.
fn caching_fix(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "make room on the cache's disk",
        io::ErrorKind::FileTooLarge => fixes::TOO_LARGE_A_FILE,
        _ => "name another directory with --cache-dir or GENESYS_TOKEN_CACHE_DIR",
    }
}

/// Refuses a token that had expired before it arrived: this process was suspended meanwhile, or the clock was set
/// forward. Another one is to be had.
fn unless_expired(
    grant: TokenGrant,
    requested_at: Timestamp,
    received_at: Timestamp,
) -> std::result::Result<TokenGrant, Failure> {
    if grant.expires_in.is_none_or(|expires_in| requested_at.plus(expires_in) > received_at) {
        return Ok(grant);
    }
    let error = Error::new(Category::Unavailable, "the token had expired when its answer was read")
        .cause("this process was suspended meanwhile, or the clock was set forward")
        .fix("try again");
    Err(Failure { audience: Audience::SameTransport, ..Failure::new(FailureClass::Transient, error) })
}
