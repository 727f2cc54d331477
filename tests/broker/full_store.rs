//! A store that has no room for a token or a failure. tests/faults/unrecorded.rs has the same with the binary and a disk.

use std::time::Duration;

use genesys_token::broker::Request;
use genesys_token::cache::{DropReason, RecordClass};
use genesys_token::error::Category;
use genesys_token::login::Liveness;
use genesys_token::random::SystemRandom;
use genesys_token::time::Clock as _;

use crate::failures::record;
use crate::setup::{DAY, Setup, down, seconds, token, value};

#[test]
fn a_call_keeps_to_its_own_back_off_when_no_failure_can_be_recorded() {
    let setup = Setup::full(|setup| setup.cache_token_with(0));
    let login = setup.login((0..1_000).map(|_| down()));
    let error = setup.provide(&login, setup.request()).unwrap_err();
    assert_eq!(error.category, Category::Unavailable);
    assert!(login.requests() < 20, "{} requests within a minute", login.requests());
}

#[test]
fn an_old_record_that_can_not_be_replaced_does_not_hide_the_calls_own_failure() {
    let setup = Setup::full(|setup| {
        let long_ago = setup.clock.now().minus(seconds(DAY));
        let failed = record(RecordClass::Transient, long_ago, long_ago);
        setup.cache().put_failure(&failed, &SystemRandom::default()).expect("it can be put");
    });
    let login = setup.login((0..1_000).map(|_| down()));
    let error = setup.provide(&login, setup.request()).unwrap_err();
    assert_eq!(error.message, "the server's words");
    assert!(login.requests() < 20, "{} requests within a minute", login.requests());
}

#[test]
fn a_token_that_can_not_be_cached_is_provided_with_a_warning() {
    let setup = Setup::full(|setup| setup.cache_token_with(0));
    let login = setup.login([token("new", DAY)]);
    let provided = setup.provide(&login, setup.request()).expect("a token");
    assert_eq!(value(&provided), "new");
    assert!(provided.warnings[0].starts_with("the token could not be cached"), "{:?}", provided.warnings);
}

#[test]
fn a_token_near_its_end_is_not_provided_again_because_the_new_one_could_not_be_cached() {
    for left in [600, 200] {
        let setup = Setup::full(|setup| setup.cache_token_with(left));
        let login = setup.login([token("first", DAY), token("second", DAY)]);
        assert_eq!([setup.token(&login), setup.token(&login)], ["first", "second"], "{left} s left");
    }
}

#[test]
fn a_dead_token_that_can_not_be_dropped_is_checked_once_and_not_provided() {
    let setup = Setup::full(|setup| setup.cache_token_with(DAY - 60));
    let mut login = setup.login([token("new", DAY)]);
    login.liveness = Liveness::Dead;
    // Without the lock, the entry can't be removed either.
    let _other = setup.lock();
    let request = Request { verify_after: Some(Duration::ZERO), ..setup.request() };
    assert_eq!(value(&setup.provide(&login, request).expect("a token")), "new");
    assert!(setup.cache().token().is_some());
    assert_eq!(login.checks.get(), 1);
}

#[test]
fn a_token_whose_drop_can_not_be_recorded_is_removed_unless_it_is_still_to_be_revoked() {
    for (reason, stays) in [(DropReason::Discarded, false), (DropReason::Revoking, true)] {
        let setup = Setup::full(|setup| setup.cache_token_with(DAY - 60));
        let (cache, random) = (setup.cache(), SystemRandom::default());
        let token = cache.token().expect("it is cached");
        let dropped = cache.drop_token(&token, reason, Some(&setup.lock()), setup.clock.now(), &random);
        assert_eq!((dropped.is_err(), cache.token().is_some()), (stays, stays), "{reason:?}");
    }
}
