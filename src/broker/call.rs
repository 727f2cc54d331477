//! One call from beginning to end: look, heed, lock, look again, ask, share.

use std::time::Duration;

use super::policy::{self, Advice, Verdict};
use super::{Broker, Handed, Request, Source, Why};
use crate::cache::{Guard, Kind, Lock, Note, Store};
use crate::error::{Category, Error, Result};
use crate::login::{Backoff, Failure, Granted, Liveness, Outlook};
use crate::secret::Secret;
use crate::time::{Timestamp, humane};
use crate::token::{Lifetime, Token};

/// One request when there is no token to fall back on. Half the default deadline, so that a second one fits.
const ATTEMPT: Duration = Duration::from_secs(30);
/// One request, or one wait for another process, while there is a token to hand out: nobody is to notice.
const SHORT_ATTEMPT: Duration = Duration::from_secs(5);
/// How often a waiting process looks: soon at first, since a fetch takes some ten milliseconds.
const FIRST_LOOK: Duration = Duration::from_millis(5);
const LAST_LOOK: Duration = Duration::from_millis(100);
/// Those who give up on a stopped lock holder spread over this much time, so that one of them can answer
/// for the others.
const SPREAD: Duration = Duration::from_secs(1);
/// A series of failures ends when nobody asked for this long.
const SERIES_END: Duration = Duration::from_secs(300);

pub(super) struct Call<'b> {
    broker: &'b Broker<'b>,
    request: Request,
    /// A token to hand out if no better one can be had, and whether it is good enough to go on with at once.
    spare: Option<Spare>,
    /// The token that the API host no longer takes.
    dead: Option<Secret>,
    /// The token that it still takes: asked once per call.
    alive: Option<Secret>,
    /// What this call itself learned last, for when there is no cache to keep it.
    noted: Option<Note>,
    why: Why,
    waited: Duration,
    /// The pause before the next look while waiting.
    pause: Duration,
    /// Waited long enough for others: ask without the lock.
    alone: bool,
    remarks: Vec<String>,
}

struct Spare {
    token: Token,
    lifetime: Lifetime,
    in_soft_margin: bool,
}

/// What to do next, when neither the cache nor a note answers.
enum Step {
    Ask { locked: bool },
    WaitUntil(Timestamp),
}

impl<'b> Call<'b> {
    pub(super) fn new(broker: &'b Broker<'b>, request: Request) -> Self {
        Self {
            broker,
            request,
            spare: None,
            dead: None,
            alive: None,
            noted: None,
            why: if request.wishes.force_refresh { Why::Forced } else { Why::NoEntry },
            waited: Duration::ZERO,
            pause: FIRST_LOOK,
            alone: false,
            remarks: Vec::new(),
        }
    }

    pub(super) fn run(mut self) -> Result<Handed> {
        loop {
            if let Some(handed) = self.look()? {
                return Ok(handed);
            }
            let locked = match self.heed()? {
                Step::WaitUntil(time) => {
                    // All of us wake up together: whoever did without the lock is to try it again.
                    self.alone = false;
                    self.wait_until(time)?;
                    continue;
                }
                Step::Ask { locked } => locked,
            };
            let guard = match self.broker.store.filter(|_| locked).map_or(Lock::Unsupported, Store::try_lock)
            {
                Lock::Held(guard) => {
                    // Its last holder may have answered since we looked.
                    if let Some(handed) = self.look()? {
                        return Ok(handed);
                    }
                    if !matches!(self.heed()?, Step::Ask { .. }) {
                        continue;
                    }
                    Some(guard)
                }
                Lock::Busy => {
                    if let Some(handed) = self.wait_for_holder()? {
                        return Ok(handed);
                    }
                    continue;
                }
                Lock::Unsupported => None,
            };
            if let Some(handed) = self.ask(guard)? {
                return Ok(handed);
            }
        }
    }

