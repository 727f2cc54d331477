//! A store that has no room for a token or a failure. tests/faults/unrecorded.rs has the same with the binary and a disk.

use std::time::Duration;

use genesys_token::error::Category;
use genesys_token::login::{Liveness, Login};
use genesys_token::store::{RecordName, Slot};
use genesys_token::time::{Clock as _, Timestamp};
use genesys_token::token::AccessToken;

use loopback_login_server::CLIENT_SECRET;

use crate::cached_records::keys;
use crate::harness::entry::cache_key;
use crate::setup::{Answer, DAY, LOGIN_URL, ScriptedLogin, Setup, down, seconds, token, value};

/// Fails to record an answer, as another process.
fn lose_an_answer(setup: &Setup) {
    let name = RecordName::new(&cache_key(LOGIN_URL).entry_name(&keys(CLIENT_SECRET)), Slot::Failure);
    setup.store.put(&name, b"an answer").expect_err("there is no room");
}

/// Another process fails, and can not record it, during each request.
struct WithAnother<'s>(&'s Setup, ScriptedLogin<'s>);

impl Login for WithAnother<'_> {
    fn request_token(&self, limit: Duration) -> Answer {
        let answer = self.1.request_token(limit);
        self.0.clock.sleep(seconds(1));
        lose_an_answer(self.0);
        answer
    }

    fn check_token(&self, token: &AccessToken, limit: Duration) -> Liveness {
        self.1.check_token(token, limit)
    }
}

#[test]
fn a_call_keeps_to_its_own_back_off_when_others_lose_their_answers() {
    let setup = Setup::full(0);
    let login = WithAnother(&setup, setup.login((0..1_000).map(|_| down())));
    let error = setup.provide(&login, setup.request()).unwrap_err();
    assert_eq!(error.category, Category::Unavailable);
    assert!(login.1.requests() < 20, "{} requests within a minute", login.1.requests());
}

#[test]
fn a_lost_failure_suppresses_refreshes_for_thirty_seconds() {
    let setup = Setup::full(600);
    let login = setup.login([down(), token("new", DAY)]);
    for (wait, expected, requests) in [(0, "current", 1), (29, "current", 1), (1, "new", 2)] {
        setup.clock.sleep(seconds(wait));
        assert_eq!(setup.token(&login), expected);
        assert_eq!(login.requests(), requests);
    }
}

#[test]
fn a_token_that_can_not_be_cached_is_provided_with_a_warning() {
    let setup = Setup::full(0);
    let login = setup.login([token("new", DAY)]);
    let provided = setup.provide(&login, setup.request()).expect("a token");
    assert_eq!(value(&provided), "new");
    assert!(provided.warnings[0].starts_with("the token could not be cached"), "{:?}", provided.warnings);
}

#[test]
fn nobody_waits_for_a_lock_whose_holders_answers_are_lost() {
    let setup = Setup::full(0);
    let _lock = setup.lock();
    let (login, request) = (setup.login([token("new", DAY)]), setup.request());
    lose_an_answer(&setup);
    assert_eq!(value(&setup.provide(&login, request).expect("a token")), "new");
    assert!(setup.clock.now() < Timestamp::from_secs(crate::harness::clock::START + 1), "it does not wait");
}
