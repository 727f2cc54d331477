//! Rate limits: how long a call waits, and what it says when that is too long.

use super::*;

/// The error of a call whose deadline comes before the end of this limit.
#[track_caller]
fn limited_until_deadline(answer: Answer, timeout: &str) -> (Error, usize) {
    let (error, requests) = failed_within(timeout, Behaviour::answering(answer), Category::RateLimited);
    assert!(error.message.contains(" limits token requests"), "{error:?}");
    assert_correlated(&error);
    (error, requests)
}

/// The same, after one request and with a time to wait in this range.
#[track_caller]
fn assert_waits(answer: Answer, seconds: std::ops::RangeInclusive<u64>) {
    let (error, requests) = limited_until_deadline(answer, "20s");
    assert!(error.retry_after.is_some_and(|wait| seconds.contains(&wait)), "{error:?}");
    assert_eq!(requests, 1);
}

#[test]
fn a_limit_beyond_the_deadline_is_an_error_at_once_with_the_time_to_wait() {
    assert_waits(limited(Some("90")), 60..=90);
}

#[test]
fn the_time_to_wait_may_be_a_date() {
    let date = httpdate::fmt_http_date(SystemTime::now() + Duration::from_secs(90));
    assert_waits(limited(Some(&date)), 60..=90);
}

#[test]
fn a_date_is_read_against_the_clock_of_the_server() {
    for clock_ahead in [-3_600_i64, 3_600] {
        let ahead = Duration::from_secs(clock_ahead.unsigned_abs());
        let now = SystemTime::now();
        let server_now = if clock_ahead < 0 { now - ahead } else { now + ahead };
        let date = httpdate::fmt_http_date(server_now + Duration::from_secs(90));
        let scene = Scene::with(Behaviour { clock_ahead, ..Behaviour::answering(limited(Some(&date))) });
        let error = failed(&scene, scene.get().args(["--timeout", "20s"]), Category::RateLimited);
        assert!(error.retry_after.is_some_and(|wait| (60..=90).contains(&wait)), "{error:?}");
        assert_eq!(scene.server.token_requests(), 1);
    }
}

#[test]
fn a_fraction_is_rounded_up_and_of_a_list_the_longest_counts() {
    assert_waits(limited(Some("89.5")), 60..=90);
    assert_waits(limited(Some("5, 90")), 60..=90);
    assert_waits(limited(Some("5\n90")), 60..=90);
}

#[test]
fn the_text_of_the_error_says_how_long_to_wait() {
    let scene = Scene::answering(limited(Some("90")));
    let error = "genesys-token: error: the login server HOST limits token requests*\n  cause: *\n  fix: *\n  fix: *\n  fix: try again in 9* s\n";
    scene.get().args(["--timeout", "20s"]).stderr(error).exit(5);
}

#[test]
fn a_longer_time_to_wait_counts_as_three_minutes() {
    for too_long in ["86400", "99999999999999999999999", "Fri, 31 Dec 9999 23:59:59 GMT"] {
        assert_waits(limited(Some(too_long)), 150..=180);
    }
}

#[test]
fn a_limit_without_a_readable_time_is_retried_until_the_deadline() {
    let rows = [None, Some("soon"), Some("-5"), Some("0"), Some("Thu, 01 Jan 1970 00:00:00 GMT")];
    thread::scope(|scope| {
        for retry_after in rows {
            scope.spawn(move || {
                let (error, _) = limited_until_deadline(limited(retry_after), "3s");
                assert!(error.retry_after.is_some_and(|wait| wait <= 5), "{retry_after:?}: {error:?}");
            });
        }
    });
}

#[test]
fn invalid_request_is_a_rate_limit_when_its_description_says_so_and_no_other_error_is() {
    let description = "Rate limit exceeded; too many token requests, try again in a minute";
    limited_until_deadline(oauth(400, "invalid_request", description), "3s");
    for (error, description) in
        [("invalid_request", "no rate limit exceeded"), ("invalid_client", "rate limit exceeded")]
    {
        let answer = oauth(400, error, description);
        failed_at_once(Behaviour::answering(answer), Category::Rejected, description);
    }
}

#[test]
fn a_call_waits_for_a_limit_that_ends_before_the_deadline() {
    let scene = Scene::answering(limited(Some("1")));
    let call = scene.get().fetched("no entry");
    let done = thread::scope(|scope| {
        let running = scope.spawn(|| call.success());
        let is_answered = || scene.server.log().last().is_some_and(|record| record.status.is_some());
        while !is_answered() && !running.is_finished() {
            thread::yield_now();
        }
        scene.server.set(Behaviour::default());
        running.join().expect("the call succeeds")
    });
    assert_eq!(done.token(), scene.server.tokens()[0]);
    assert_eq!(scene.server.token_requests(), 2);
}
