//! When a token is reused, and when another one is fetched.

use std::time::Duration;

use genesys_token::broker::{Broker, RefreshReason, Request, Source};
use genesys_token::error::Category;
use genesys_token::log::NoLog;
use genesys_token::login::FailureClass;
use genesys_token::time::{Clock as _, Timestamp};

use crate::harness::clock::START;
use crate::harness::entry::put_at;
use crate::setup::{DAY, Half, Setup, down, failure, seconds, token, token_without_lifetime, value};

pub(crate) fn a_miss_fetches_and_a_hit_does_not(setup: &Setup) {
    let login = setup.login([token("new", DAY)]);
    let first = setup.provide(&login, setup.request()).expect("a token");
    assert_eq!((value(&first).as_str(), first.source), ("new", Source::Fetched(RefreshReason::NoEntry)));
    assert_eq!(*login.limits.borrow(), [seconds(30)]);
    assert_eq!(setup.cache().failure(), None, "nothing went wrong");
    let second = setup.provide(&login, setup.request()).expect("a token");
    assert_eq!((value(&second).as_str(), second.source), ("new", Source::Reused));
}

pub(crate) fn the_reason_of_a_fetch_is_what_was_wrong_with_the_cached_token(setup: &Setup) {
    let reason = |ahead: bool, total: u64, request: Request| {
        setup.store.clear().expect("it can be cleared");
        let now = setup.clock.now();
        let requested_at = if ahead { now.plus(seconds(60)) } else { now.minus(seconds(60)) };
        put_at(&setup.cache(), "current", requested_at, seconds(total));
        setup.provide(&setup.login([token("new", DAY)]), request).expect("a token").source
    };
    let fetched = Source::Fetched;
    assert_eq!(reason(false, 60, setup.request()), fetched(RefreshReason::Expires(Duration::ZERO)));
    assert_eq!(reason(false, DAY, setup.forced_request()), fetched(RefreshReason::Forced));
    assert_eq!(reason(true, DAY, setup.request()), fetched(RefreshReason::NoEntry), "from the future");
}

pub(crate) fn the_lifetime_counts_from_just_before_the_request(setup: &Setup) {
    let mut login = setup.login([token("new", 100)]);
    login.takes = seconds(7);
    let provided = setup.provide(&login, setup.request()).expect("a token");
    let lifetime = provided.token.lifetime.expect("a lifetime");
    assert_eq!(lifetime.expires_at, Timestamp::from_secs(START + 100));
}

pub(crate) fn in_the_advisory_window_one_short_attempt_refreshes_the_token(setup: &Setup) {
    setup.cache_token_with(600);
    let login = setup.login([token("new", DAY)]);
    let provided = setup.provide(&login, setup.request()).expect("a token");
    assert_eq!(value(&provided), "new");
    assert_eq!(provided.source, Source::Fetched(RefreshReason::Expires(seconds(600))));
    assert_eq!(*login.limits.borrow(), [seconds(5)]);
}

pub(crate) fn an_answer_that_can_not_be_cached_suppresses_no_refresh(setup: &Setup) {
    for left in [600, 200] {
        setup.store.clear().expect("it can be cleared");
        setup.cache_token_with(left);
        let login = setup.login(["first", "second"].map(token_without_lifetime));
        assert_eq!([setup.token(&login), setup.token(&login)], ["first", "second"], "{left} s left");
    }
}

pub(crate) fn a_token_that_lives_too_short_is_an_error_and_still_cached(setup: &Setup) {
    let login = setup.login([token("short", 600)]);
    let error = setup.provide(&login, setup.request_with_min_ttl(1_200)).unwrap_err();
    assert_eq!(error.category, Category::Lifetime);
    assert!(error.message.contains("10m 0s") && error.message.contains("20m 0s"), "{}", error.message);
    assert_eq!(setup.token(&login), "short");
}