    /// Looks into the cache, and at the notes when there is only a spare token: the answer, if that is one.
    fn look(&mut self) -> Result<Option<Handed>> {
        let cached = self.broker.store.and_then(Store::token);
        // A cache that is emptied meanwhile takes nothing from us.
        let candidate = cached.or_else(|| self.spare.take().map(|spare| spare.token));
        self.spare = None;
        let Some((token, lifetime)) = candidate.and_then(|token| token.lifetime.map(|life| (token, life)))
        else {
            return Ok(None);
        };
        let verdict = self.judge(&token, lifetime);
        match verdict {
            Verdict::Fresh => {
                let source = if self.waited.is_zero() { Source::Reused } else { Source::Waited(self.waited) };
                return Ok(Some(self.hand(token, source)));
            }
            Verdict::TooShort => return Err(self.too_short(lifetime)),
            Verdict::Useless => return Ok(None),
            Verdict::Renew | Verdict::LastResort => {}
        }
        let in_soft_margin = verdict == Verdict::Renew;
        self.spare = Some(Spare { token, lifetime, in_soft_margin });
        let now = self.broker.clock.now();
        Ok(match self.note() {
            Some(note) if policy::is_paused(&note, now) => self.hand_spare(Some(&note.error)),
            _ => None,
        })
    }

    fn judge(&mut self, token: &Token, lifetime: Lifetime) -> Verdict {
        if self.dead.as_ref() == Some(&token.value) {
            return Verdict::Useless;
        }
        let now = self.broker.clock.now();
        let verdict = policy::judge(lifetime, now, &self.request.wishes);
        match verdict {
            Verdict::Fresh | Verdict::Renew | Verdict::LastResort if self.is_dead(token, lifetime, now) => {
                self.dead = Some(token.value.clone());
                self.why = Why::NotAlive;
                if let Some(Lock::Held(guard)) = self.broker.store.map(Store::try_lock) {
                    // At once, since a rate limit may keep us from replacing it.
                    self.drop_dead(&guard);
                }
                return Verdict::Useless;
            }
            Verdict::Useless if self.request.wishes.force_refresh => {}
            Verdict::Renew | Verdict::LastResort | Verdict::Useless if now >= lifetime.requested_at => {
                self.why = Why::Expires(lifetime.left(now));
            }
            _ => {}
        }
        verdict
    }

    /// Asks the API host, if the caller wants that of a token of this age; once per token.
    fn is_dead(&mut self, token: &Token, lifetime: Lifetime, now: Timestamp) -> bool {
        let Some(verify_after) = self.request.verify_after else { return false };
        let born_for_us = lifetime.requested_at >= self.request.wishes.began;
        let young = now.since(lifetime.requested_at) < verify_after;
        if born_for_us || young || self.alive.as_ref() == Some(&token.value) {
            return false;
        }
        match self.broker.login.check(&token.value, self.remaining()) {
            Liveness::Dead => return true,
            Liveness::Alive => {}
            Liveness::Unknown(why) => self.remarks.push(why),
        }
        self.alive = Some(token.value.clone());
        false
    }

    /// Drops the token that the API host no longer takes, unless there is another one by now.
    fn drop_dead(&self, _locked: &Guard) {
        if let (Some(store), Some(dead)) = (self.broker.store, &self.dead) {
            // Best effort: what can't be dropped is replaced in a moment.
            let _ = store.drop_token(dead);
        }
    }

    /// What the last unsuccessful request says to us.
    fn heed(&mut self) -> Result<Step> {
        let locked = !self.alone;
        let Some(note) = self.note().filter(|_| self.spare.is_none()) else {
            return Ok(Step::Ask { locked });
        };
        match policy::heed(&note, self.broker.clock.now(), self.request.wishes.began) {
            Advice::Ask => Ok(Step::Ask { locked }),
            Advice::AskAlone => Ok(Step::Ask { locked: false }),
            Advice::GiveUp(error) => Err(error),
            Advice::WaitUntil(time) => {
                let now = self.broker.clock.now();
                if time.since(now) < self.remaining() {
                    Ok(Step::WaitUntil(time))
                } else if note.kind == Kind::RateLimited {
                    Err(note.error.retry_after(time.since(now)))
                } else {
                    Err(note.error)
                }
            }
        }
    }

    /// The newest note, ours or another process's.
    fn note(&self) -> Option<Note> {
        let shared = self.broker.store.and_then(Store::note);
        match (shared, &self.noted) {
            (Some(shared), Some(ours)) if policy::outweighs(&shared, ours) => Some(shared),
            (shared, ours) => shared.into_iter().chain(ours.clone()).max_by_key(|note| note.answered_at),
        }
    }

