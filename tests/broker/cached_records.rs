//! One client's cache on a store.

use std::time::Duration;

use genesys_token::cache::{Cache, DerivedKeys, DropReason, FailureRecord, RecordClass};
use genesys_token::error::Error;
use genesys_token::random::SystemRandom;
use genesys_token::store::{Held, RecordName, Slot};
use genesys_token::time::Clock as _;
use genesys_token::token::Token;
use loopback_login_server::{CLIENT_ID, CLIENT_SECRET};

use crate::harness::entry::{access_token, cache_key, cache_key_of, put_at, secret};
use crate::setup::{DAY, LOGIN_URL, Setup, seconds};

pub(crate) fn keys(text: &str) -> DerivedKeys {
    DerivedKeys::new(&secret(text))
}

fn cached(cache: &Cache) -> Option<String> {
    cache.token().map(|token| token.value.expose().to_owned())
}

fn token_record(client: &str) -> RecordName {
    RecordName::new(&cache_key_of(client, LOGIN_URL).entry_name(&keys(CLIENT_SECRET)), Slot::Token)
}

pub(crate) fn a_token_comes_back_as_it_was_put(setup: &Setup) {
    let cache = setup.cache();
    assert_eq!(cached(&cache), None);
    let requested_at = setup.clock.now();
    put_at(&cache, "a-token", requested_at, seconds(DAY));
    let token = setup.cache().token().expect("it is cached");
    assert_eq!(token.value.expose(), "a-token");
    let lifetime = token.lifetime.expect("a cached token has a lifetime");
    assert_eq!((lifetime.requested_at, lifetime.total()), (requested_at, seconds(DAY)));
}

pub(crate) fn another_secret_client_or_server_is_a_miss(setup: &Setup) {
    put_at(&setup.cache(), "a-token", setup.clock.now(), seconds(DAY));
    for (key, text) in [
        (cache_key(LOGIN_URL), "another-secret"),
        (cache_key_of("another-client", LOGIN_URL), CLIENT_SECRET),
        (cache_key("https://another.example"), CLIENT_SECRET),
    ] {
        let cache = Cache::new(setup.store, key, &secret(text));
        assert_eq!(cached(&cache), None);
    }
    assert_eq!(cached(&setup.cache()).as_deref(), Some("a-token"));
}

pub(crate) fn a_failure_comes_back_until_a_token_is_put(setup: &Setup) {
    let (cache, now) = (setup.cache(), setup.clock.now());
    let failure = FailureRecord {
        class: RecordClass::Refused,
        requested_at: Some(now),
        answered_at: now,
        transport_id: Some("direct".to_owned()),
        not_before: now,
        streak: 1,
        error: Error::internal("no"),
    };
    cache.put_failure(&failure, &SystemRandom::default()).expect("it can be put");
    assert_eq!(setup.cache().failure(), Some(failure));
    put_at(&cache, "a-token", now, seconds(DAY));
    assert_eq!(setup.cache().failure(), None);
}

pub(crate) fn a_damaged_record_is_a_miss(setup: &Setup) {
    put_at(&setup.cache(), "a-token", setup.clock.now(), seconds(DAY));
    let name = token_record(CLIENT_ID);
    let record = setup.store.get(&name).expect("it is cached");
    for at in (0..record.len()).step_by(7) {
        let mut damaged = record.clone();
        damaged[at] ^= 1;
        setup.store.put(&name, &damaged).expect("it can be put");
        assert_eq!(cached(&setup.cache()), None, "bit 0 of byte {at}");
        setup.store.put(&name, &record[..at]).expect("it can be put");
        assert_eq!(cached(&setup.cache()), None, "cut at {at}");
    }
}

pub(crate) fn a_record_under_another_name_is_a_miss(setup: &Setup) {
    put_at(&setup.cache(), "a-token", setup.clock.now(), seconds(DAY));
    let record = setup.store.get(&token_record(CLIENT_ID)).expect("it is cached");
    setup.store.put(&token_record("another-client"), &record).expect("it can be put");
    let other = Cache::new(setup.store, cache_key_of("another-client", LOGIN_URL), &secret(CLIENT_SECRET));
    assert_eq!(cached(&other), None);
}