pub(crate) fn a_required_lifetime_that_no_token_keeps_for_long_is_a_warning(setup: &Setup) {
    let login = setup.login([token("new", 600), token("newer", 600)]);
    let provided = setup.provide(&login, setup.request_with_min_ttl(480)).expect("it lives long enough");
    assert_eq!(provided.warnings, ["tokens live 10m 0s, so with this --min-ttl every call fetches one"]);
    setup.clock.sleep(seconds(5));
    let mut request = setup.forced_request();
    request.requirements.min_ttl = Some(seconds(479));
    assert_eq!(setup.provide(&login, request).expect("likewise").warnings, [""; 0]);
}

pub(crate) fn a_token_that_came_late_is_an_error_when_too_little_is_left_of_a_required_lifetime(
    setup: &Setup,
) {
    let mut login = setup.login([token("new", 600), token("newer", 600)]);
    login.takes = seconds(10);
    let error = setup.provide(&login, setup.request_with_min_ttl(595)).unwrap_err();
    assert_eq!(error.category, Category::Lifetime);
    assert!(error.message.contains("9m 50s") && error.message.contains("9m 55s"), "{}", error.message);
    login.takes = seconds(2);
    let late = setup.provide(&login, setup.request_with_min_ttl(595)).expect("long enough, with the grace");
    assert_eq!(value(&late), "newer");
}

pub(crate) fn a_token_of_unknown_lifetime_is_an_error_when_a_lifetime_is_required(setup: &Setup) {
    let login = setup.login([token_without_lifetime("one"), token_without_lifetime("two")]);
    let error = setup.provide(&login, setup.request_with_min_ttl(60)).unwrap_err();
    assert_eq!(error.category, Category::Lifetime);
    assert_eq!(setup.token(&login), "two");
}

pub(crate) fn a_token_that_expired_on_its_way_is_not_provided_and_another_is_requested(setup: &Setup) {
    let mut login = setup.login([token("expired", 5), token("new", DAY)]);
    login.takes = seconds(5);
    assert_eq!(setup.token(&login), "new");
    let hopeless = setup.login((0..40).map(|_| token("expired", 0)));
    let error = setup.provide(&hopeless, setup.forced_request()).unwrap_err();
    assert_eq!(error.category, Category::Unavailable);
    assert!(hopeless.requests() > 2, "it tries until the deadline");
}

pub(crate) fn a_token_that_was_overtaken_on_its_way_replaces_none(setup: &Setup) {
    let cached = || setup.cache().token().expect("a token").value.expose().to_owned();
    put_at(&setup.cache(), "newer", setup.clock.now().plus(seconds(2)), seconds(DAY));
    let mut login = setup.login([token("older", DAY), token("newest", DAY)]);
    login.takes = seconds(6);
    let forced = || value(&setup.provide(&login, setup.forced_request()).expect("a token"));
    assert_eq!((forced().as_str(), cached().as_str()), ("older", "newer"));
    assert_eq!((forced().as_str(), cached().as_str()), ("newest", "newest"));
}

pub(crate) fn a_required_lifetime_allows_no_stale_token(setup: &Setup) {
    setup.cache_token_with(200);
    let login = setup.login([failure(FailureClass::Refused, Category::Rejected)]);
    let error = setup.provide(&login, setup.request_with_min_ttl(100)).unwrap_err();
    assert_eq!(error.category, Category::Rejected);
}

pub(crate) fn a_stale_token_that_expires_during_the_refresh_is_not_provided(setup: &Setup) {
    put_at(&setup.cache(), "current", Timestamp::from_secs(START - 284), seconds(300));
    let mut login = setup.login([down(), token("new", DAY)]);
    login.takes = seconds(3);
    assert_eq!(setup.token(&login), "new");
}

/// Needs no store.
pub(crate) fn without_a_cache(setup: &Setup) {
    let login = setup.login([down(), token("one", DAY), token("two", DAY)]);
    let broker = Broker {
        cache: None,
        build: None,
        fleet: None,
        login: &login,
        clock: setup.clock,
        random: &Half,
        log: &NoLog,
    };
    for expected in ["one", "two"] {
        assert_eq!(value(&broker.token(setup.request()).expect("a token")), expected);
    }
    assert!(setup.clock.elapsed() < Duration::from_secs(1));
}
