//! The policy: pure functions of a token's life or a note, the time, and what the caller wishes.
//!
//! With L the token's whole life, r the time left and M the life asked for:
//!
//! | | |
//! |---|---|
//! | hard margin | h = max(min(5 min, L/10), M): at r ≤ h the token is not handed out while a new one can be had |
//! | soft margin | s = min(15 min, L/5) above h: one process renews, the others go on with the token |
//! | last resort | min(30 s, h/2): down to here the old token still beats a failed pipeline |
//!
//! The shares of L keep the margins sane for clients set to short lives (Genesys allows 300 s).

use std::time::Duration;

use crate::cache::{Kind, Note};
use crate::error::Error;
use crate::time::Timestamp;
use crate::token::Lifetime;

const HARD: Duration = Duration::from_secs(300);
const HARD_SHARE: u32 = 10;
const SOFT: Duration = Duration::from_secs(900);
const SOFT_SHARE: u32 = 5;
const LAST_RESORT: Duration = Duration::from_secs(30);
/// A token asked to live M that lives a little shorter: the second that `expires_in` was rounded by, and the
/// second that Genesys takes off (86399 for a day).
pub const GRACE: Duration = Duration::from_secs(2);
/// How long nobody tries again after a failure while there is a token to hand out.
pub const PAUSE: Duration = Duration::from_secs(30);
/// Calls that start while a request is on its way count as having started with it, if it was sent no longer
/// ago than this: forty stages of a matrix start together, but never in the same instant.
const TOGETHER: Duration = Duration::from_secs(1);

/// What the caller wants of a token.
#[derive(Clone, Copy, Debug)]
pub struct Wishes {
    /// When this call began.
    pub began: Timestamp,
    /// M: how long the token must live at least.
    pub min_ttl: Option<Duration>,
    /// A fresh one on purpose.
    pub force_refresh: bool,
}

/// What a cached token is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Hand it out.
    Fresh,
    /// Hand it out, but let one process renew it first.
    Renew,
    /// Hand it out only if no new one can be had.
    LastResort,
    /// Brand-new, and shorter than was asked for: no other one will be better.
    TooShort,
    /// As good as none.
    Useless,
}

/// Judges a token's life at `now`.
pub fn judge(life: Lifetime, now: Timestamp, wishes: &Wishes) -> Verdict {
    let min_ttl = wishes.min_ttl.unwrap_or_default();
    let left = life.left(now);
    if now < life.requested_at || left.is_zero() {
        return Verdict::Useless;
    }
    if is_answer_to(life, wishes.began) && left > hard_margin(life) {
        return if is_too_short(life, min_ttl) { Verdict::TooShort } else { Verdict::Fresh };
    }
    if wishes.force_refresh {
        return Verdict::Useless;
    }
    let (hard, soft) = margins(life, min_ttl);
    if left > soft {
        Verdict::Fresh
    } else if left > hard {
        Verdict::Renew
    } else if wishes.min_ttl.is_none() && left >= LAST_RESORT.min(hard / 2) {
        Verdict::LastResort
    } else {
        Verdict::Useless
    }
}

fn hard_margin(life: Lifetime) -> Duration {
    HARD.min(life.whole() / HARD_SHARE)
}

/// What must be left of a token to be handed out, and to be handed out without one process renewing it.
fn margins(life: Lifetime, min_ttl: Duration) -> (Duration, Duration) {
    let hard = hard_margin(life).max(min_ttl);
    (hard, hard.saturating_add(SOFT.min(life.whole() / SOFT_SHARE)))
}

/// Whether even a brand-new token has so little left, for this wish, that every call fetches another.
pub fn is_never_fresh(life: Lifetime, min_ttl: Duration) -> bool {
    life.whole() <= margins(life, min_ttl).1
}

/// Whether a brand-new token lives shorter than `min_ttl` asks.
pub fn is_too_short(life: Lifetime, min_ttl: Duration) -> bool {
    life.whole() + GRACE < min_ttl
}

/// Whether a token answers a call that began at `began`, whatever its flags: its request was sent after that,
/// or was on its way just then.
fn is_answer_to(life: Lifetime, began: Timestamp) -> bool {
    life.requested_at >= began || (life.received_at > began && life.requested_at.plus(TOGETHER) >= began)
}