fn drop_token(setup: &Setup, token: &Token, lock: Option<&Held>) {
    let (now, random) = (setup.clock.now(), SystemRandom::default());
    setup.cache().drop_token(token, DropReason::Discarded, lock, now, &random).expect("it can be dropped");
}

pub(crate) fn a_dropped_token_stays_dropped_when_its_old_record_is_put_back(setup: &Setup) {
    let cache = setup.cache();
    put_at(&cache, "a-token", setup.clock.now(), seconds(DAY));
    let (name, token) = (token_record(CLIENT_ID), cache.token().expect("it is cached"));
    let record = setup.store.get(&name).expect("it is cached");
    drop_token(setup, &token, Some(&setup.lock()));
    assert_eq!(setup.store.get(&name), None);
    setup.store.put(&name, &record).expect("it can be put");
    assert_eq!(cached(&cache), None);
    put_at(&cache, "a-token", setup.clock.now(), seconds(DAY));
    assert_eq!(cached(&cache).as_deref(), Some("a-token"), "the server has given it anew");
}

pub(crate) fn a_token_is_dropped_while_another_process_holds_the_lock_and_its_successor_is_not(
    setup: &Setup,
) {
    let cache = setup.cache();
    put_at(&cache, "a-token", setup.clock.now(), seconds(DAY));
    let token = cache.token().expect("it is cached");
    drop_token(setup, &token, None);
    assert_eq!(cached(&cache), None);
    setup.clock.sleep(seconds(1));
    put_at(&cache, "another-token", setup.clock.now(), seconds(DAY));
    drop_token(setup, &token, Some(&setup.lock()));
    assert_eq!(cached(&cache).as_deref(), Some("another-token"));
}

pub(crate) fn a_token_is_swept_when_it_ended_more_than_a_day_ago(setup: &Setup) {
    let cache = setup.cache();
    put_at(&cache, "a-token", setup.clock.now(), seconds(DAY));
    let a_day_after = setup.clock.now().plus(seconds(2 * DAY));
    cache.sweep(a_day_after, &|| false);
    assert_eq!(cached(&cache).as_deref(), Some("a-token"));
    cache.sweep(a_day_after.plus(Duration::from_micros(1)), &|| false);
    assert_eq!(cached(&cache), None);
}

pub(crate) fn a_dropped_token_is_remembered_until_another_one_is_dropped_after_its_end(setup: &Setup) {
    let cache = setup.cache();
    put_at(&cache, "ended", setup.clock.now(), seconds(DAY));
    let (name, ended) = (token_record(CLIENT_ID), cache.token().expect("it is cached"));
    let record = setup.store.get(&name).expect("it is cached");
    drop_token(setup, &ended, None);
    setup.clock.sleep(seconds(DAY));
    put_at(&cache, "another", setup.clock.now(), seconds(DAY));
    drop_token(setup, &cache.token().expect("it is cached"), None);
    setup.store.put(&name, &record).expect("it can be put");
    assert_eq!(cached(&cache).as_deref(), Some("ended"));
}

pub(crate) fn of_two_tokens_requested_at_once_the_last_one_stays(setup: &Setup) {
    let cache = setup.cache();
    for token in ["one", "another"] {
        put_at(&cache, token, setup.clock.now(), seconds(DAY));
        assert_eq!(cached(&cache).as_deref(), Some(token));
    }
}

pub(crate) fn a_token_that_was_overtaken_is_not_put(setup: &Setup) {
    let (cache, now) = (setup.cache(), setup.clock.now());
    put_at(&cache, "newer", now, seconds(DAY));
    let token = genesys_token::token::Token {
        value: access_token("older"),
        lifetime: Some(genesys_token::token::Lifetime {
            requested_at: now.minus(Duration::from_secs(5)),
            received_at: now.plus(Duration::from_secs(5)),
            expires_at: now.plus(seconds(DAY)),
        }),
        scope: None,
    };
    cache.put_token(&token, &SystemRandom::default()).expect("there is a better one");
    assert_eq!(cached(&cache).as_deref(), Some("newer"));
}
