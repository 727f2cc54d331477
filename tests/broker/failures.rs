//! What a failed request means for its call and for others.

use std::time::Duration;

use genesys_token::broker::Request;
use genesys_token::cache::{FailureRecord, RecordClass};
use genesys_token::error::{Category, Error};
use genesys_token::login::{Audience, Failure, FailureClass, Liveness, Login};
use genesys_token::random::SystemRandom;
use genesys_token::time::{Clock as _, Timestamp};
use genesys_token::token::AccessToken;

use crate::harness::clock::START;
use crate::setup::{Answer, DAY, ScriptedLogin, Setup, down, failure, rate_limited, seconds, token, value};

pub(crate) fn a_failed_refresh_is_a_warning_and_suppresses_further_ones_for_thirty_seconds(setup: &Setup) {
    for left in [600, 200] {
        setup.store.clear().expect("it can be cleared");
        setup.cache_token_with(left);
        let login = setup.login([down(), down()]);
        let provide = || setup.provide(&login, setup.request()).expect("the current token");
        let first = provide();
        assert_eq!(value(&first), "current");
        assert!(first.warnings[0].contains("the server's words"), "{:?}", first.warnings);
        setup.clock.sleep(seconds(29));
        provide();
        assert_eq!(login.requests(), 1, "{left}: suppressed");
        setup.clock.sleep(seconds(1));
        provide();
        assert_eq!(login.requests(), 2, "{left}: tried again");
    }
}

pub(crate) fn without_a_token_transient_failures_are_retried_until_the_deadline(setup: &Setup) {
    let login = setup.login([down(), down(), down(), token("new", DAY)]);
    assert_eq!(setup.token(&login), "new");

    setup.store.clear().expect("it can be cleared");
    let login = setup.login((0..40).map(|_| down()));
    let error = setup.provide(&login, setup.request()).unwrap_err();
    assert_eq!((error.category, error.message.as_str()), (Category::Unavailable, "the server's words"));
    assert_eq!(error.retry_after, None);
    assert!((10..20).contains(&login.requests()), "{}", login.requests());
    assert!(setup.clock.elapsed() <= seconds(60));
}

pub(crate) fn a_refusal_is_final_for_its_call_and_the_next_call_tries_again(setup: &Setup) {
    let refused = || failure(FailureClass::Refused, Category::Rejected);
    let login = setup.login([refused(), refused()]);
    for requests in 1..=2 {
        let error = setup.provide(&login, setup.request()).unwrap_err();
        assert_eq!((error.category, login.requests()), (Category::Rejected, requests));
        setup.clock.sleep(Duration::from_millis(1));
    }
}

pub(crate) fn a_rate_limit_beyond_the_deadline_ends_the_call_at_once(setup: &Setup) {
    let login = setup.login([rate_limited(500), token("new", DAY)]);
    let error = setup.provide(&login, setup.request()).unwrap_err();
    assert_eq!((error.category, error.retry_after), (Category::RateLimited, Some(180)));
    // Another call with the same key sends no request at all.
    let error = setup.provide(&login, setup.request()).unwrap_err();
    assert_eq!((error.category, login.requests()), (Category::RateLimited, 1));
    setup.clock.sleep(seconds(180));
    assert_eq!(setup.token(&login), "new");
}

pub(crate) fn a_call_waits_for_no_retry_that_its_deadline_would_cut_off(setup: &Setup) {
    let call = |timeout| {
        setup.store.clear().expect("it can be cleared");
        let login = setup.login([rate_limited(58), token("new", DAY)]);
        setup.provide(&login, Request { timeout, ..setup.request() }).map_err(|error| error.category)
    };
    // 10 ms for the first request, 58 s, and half a second for the retry.
    let provided = call(Duration::from_millis(58_511)).expect("that is enough for a retry");
    assert_eq!(value(&provided), "new");
    assert_eq!(call(Duration::from_millis(58_510)).unwrap_err(), Category::RateLimited);
    assert_eq!(setup.clock.elapsed(), Duration::from_millis(10), "at once");
}

pub(crate) fn a_failure_of_the_network_is_shared_by_the_callers_of_its_transport(setup: &Setup) {
    for class in [FailureClass::Blocked, FailureClass::Transient] {
        setup.store.clear().expect("it can be cleared");
        setup.cache_token_with(600);
        let mut login = setup.login([failed_for(Audience::SameTransport, class), token("new", DAY)]);
        for _ in 0..2 {
            assert_eq!((setup.token(&login).as_str(), login.requests()), ("current", 1), "{class:?}");
        }
        login.transport_id = "through a proxy";
        assert_eq!(setup.token(&login), "new", "{class:?}: nothing is known of this transport");
    }
}

