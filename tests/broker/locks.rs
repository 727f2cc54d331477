//! Waiting for other processes, and doing without them.

use std::cell::{Cell, RefCell};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use genesys_token::broker::Request;
use genesys_token::login::{Liveness, Login};
use genesys_token::random::Random as _;
use genesys_token::store::{Held, Lease, Store};
use genesys_token::time::{Clock, Timestamp};
use genesys_token::token::AccessToken;

use crate::harness::clock::FakeClock;
use crate::harness::entry;
use crate::setup::{
    Answer, DAY, Half, LOGIN_URL, ScriptedLogin, Setup, down, rate_limited, seconds, token, value,
};

pub(crate) fn while_another_process_refreshes_the_current_token_is_provided_at_once(setup: &Setup) {
    setup.cache_token_with(600);
    let _other = setup.lock();
    assert_eq!(setup.token(&setup.login([])), "current");
    assert_eq!(setup.clock.elapsed(), Duration::ZERO);
}

pub(crate) fn a_stale_token_waits_five_seconds_for_another_process_and_no_longer(setup: &Setup) {
    setup.cache_token_with(200);
    let _other = setup.lock();
    assert_eq!(setup.token(&setup.login([])), "current");
    assert!(setup.clock.elapsed() < Duration::from_millis(5_200), "{:?}", setup.clock.elapsed());
}

/// Empties the cache during each sleep.
struct EmptyingClock(&'static FakeClock);

impl Clock for EmptyingClock {
    fn now(&self) -> Timestamp {
        self.0.now()
    }

    fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }

    fn sleep(&self, duration: Duration) {
        STORE.get().expect("the test has set it").clear().expect("it can be cleared");
        self.0.sleep(duration);
    }
}

pub(crate) fn a_stale_token_outlives_a_cache_that_is_emptied_while_its_call_waits(setup: &Setup) {
    STORE.set(Some(setup.store));
    setup.cache_token_with(200);
    let _other = setup.lock();
    let provided = setup.provide_by(&EmptyingClock(setup.clock), &setup.login([]), setup.request());
    assert_eq!(value(&provided.expect("the stale token")), "current");
    assert!(setup.cache().token().is_none());
}

thread_local! {
    /// The store of the test that runs in this thread: a clock can't hold one, since threads share clocks.
    static STORE: Cell<Option<&'static dyn Store>> = const { Cell::new(None) };
}

/// Fails when the lock is held during a sleep.
struct WatchingClock {
    clock: &'static FakeClock,
    sleeps: AtomicUsize,
}

impl Clock for WatchingClock {
    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    fn elapsed(&self) -> Duration {
        self.clock.elapsed()
    }

    fn sleep(&self, duration: Duration) {
        let store = STORE.get().expect("the test has set it");
        let lease = entry::cache(store, LOGIN_URL).try_lock();
        assert!(matches!(lease, Lease::Held(_)), "no process sleeps while it holds the lock");
        self.sleeps.fetch_add(1, Ordering::Relaxed);
        self.clock.sleep(duration);
    }
}

pub(crate) fn no_lock_is_held_during_a_back_off(setup: &Setup) {
    STORE.set(Some(setup.store));
    let clock = WatchingClock { clock: setup.clock, sleeps: AtomicUsize::new(0) };
    let login = setup.login([down(), down(), token("new", DAY)]);
    let provided = setup.provide_by(&clock, &login, setup.request());
    assert_eq!(value(&provided.expect("a token")), "new");
    assert!(clock.sleeps.into_inner() >= 2);
}

pub(crate) fn a_suspended_holder_is_waited_for_half_the_deadline_and_then_ignored(setup: &Setup) {
    let _suspended = setup.lock();
    // Then they spread over a second, or over half of the time that is left.
    for (timeout, spread) in [(seconds(60), seconds(1)), (seconds(2), Duration::from_millis(500))] {
        setup.store.clear().expect("it can be cleared");
        let login = setup.login([token("new", DAY)]);
        let provided = setup.provide(&login, Request { timeout, ..setup.request() }).expect("a token");
        assert_eq!(value(&provided), "new");
        assert_eq!(setup.clock.elapsed(), timeout / 2 + Half.up_to(spread) + login.takes);
    }
}

/// Lets the suspended holder go as soon as a request comes without the lock.
struct Releasing<'s> {
    login: ScriptedLogin<'s>,
    suspended: RefCell<Option<Held>>,
    /// Whether the last request held the lock.
    is_locked: Cell<bool>,
    setup: &'s Setup,
}

impl Login for Releasing<'_> {
    fn request_token(&self, limit: Duration) -> Answer {
        if self.suspended.borrow_mut().take().is_none() {
            self.is_locked.set(matches!(self.setup.cache().try_lock(), Lease::Busy));
        }
        self.login.request_token(limit)
    }

    fn check_token(&self, token: &AccessToken, limit: Duration) -> Liveness {
        self.login.check_token(token, limit)
    }

    fn transport_id(&self) -> String {
        self.login.transport_id()
    }
}

pub(crate) fn a_call_that_went_without_the_lock_takes_it_again_after_a_shared_wait(setup: &Setup) {
    let login = Releasing {
        login: setup.login([rate_limited(5), token("new", DAY)]),
        suspended: RefCell::new(Some(setup.lock())),
        is_locked: Cell::new(false),
        setup,
    };
    assert_eq!(setup.token(&login), "new");
    assert!(login.is_locked.get(), "the second request holds the lock");
}
