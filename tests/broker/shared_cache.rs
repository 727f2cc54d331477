//! The records of one client in a shared store, without a broker.

use std::time::Duration;

use genesys_token::cache::{CacheKey, FailureRecord, RecordClass, SharedCache, SharedLocation};
use genesys_token::client::ClientSecret;
use genesys_token::error::Error;
use genesys_token::store::{LeaseState, MemorySharedStore};
use genesys_token::time::Clock as _;
use genesys_token::token::{Lifetime, Token};
use loopback_login_server::CLIENT_SECRET;

use crate::harness::clock::FakeClock;
use crate::harness::entry::{access_token, cache_key, secret};
use crate::harness::fleet::{LOGIN_URL, PREFIX};
use crate::setup::{Half, seconds};

/// What a shared cache borrows.
struct Setup {
    clock: FakeClock,
    cache_key: CacheKey,
    secret: ClientSecret,
}

impl Setup {
    fn new() -> Self {
        Self { clock: FakeClock::new(), cache_key: cache_key(LOGIN_URL), secret: secret(CLIENT_SECRET) }
    }

    fn store(&self) -> MemorySharedStore<'_> {
        MemorySharedStore::new(&self.clock)
    }

    fn cache<'s>(&'s self, store: &'s MemorySharedStore<'s>) -> SharedCache<'s> {
        let location = SharedLocation { prefix: PREFIX, identity: "memory".to_owned() };
        SharedCache::new(store, location, &self.cache_key, &self.secret, &self.clock, &Half)
    }

    /// A token that was requested when the stopwatch showed `sent`.
    fn token(&self, name: &str, sent: Duration, lives: Duration) -> Token {
        let requested_at = self.clock.now().minus(self.clock.elapsed().saturating_sub(sent));
        let lifetime =
            Lifetime { requested_at, received_at: requested_at, expires_at: requested_at.plus(lives) };
        Token { value: access_token(name), lifetime: Some(lifetime), scope: None }
    }

    /// A failure of a request that was sent when the stopwatch showed `sent`, and answered at once.
    fn failure(&self, name: &str, class: RecordClass, sent: Duration, waits: Duration) -> FailureRecord {
        let requested_at = self.clock.now().minus(self.clock.elapsed().saturating_sub(sent));
        FailureRecord {
            class,
            requested_at: Some(requested_at),
            answered_at: requested_at,
            transport_id: None,
            not_before: requested_at.plus(waits),
            streak: 1,
            error: Error::internal(name),
        }
    }
}

#[test]
fn the_token_that_was_requested_last_stays_whichever_comes_first() {
    for (first, second, stays) in [(10, 5, "first"), (5, 10, "second"), (5, 5, "second")] {
        let setup = Setup::new();
        let store = setup.store();
        let cache = setup.cache(&store);
        setup.clock.sleep(seconds(20));
        for (name, sent) in [("first", first), ("second", second)] {
            let token = setup.token(name, seconds(sent), seconds(3600));
            cache.put_token(&token, seconds(sent)).expect("it can be put");
        }
        let there = cache.look().expect("a look").token.expect("a token").token.value;
        assert_eq!(there, access_token(stays), "{first} {second}");
    }
}

#[test]
fn a_token_that_the_server_gives_anew_is_dropped_no_more_and_the_others_are() {
    let setup = Setup::new();
    let store = setup.store();
    let cache = setup.cache(&store);
    let [one, other] = ["one", "other"].map(|name| setup.token(name, seconds(0), seconds(3600)));
    for token in [&one, &other] {
        cache.drop_token(token).expect("it can be dropped");
    }
    cache.put_token(&one, seconds(0)).expect("it can be put");
    let look = cache.look().expect("a look");
    assert_eq!((look.has_dropped(&one.value), look.has_dropped(&other.value)), (false, true));
}

