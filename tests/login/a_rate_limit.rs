//! Asked too often.

use super::*;

/// The error of a call whose deadline comes before the end of this limit.
#[track_caller]
fn ended_by(answer: Answer, timeout: &str) -> (Error, usize) {
    let (error, requests) = refusal(Behaviour::answering(answer), timeout);
    assert_eq!(error.category, Category::RateLimited, "{error:?}");
    assert!(error.message.contains("asked too often"), "{error:?}");
    assert_correlated(&error);
    (error, requests)
}

#[test]
fn beyond_the_deadline_is_an_error_at_once_with_the_time_to_wait() {
    let (error, requests) = ended_by(limited(Some("90")), "20s");
    assert!(error.retry_after.is_some_and(|wait| (60..=90).contains(&wait)), "{error:?}");
    assert_eq!(requests, 1);
}

#[test]
fn may_be_told_as_a_date() {
    let date = httpdate::fmt_http_date(SystemTime::now() + Duration::from_secs(90));
    let (error, requests) = ended_by(limited(Some(&date)), "20s");
    assert!(error.retry_after.is_some_and(|wait| (60..=90).contains(&wait)), "{error:?}");
    assert_eq!(requests, 1);
}

#[test]
fn of_an_absurd_length_counts_as_three_minutes() {
    for absurd in ["86400", "99999999999999999999999", "Fri, 31 Dec 9999 23:59:59 GMT"] {
        let (error, requests) = ended_by(limited(Some(absurd)), "20s");
        assert!(error.retry_after.is_some_and(|wait| (150..=180).contains(&wait)), "{absurd}: {error:?}");
        assert_eq!(requests, 1);
    }
}

#[test]
fn without_a_readable_time_is_waited_for_until_the_deadline() {
    let rows = [None, Some("soon"), Some("-5"), Some("0"), Some("Thu, 01 Jan 1970 00:00:00 GMT")];
    thread::scope(|scope| {
        for retry_after in rows {
            scope.spawn(move || {
                let (error, _) = ended_by(limited(retry_after), "1s");
                assert!(error.retry_after.is_some_and(|wait| wait <= 5), "{retry_after:?}: {error:?}");
            });
        }
    });
}

#[test]
fn is_also_genesys_own_invalid_request_and_nothing_else_of_that_name() {
    let description = "Rate limit exceeded; too many token requests, try again in a minute";
    ended_by(oauth(400, "invalid_request", description), "1s");
    for (error, description) in
        [("invalid_request", "no rate limit exceeded"), ("invalid_client", "rate limit exceeded")]
    {
        let answer = oauth(400, error, description);
        final_refusal(Behaviour::answering(answer), Category::Rejected, description);
    }
}

#[test]
fn that_ends_before_the_deadline_is_waited_for() {
    let server = LoginServer::start(Behaviour::answering(limited(Some("1"))));
    let cache = cache();
    let child = Call::new("get", &server, cache.path()).start();
    while server.log().last().is_none_or(|record| record.status.is_none()) {
        thread::yield_now();
    }
    server.set(Behaviour::default());
    let done = Done::from(child.wait_with_output().expect("the program ends"));
    assert_eq!(done.token(), server.tokens()[0]);
    assert_eq!(server.token_requests(), 2);
}