/// What a note says to a caller who has no token to hand out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Advice {
    /// Ask the login server.
    Ask,
    /// Ask, and don't wait for the others: no answer can be shared.
    AskAlone,
    /// The login server's answer stands; it would be the same again.
    GiveUp(Error),
    /// Nobody asks before this time.
    WaitUntil(Timestamp),
}

/// Reads a note for a call that began at `began`.
pub fn heed(note: &Note, now: Timestamp, began: Timestamp) -> Advice {
    if note.answered_at > now {
        // The clock went back: the note says nothing about now.
        return Advice::Ask;
    }
    // An answer that came after this call began is an answer to this call too.
    let for_us = note.answered_at >= began;
    match note.kind {
        Kind::Refused if for_us => Advice::GiveUp(note.error.clone()),
        Kind::Uncacheable if for_us => Advice::AskAlone,
        Kind::RateLimited if now < note.not_before => Advice::WaitUntil(note.not_before),
        Kind::Failed if for_us && now < note.not_before => Advice::WaitUntil(note.not_before),
        _ => Advice::Ask,
    }
}

/// Whether nobody is to ask just now, given that there is still a token to hand out.
pub fn is_paused(note: &Note, now: Timestamp) -> bool {
    note.answered_at <= now
        && (now.since(note.answered_at) < PAUSE || (note.kind == Kind::RateLimited && now < note.not_before))
}