    /// Lets a little time pass; the caller looks again after it.
    fn wait_until(&mut self, time: Timestamp) -> Result<()> {
        let ahead = time.since(self.broker.clock.now());
        self.nap(ahead.max(Duration::from_millis(1)))
    }

    /// Another process holds the lock: go on with the spare token, or wait for what the other learns.
    fn wait_for_holder(&mut self) -> Result<Option<Handed>> {
        if self.spare.as_ref().is_some_and(|spare| spare.in_soft_margin) {
            return Ok(self.hand_spare(None));
        }
        let patience = self.request.timeout / 2;
        if self.spare.is_some() && self.waited >= patience.min(SHORT_ATTEMPT) {
            return Ok(self.hand_spare(Some(&Error::internal("another process is fetching for too long"))));
        }
        if self.waited >= patience {
            // It may be stopped. Spread out, look once more, and then do without it.
            self.alone = true;
            let moment = self.broker.random.moment(SPREAD.min(self.remaining() / 2));
            self.broker.clock.sleep(moment);
            self.waited += moment;
            return Ok(None);
        }
        let before = self.broker.clock.elapsed();
        self.nap(patience.saturating_sub(self.waited).max(Duration::from_millis(1)))?;
        self.waited += self.broker.clock.elapsed().saturating_sub(before);
        Ok(None)
    }

    /// Sleeps until the next look, at most `most`.
    fn nap(&mut self, most: Duration) -> Result<()> {
        let remaining = self.remaining();
        if remaining.is_zero() {
            return Err(self.out_of_time());
        }
        self.broker.clock.sleep(self.pause.min(most).min(remaining));
        self.pause = (self.pause * 3 / 2).min(LAST_LOOK);
        Ok(())
    }

    /// One request, and what comes of it for us and the others. `None`: ask again later.
    fn ask(&mut self, guard: Option<Guard>) -> Result<Option<Handed>> {
        let most = if self.spare.is_some() { SHORT_ATTEMPT } else { ATTEMPT };
        let limit = most.min(self.remaining());
        if limit.is_zero() {
            return Err(self.out_of_time());
        }
        if let Some(guard) = &guard {
            self.drop_dead(guard);
        }
        let requested_at = self.broker.clock.now();
        let answer = self.broker.login.ask(limit);
        let received_at = self.broker.clock.now();
        match answer.and_then(|granted| unless_ended(granted, requested_at, received_at)) {
            Ok(granted) => self.take(granted, requested_at, received_at, guard).map(Some),
            Err(failure) => {
                self.record(&failure, received_at);
                drop(guard);
                // The attempt took its time: the spare token may have become too old meanwhile.
                self.spare.take_if(|spare| {
                    policy::judge(spare.lifetime, received_at, &self.request.wishes) == Verdict::Useless
                });
                if self.spare.is_some() {
                    return Ok(self.hand_spare(Some(&failure.error)));
                }
                match failure.outlook {
                    Outlook::Refused | Outlook::Blocked => Err(failure.error),
                    Outlook::RateLimited | Outlook::Transient => Ok(None),
                }
            }
        }
    }

    /// Stores a new token and hands it out.
    fn take(
        &mut self,
        granted: Granted,
        requested_at: Timestamp,
        received_at: Timestamp,
        guard: Option<Guard>,
    ) -> Result<Handed> {
        self.remarks.extend(granted.remarks);
        let lifetime = granted.expires_in.map(|life| Lifetime {
            requested_at,
            received_at,
            expires_at: requested_at.plus(life),
        });
        let token = Token { value: granted.value, lifetime, scope: granted.scope };
        if let Some(store) = self.broker.store {
            let stored = if lifetime.is_some() {
                store.put_token(&token, self.broker.random).map_err(|error| {
                    self.remarks.push(format!("the token could not be cached: {error}"));
                })
            } else {
                Err(())
            };
            if stored.is_err() {
                // Those who wait for us need not wait for one another.
                let error = Error::new(Category::Unavailable, "the login server's answer can't be cached");
                self.keep_note(Kind::Uncacheable, received_at, Duration::ZERO, 1, error);
            }
            drop(guard);
            if stored.is_ok() {
                store.prune(received_at);
            }
        }
        let min_ttl = self.request.wishes.min_ttl.unwrap_or_default();
        match lifetime {
            Some(life) if policy::is_too_short(life, min_ttl) => return Err(self.too_short(life)),
            Some(life) if self.broker.store.is_some() && policy::is_never_fresh(life, min_ttl) => {
                let lives = humane(life.whole());
                self.remarks
                    .push(format!("tokens live {lives}, so with this --min-ttl every call fetches one"));
            }
            _ => {}
        }
        Ok(self.hand(token, Source::Fetched(self.why)))
    }

