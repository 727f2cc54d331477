//! Checking at the API host whether a cached token is alive.

use std::time::Duration;

use genesys_token::broker::{RefreshReason, Request, Source};
use genesys_token::login::Liveness;

use genesys_token::time::Clock as _;

use crate::harness::entry::put_at;
use crate::setup::{DAY, Setup, rate_limited, seconds, token, value};

pub(crate) fn a_dead_token_is_dropped_and_replaced(setup: &Setup) {
    setup.cache_token_with(DAY - 60);
    let mut login = setup.login([token("new", DAY)]);
    login.liveness = Liveness::Dead;
    let mut request = setup.request();
    request.verify_after = Some(Duration::ZERO);
    let provided = setup.provide(&login, request).expect("a token");
    assert_eq!(
        (value(&provided).as_str(), provided.source),
        ("new", Source::Fetched(RefreshReason::NotAlive))
    );
}

pub(crate) fn a_live_token_is_checked_once_and_a_young_one_never(setup: &Setup) {
    setup.cache_token_with(DAY - 60);
    let login = setup.login([]);
    for (verify_after, checks) in [(seconds(0), 1), (seconds(181), 1), (seconds(240), 2)] {
        // What was said a minute ago is no proof any more.
        setup.clock.sleep(seconds(60));
        let mut request = setup.request();
        request.verify_after = Some(verify_after);
        assert_eq!(value(&setup.provide(&login, request).expect("a token")), "current");
        assert_eq!(login.checks.get(), checks, "{verify_after:?}");
    }
}

pub(crate) fn that_a_token_is_alive_serves_every_process_for_a_minute(setup: &Setup) {
    setup.cache_token_with(DAY - 60);
    let login = setup.login([]);
    for (later, checks) in [(0, 1), (59, 1), (1, 2), (1, 2)] {
        setup.clock.sleep(seconds(later));
        assert_eq!(value(&setup.provide(&login, verified(setup)).expect("a token")), "current");
        assert_eq!(login.checks.get(), checks, "{later}");
    }
    // A clock that was set back proves nothing.
    setup.clock.set(setup.clock.now().minus(seconds(10)));
    setup.provide(&login, verified(setup)).expect("a token");
    assert_eq!(login.checks.get(), 3);
}

fn verified(setup: &Setup) -> Request {
    Request { verify_after: Some(Duration::ZERO), ..setup.request() }
}

pub(crate) fn a_token_that_was_requested_after_the_call_started_is_not_checked(setup: &Setup) {
    let login = setup.login([]);
    for (age, checks) in [(Duration::ZERO, 0), (Duration::from_micros(1), 1)] {
        let request = verified(setup);
        put_at(&setup.cache(), "current", request.requirements.started_at.minus(age), seconds(DAY));
        assert_eq!(value(&setup.provide(&login, request).expect("a token")), "current");
        assert_eq!(login.checks.get(), checks, "{age:?}");
    }
}

pub(crate) fn a_token_is_checked_once_in_a_call_that_looks_twice(setup: &Setup) {
    setup.cache_token_with(600);
    let login = setup.login([token("new", DAY)]);
    assert_eq!(value(&setup.provide(&login, verified(setup)).expect("a token")), "new");
    assert_eq!(login.checks.get(), 1);
}

pub(crate) fn an_api_host_that_does_not_answer_is_a_warning(setup: &Setup) {
    setup.cache_token_with(DAY - 60);
    let mut login = setup.login([]);
    login.liveness = Liveness::Unknown("silent".to_owned());
    let mut request = setup.request();
    request.verify_after = Some(Duration::ZERO);
    let provided = setup.provide(&login, request).expect("a token");
    assert_eq!((value(&provided).as_str(), provided.warnings), ("current", vec!["silent".to_owned()]));
}

pub(crate) fn a_dead_token_is_dropped_even_under_a_rate_limit(setup: &Setup) {
    setup.cache_token_with(DAY - 60);
    let mut login = setup.login([rate_limited(170)]);
    setup.provide(&login, setup.forced_request()).unwrap_err();
    login.liveness = Liveness::Dead;
    let mut request = setup.request();
    request.verify_after = Some(Duration::ZERO);
    setup.provide(&login, request).unwrap_err();
    assert!(setup.cache().token().is_none());
}