#[test]
fn a_token_stays_dropped_until_it_ends_and_no_longer() {
    let setup = Setup::new();
    let store = setup.store();
    let cache = setup.cache(&store);
    let [short, long] = [100, 7200].map(|lives| setup.token(&format!("{lives}"), seconds(0), seconds(lives)));
    for token in [&long, &short] {
        cache.drop_token(token).expect("it can be dropped");
    }
    let dropped = || {
        let look = cache.look().expect("a look");
        (look.has_dropped(&short.value), look.has_dropped(&long.value))
    };
    setup.clock.sleep(seconds(99));
    assert_eq!(dropped(), (true, true));
    setup.clock.sleep(seconds(1));
    assert_eq!(dropped(), (false, true));
    setup.clock.sleep(seconds(7000));
    assert_eq!(dropped(), (false, true));
    setup.clock.sleep(seconds(100));
    assert_eq!(dropped(), (false, false));
}

#[test]
fn of_two_failures_the_later_request_counts_but_the_longer_rate_limit() {
    use RecordClass::{RateLimited, Transient};
    for ((first_class, first_sent, first_waits), (class, sent, waits), stays) in [
        ((Transient, 5, 1), (Transient, 10, 1), "second"),
        ((Transient, 10, 1), (Transient, 5, 1), "first"),
        ((Transient, 5, 1), (Transient, 5, 1), "second"),
        ((Transient, 5, 60), (RateLimited, 10, 20), "second"),
        ((RateLimited, 5, 60), (Transient, 10, 1), "first"),
        ((RateLimited, 5, 60), (RateLimited, 10, 20), "first"),
        ((RateLimited, 5, 60), (RateLimited, 10, 90), "second"),
        ((RateLimited, 5, 60), (RateLimited, 10, 55), "second"),
    ] {
        let setup = Setup::new();
        let store = setup.store();
        let cache = setup.cache(&store);
        setup.clock.sleep(seconds(20));
        let first = setup.failure("first", first_class, seconds(first_sent), seconds(first_waits));
        let second = setup.failure("second", class, seconds(sent), seconds(waits));
        cache.put_failure(&first, seconds(first_sent)).expect("it can be put");
        cache.put_failure(&second, seconds(sent)).expect("it can be put");
        let there = cache.look().expect("a look").failure.expect("a failure").record;
        assert_eq!(there.error.message, stays, "{first:?} {second:?}");
    }
}

#[test]
fn a_failure_says_something_for_five_minutes_after_the_time_that_it_names() {
    let setup = Setup::new();
    let store = setup.store();
    let cache = setup.cache(&store);
    let failure = setup.failure("limit", RecordClass::RateLimited, seconds(0), seconds(60));
    cache.put_failure(&failure, seconds(0)).expect("it can be put");
    let is_there = || cache.look().expect("a look").failure.is_some();
    setup.clock.sleep(seconds(359));
    assert!(is_there());
    setup.clock.sleep(seconds(1));
    assert!(!is_there());
}

#[test]
fn a_lease_that_is_given_back_is_free() {
    let setup = Setup::new();
    let store = setup.store();
    let cache = setup.cache(&store);
    assert_eq!(cache.identity(), "memory");
    assert!(cache.take_lease(seconds(15)).expect("it can be asked"));
    assert!(matches!(cache.look().expect("a look").lease, LeaseState::Held(Some(_))));
    cache.release_lease().expect("it can be given back");
    assert!(matches!(cache.look().expect("a look").lease, LeaseState::Free));
}

#[test]
fn a_store_says_of_a_token_no_more_than_it_lived_and_hardly_less_than_it_has_left() {
    let life = seconds(3600);
    for (left, is_there) in [(3_600_000, true), (3_600_001, false), (3_599_900, true), (3_599_899, false)] {
        let setup = Setup::new();
        let store = setup.store();
        let cache = setup.cache(&store);
        cache.put_token(&setup.token("one", seconds(0), life), seconds(0)).expect("it can be put");
        let (name, value) = store.dump().pop().expect("the token");
        store.plant(&name, &value, Duration::from_millis(left));
        assert_eq!(cache.look().expect("a look").token.is_some(), is_there, "{left}");
    }
}