/// Whether `old` must not be replaced by `new`: a rate limit that is still on, which whoever asked beside the lock
/// may not have seen.
pub fn outweighs(old: &Note, new: &Note) -> bool {
    old.kind == Kind::RateLimited && old.answered_at <= new.answered_at && old.not_before > new.not_before
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 86_400;

    fn life(seconds: i64) -> Lifetime {
        let at = Timestamp::from_secs;
        Lifetime { requested_at: at(0), received_at: at(0), expires_at: at(seconds) }
    }

    fn wishes(min_ttl: Option<u64>, force_refresh: bool) -> Wishes {
        let began = Timestamp::from_secs(10);
        Wishes { began, min_ttl: min_ttl.map(Duration::from_secs), force_refresh }
    }

    fn left(whole: i64, left: i64, min_ttl: Option<u64>) -> Verdict {
        judge(life(whole), Timestamp::from_secs(whole - left), &wishes(min_ttl, false))
    }

    #[test]
    fn a_day_long_token_is_renewed_in_its_last_twenty_minutes_and_dropped_in_its_last_five() {
        assert_eq!(left(DAY, 1_201, None), Verdict::Fresh);
        assert_eq!(left(DAY, 1_200, None), Verdict::Renew);
        assert_eq!(left(DAY, 301, None), Verdict::Renew);
        assert_eq!(left(DAY, 300, None), Verdict::LastResort);
        assert_eq!(left(DAY, 30, None), Verdict::LastResort);
        assert_eq!(left(DAY, 29, None), Verdict::Useless);
        assert_eq!(left(DAY, 0, None), Verdict::Useless);
    }

    #[test]
    fn margins_shrink_with_short_lives() {
        assert_eq!(left(300, 91, None), Verdict::Fresh);
        assert_eq!(left(300, 90, None), Verdict::Renew);
        assert_eq!(left(300, 31, None), Verdict::Renew);
        assert_eq!(left(300, 30, None), Verdict::LastResort);
        assert_eq!(left(300, 15, None), Verdict::LastResort);
        assert_eq!(left(300, 14, None), Verdict::Useless);
    }

    #[test]
    fn the_life_asked_for_moves_the_margins_and_allows_no_last_resort() {
        assert_eq!(left(DAY, 3_600 + 901, Some(3_600)), Verdict::Fresh);
        assert_eq!(left(DAY, 3_600 + 900, Some(3_600)), Verdict::Renew);
        assert_eq!(left(DAY, 3_600, Some(3_600)), Verdict::Useless);
        assert_eq!(left(DAY, 200, Some(60)), Verdict::Useless);
    }

    #[test]
    fn a_wish_for_all_but_the_soft_margin_of_a_life_is_one_for_a_token_in_every_call() {
        let secs = Duration::from_secs;
        assert!(!is_never_fresh(life(DAY), secs(86_400 - 901)));
        assert!(is_never_fresh(life(DAY), secs(86_400 - 900)));
        assert!(!is_never_fresh(life(300), Duration::ZERO));
    }

    #[test]
    fn a_clock_before_the_token_s_start_is_a_miss() {
        assert_eq!(judge(life(DAY), Timestamp::from_secs(-1), &wishes(None, false)), Verdict::Useless);
    }

    #[test]
    fn a_token_born_after_the_call_began_answers_it_whatever_its_flags() {
        let now = Timestamp::from_secs(11);
        let born = |requested: i64, received: i64| Lifetime {
            requested_at: Timestamp(requested * 100_000),
            received_at: Timestamp(received * 100_000),
            expires_at: Timestamp::from_secs(DAY),
        };
        let judged = |life| judge(life, now, &wishes(None, true));
        assert_eq!(judged(born(100, 101)), Verdict::Fresh, "sent as the call began");
        assert_eq!(judged(born(91, 105)), Verdict::Fresh, "on its way as the call began");
        assert_eq!(judged(born(89, 105)), Verdict::Useless, "sent too long before");
        assert_eq!(judged(born(91, 99)), Verdict::Useless, "answered before the call began");
        assert_eq!(judge(born(100, 101), now, &wishes(Some(90_000), true)), Verdict::TooShort);
        assert_eq!(
            judge(born(100, 101), now, &wishes(Some(86_390), true)),
            Verdict::Fresh,
            "within the grace"
        );
    }

    fn note(kind: Kind, answered_at: i64, not_before: i64) -> Note {
        let at = Timestamp::from_secs;
        let error = Error::internal("no");
        Note { kind, answered_at: at(answered_at), not_before: at(not_before), streak: 1, error }
    }

    #[test]
    fn a_refusal_answers_those_who_were_waiting_for_it_and_nobody_else() {
        let heeded =
            |began| heed(&note(Kind::Refused, 5, 5), Timestamp::from_secs(9), Timestamp::from_secs(began));
        assert_eq!(heeded(5), Advice::GiveUp(Error::internal("no")));
        assert_eq!(heeded(6), Advice::Ask);
    }

    #[test]
    fn a_rate_limit_binds_everybody_and_a_failure_those_who_saw_it() {
        let at = Timestamp::from_secs;
        assert_eq!(heed(&note(Kind::RateLimited, 5, 20), at(9), at(8)), Advice::WaitUntil(at(20)));
        assert_eq!(heed(&note(Kind::RateLimited, 5, 20), at(20), at(8)), Advice::Ask);
        assert_eq!(heed(&note(Kind::Failed, 5, 20), at(9), at(4)), Advice::WaitUntil(at(20)));
        assert_eq!(heed(&note(Kind::Failed, 5, 20), at(9), at(8)), Advice::Ask);
        assert_eq!(heed(&note(Kind::Uncacheable, 5, 5), at(9), at(4)), Advice::AskAlone);
    }

    #[test]
    fn a_rate_limit_that_is_still_on_stays_noted() {
        let limit = note(Kind::RateLimited, 5, 100);
        assert!(outweighs(&limit, &note(Kind::Failed, 6, 7)));
        assert!(outweighs(&limit, &note(Kind::RateLimited, 6, 7)));
        assert!(!outweighs(&limit, &note(Kind::RateLimited, 6, 101)));
        assert!(!outweighs(&limit, &note(Kind::Failed, 101, 102)));
        assert!(!outweighs(&limit, &note(Kind::Failed, 4, 5)), "the clock went back");
        assert!(!outweighs(&note(Kind::Failed, 5, 100), &note(Kind::RateLimited, 6, 7)));
    }

    #[test]
    fn a_life_longer_than_time_itself_may_be_asked_for() {
        assert_eq!(left(DAY, DAY, Some(u64::MAX)), Verdict::Useless);
    }

    #[test]
    fn a_note_from_the_future_says_nothing() {
        let at = Timestamp::from_secs;
        assert_eq!(heed(&note(Kind::RateLimited, 50, 60), at(9), at(4)), Advice::Ask);
        assert!(!is_paused(&note(Kind::RateLimited, 50, 60), at(9)));
    }

    #[test]
    fn a_pause_lasts_thirty_seconds_or_as_long_as_the_rate_limit() {
        let at = Timestamp::from_secs;
        assert!(is_paused(&note(Kind::Failed, 5, 6), at(34)));
        assert!(!is_paused(&note(Kind::Failed, 5, 6), at(35)));
        assert!(is_paused(&note(Kind::RateLimited, 5, 100), at(99)));
    }
}