    /// Notes a failure, for us and for the others, if it means anything to them.
    fn record(&mut self, failure: &Failure, at: Timestamp) {
        let kind = match failure.outlook {
            Outlook::Blocked => return,
            Outlook::Refused => Kind::Refused,
            Outlook::RateLimited => Kind::RateLimited,
            Outlook::Transient => Kind::Failed,
        };
        let streak = match self.note() {
            Some(last) if last.kind == kind && at.since(last.not_before) < SERIES_END => last.streak + 1,
            _ => 1,
        };
        let wait = Backoff::wait(failure, streak, self.broker.random);
        self.keep_note(kind, at, wait, streak, failure.error.clone());
    }

    fn keep_note(&mut self, kind: Kind, answered_at: Timestamp, wait: Duration, streak: u32, error: Error) {
        let note = Note { kind, answered_at, not_before: answered_at.plus(wait), streak, error };
        // Whatever this call learns is for this call, even if the clock has gone back meanwhile.
        self.request.wishes.began = self.request.wishes.began.min(answered_at);
        if let Some(store) = self.broker.store
            && !store.note().is_some_and(|old| policy::outweighs(&old, &note))
        {
            // Best effort: without it the others learn by asking.
            let noted = store.put_note(&note, self.broker.random);
            if noted.is_err() && kind == Kind::Uncacheable {
                let _ = store.put_empty_note();
            }
        }
        self.noted = Some(note);
    }

    /// Hands out the spare token; with the reason why there is no new one, if somebody tried.
    fn hand_spare(&mut self, failed: Option<&Error>) -> Option<Handed> {
        let spare = self.spare.take()?;
        if let Some(error) = failed {
            let left = humane(spare.lifetime.left(self.broker.clock.now()));
            self.remarks
                .push(format!("no new token could be had, going on with {left} left: {}", error.message));
        }
        Some(self.hand(spare.token, Source::Reused))
    }

    fn hand(&mut self, token: Token, source: Source) -> Handed {
        Handed { token, source, remarks: std::mem::take(&mut self.remarks) }
    }

    fn remaining(&self) -> Duration {
        self.request.timeout.saturating_sub(self.broker.clock.elapsed())
    }

    fn too_short(&self, lifetime: Lifetime) -> Error {
        let asked = humane(self.request.wishes.min_ttl.unwrap_or_default());
        let given = humane(lifetime.whole());
        Error::new(
            Category::Lifetime,
            format!("the login server's tokens live {given}, and --min-ttl asks for {asked}"),
        )
        .hint("ask for less, or raise the token duration of the OAuth client in Genesys Cloud's Admin")
    }

    fn out_of_time(&self) -> Error {
        match self.note() {
            Some(note) if note.answered_at >= self.request.wishes.began => note.error,
            _ => {
                let timeout = humane(self.request.timeout);
                Error::new(Category::Unavailable, format!("no token within {timeout}"))
                    .hint("another process may hold the cache's lock; a longer --timeout waits longer")
            }
        }
    }
}

/// Refuses a token whose life was over before it was here: this process was stopped meanwhile, or the clock was set
/// forward. Another one is to be had.
fn unless_ended(
    granted: Granted,
    requested_at: Timestamp,
    received_at: Timestamp,
) -> std::result::Result<Granted, Failure> {
    if granted.expires_in.is_none_or(|life| requested_at.plus(life) > received_at) {
        return Ok(granted);
    }
    let error = Error::new(Category::Unavailable, "the token had ended when its answer was read")
        .hint("this process was stopped meanwhile, or the clock was set forward; try again");
    Err(Failure { outlook: Outlook::Transient, retry_after: None, error })
}