pub(crate) fn a_streak_of_failures_ends_with_another_failure_or_when_no_request_was_sent_for_five_minutes(
    setup: &Setup,
) {
    setup.cache_token_with(1_100);
    let limited = || rate_limited(0);
    let login = setup.login([down(), down(), limited(), limited(), limited()]);
    let streak = || {
        setup.token(&login);
        setup.cache().failure().expect("a record").streak
    };
    // From the last record until the answer to the next request.
    let pass = |duration: Duration| {
        let not_before = setup.cache().failure().expect("a record").not_before;
        setup.clock.set(not_before.plus(duration).minus(login.takes));
    };
    assert_eq!(streak(), 1);
    pass(seconds(60));
    assert_eq!(streak(), 2);
    pass(seconds(60));
    assert_eq!(streak(), 1, "of rate limits");
    pass(seconds(300).saturating_sub(Duration::from_micros(1)));
    assert_eq!(streak(), 2);
    pass(seconds(300));
    assert_eq!(streak(), 1);
}

/// What another process has recorded.
pub(crate) fn record(class: RecordClass, answered_at: Timestamp, not_before: Timestamp) -> FailureRecord {
    FailureRecord {
        class,
        requested_at: Some(answered_at),
        answered_at,
        transport_id: None,
        not_before,
        streak: 1,
        error: Error::new(Category::Unavailable, "recorded before"),
    }
}

pub(crate) fn a_call_without_time_says_what_was_learned_since_it_started(setup: &Setup) {
    for (age, says) in [(0, "recorded before"), (1, "no token within 0s")] {
        let request = Request { timeout: Duration::ZERO, ..setup.request() };
        let answered_at = request.requirements.started_at.minus(Duration::from_micros(age));
        let failed = record(RecordClass::Transient, answered_at, answered_at);
        setup.cache().put_failure(&failed, &SystemRandom::default()).expect("it can be put");
        let error = setup.provide(&setup.login([]), request).unwrap_err();
        assert_eq!(error.message, says);
    }
}

/// Another process learns something while our request is under way.
struct Meanwhile<'s, F>(ScriptedLogin<'s>, F);

impl<F: Fn()> Login for Meanwhile<'_, F> {
    fn request_token(&self, limit: Duration) -> Answer {
        self.1();
        self.0.request_token(limit)
    }

    fn check_token(&self, token: &AccessToken, limit: Duration) -> Liveness {
        self.0.check_token(token, limit)
    }

    fn transport_id(&self) -> String {
        self.0.transport_id()
    }
}

pub(crate) fn a_rate_limit_that_another_process_met_meanwhile_outlives_our_own_failure(setup: &Setup) {
    let now = setup.clock.now();
    let limit = record(RecordClass::RateLimited, now, now.plus(seconds(100)));
    let learn = || setup.cache().put_failure(&limit, &SystemRandom::default()).expect("it can be put");
    let login = Meanwhile(setup.login([down()]), learn);
    let error = setup.provide(&login, setup.request()).unwrap_err();
    assert_eq!((error.message.as_str(), login.0.requests()), ("recorded before", 1));
    assert_eq!(setup.cache().failure(), Some(limit.clone()));
}

pub(crate) fn a_failure_by_the_calls_own_settings_is_not_shared(setup: &Setup) {
    let blocked = || failed_for(Audience::Nobody, FailureClass::Blocked);
    let request = setup.request();
    let login = setup.login([blocked(), token("new", DAY)]);
    let error = setup.provide(&login, request).unwrap_err();
    assert_eq!(error.category, Category::Unavailable);
    assert!(setup.cache().failure().is_none());
    // Another call that started at the same time has settings of its own.
    assert_eq!(value(&setup.provide(&login, request).expect("a token")), "new");

    setup.store.clear().expect("it can be cleared");
    setup.cache_token_with(600);
    let login = setup.login([blocked(), token("new", DAY)]);
    assert_eq!(setup.token(&login), "current");
    assert_eq!(setup.token(&login), "new", "no refresh is suppressed");
}

fn failed_for(audience: Audience, class: FailureClass) -> Answer {
    failure(class, Category::Unavailable).map_err(|failure| Failure { audience, ..failure })
}

/// The first request sets the clock five minutes back.
struct SettingBack<'c>(ScriptedLogin<'c>);

impl Login for SettingBack<'_> {
    fn request_token(&self, limit: Duration) -> Answer {
        if self.0.requests() == 0 {
            self.0.clock.set(Timestamp::from_secs(START - 300));
        }
        self.0.request_token(limit)
    }

    fn check_token(&self, token: &AccessToken, limit: Duration) -> Liveness {
        self.0.check_token(token, limit)
    }

    fn transport_id(&self) -> String {
        self.0.transport_id()
    }
}

pub(crate) fn a_clock_set_back_during_a_call_causes_no_request_loop(setup: &Setup) {
    let login = SettingBack(setup.login((0..1_000).map(|_| down())));
    let error = setup.provide(&login, setup.request()).unwrap_err();
    assert_eq!(error.category, Category::Unavailable);
    assert!(login.0.requests() < 20, "{} requests within a minute", login.0.requests());
}
