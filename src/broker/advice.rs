//! What the last failure means for a call: pure functions of a failure record and the time.

use std::time::Duration;

use super::freshness::is_answer_to;
use crate::cache::{FailureRecord, RecordClass};
use crate::error::Error;
use crate::time::Timestamp;

/// After a failure no call refreshes for this long while there is a usable token.
const REFRESH_PAUSE: Duration = Duration::from_secs(30);

/// What a failure record says to a call without a usable token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Advice {
    /// Request a token.
    Request,
    /// Request a token without waiting for other processes: no answer can be shared.
    RequestWithoutLock,
    /// The login server's answer stands; another request would bring the same.
    Fail(Error),
    /// No request before this time.
    WaitUntil(Timestamp),
}

/// What `record` says to a call that started at `started_at`.
pub(super) fn advice(record: &FailureRecord, now: Timestamp, started_at: Timestamp) -> Advice {
    if record.answered_at > now {
        // The clock went back: the record says nothing about now.
        return Advice::Request;
    }
    // What came while this call waited says how to go on, but only an answer to this call is final.
    let came_while_waiting = record.answered_at >= started_at;
    let requested_at = record.requested_at.unwrap_or(record.answered_at);
    match record.class {
        RecordClass::Refused if is_answer_to(requested_at, record.answered_at, started_at) => {
            Advice::Fail(record.error.clone())
        }
        RecordClass::Uncacheable if came_while_waiting => Advice::RequestWithoutLock,
        RecordClass::RateLimited if now < record.not_before => Advice::WaitUntil(record.not_before),
        RecordClass::Transient if came_while_waiting && now < record.not_before => {
            Advice::WaitUntil(record.not_before)
        }
        _ => Advice::Request,
    }
}

/// Whether a call with a usable token does not refresh it because of `record`. A good answer that can't be cached is no
/// failed refresh: the next call gets another.
pub(super) fn suppresses_refresh(record: &FailureRecord, now: Timestamp) -> bool {
    let is_recent = now.since(record.answered_at) < REFRESH_PAUSE;
    record.answered_at <= now
        && match record.class {
            RecordClass::Uncacheable => false,
            RecordClass::RateLimited => is_recent || now < record.not_before,
            RecordClass::Refused | RecordClass::Transient => is_recent,
        }
}

/// Whether `new` must not replace `old`: a rate limit in force, which a request without the lock may not have seen.
pub(super) fn must_keep(old: &FailureRecord, new: &FailureRecord) -> bool {
    old.class == RecordClass::RateLimited
        && old.answered_at <= new.answered_at
        && old.not_before > new.not_before
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(class: RecordClass, answered_at: i64, not_before: i64) -> FailureRecord {
        let at = Timestamp::from_secs;
        let error = Error::internal("no");
        FailureRecord {
            class,
            requested_at: Some(at(answered_at - 3)),
            answered_at: at(answered_at),
            transport_id: None,
            not_before: at(not_before),
            streak: 1,
            error,
        }
    }

    fn advised(record: &FailureRecord, now: i64, started_at: i64) -> Advice {
        advice(record, Timestamp::from_secs(now), Timestamp::from_secs(started_at))
    }

    #[test]
    fn a_refusal_answers_the_calls_that_started_before_its_request_or_together_with_it() {
        let refused = record(RecordClass::Refused, 5, 5);
        assert_eq!(advised(&refused, 9, 2), Advice::Fail(Error::internal("no")));
        assert_eq!(advised(&refused, 9, 3), Advice::Fail(Error::internal("no")), "a second later");
        assert_eq!(advised(&refused, 9, 4), Advice::Request, "while it was under way");
        assert_eq!(advised(&refused, 9, 6), Advice::Request, "after its answer");
        let of_old_program = FailureRecord { requested_at: None, ..refused };
        assert_eq!(advised(&of_old_program, 9, 5), Advice::Fail(Error::internal("no")));
    }

    #[test]
    fn a_rate_limit_binds_every_call_and_a_failure_the_calls_that_saw_it() {
        let until = Advice::WaitUntil(Timestamp::from_secs(20));
        let limited = record(RecordClass::RateLimited, 5, 20);
        assert_eq!(advised(&limited, 9, 8), until);
        assert_eq!(advised(&limited, 20, 8), Advice::Request);
        let failed = record(RecordClass::Transient, 5, 20);
        assert_eq!(advised(&failed, 9, 4), until);
        assert_eq!(advised(&failed, 20, 4), Advice::Request);
        assert_eq!(advised(&failed, 9, 8), Advice::Request);
        let uncacheable = record(RecordClass::Uncacheable, 5, 5);
        assert_eq!(advised(&uncacheable, 9, 4), Advice::RequestWithoutLock);
        assert_eq!(advised(&uncacheable, 9, 6), Advice::Request);
    }

    #[test]
    fn a_rate_limit_in_force_is_kept() {
        let limit = record(RecordClass::RateLimited, 5, 100);
        assert!(must_keep(&limit, &record(RecordClass::Transient, 6, 7)));
        assert!(must_keep(&limit, &record(RecordClass::RateLimited, 6, 7)));
        assert!(!must_keep(&limit, &record(RecordClass::RateLimited, 6, 100)));
        assert!(!must_keep(&limit, &record(RecordClass::Transient, 101, 102)));
        assert!(!must_keep(&limit, &record(RecordClass::Transient, 4, 5)), "the clock went back");
        assert!(!must_keep(&record(RecordClass::Transient, 5, 100), &record(RecordClass::RateLimited, 6, 7)));
    }

    #[test]
    fn a_record_from_the_future_says_nothing() {
        let limit = record(RecordClass::RateLimited, 50, 60);
        assert_eq!(advised(&limit, 9, 4), Advice::Request);
        assert!(!suppresses_refresh(&limit, Timestamp::from_secs(9)));
    }

    #[test]
    fn refreshes_pause_for_thirty_seconds_or_as_long_as_the_rate_limit() {
        let at = Timestamp::from_secs;
        let failed = record(RecordClass::Transient, 5, 6);
        assert!(suppresses_refresh(&failed, at(34)));
        assert!(!suppresses_refresh(&failed, at(35)));
        let limited = record(RecordClass::RateLimited, 5, 100);
        assert!(suppresses_refresh(&limited, at(99)));
        assert!(!suppresses_refresh(&limited, at(100)));
        assert!(suppresses_refresh(&record(RecordClass::Refused, 5, 5), at(34)));
        assert!(!suppresses_refresh(&record(RecordClass::Uncacheable, 5, 5), at(6)));
    }
}
