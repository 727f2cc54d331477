//! Waiting for other processes, and doing without them.

use std::cell::{Cell, RefCell};
use std::sync::Mutex;
use std::time::Duration;

use genesys_token::broker::{Request, Source};
use genesys_token::error::{Category, Error};
use genesys_token::login::{Failure, FailureClass, Liveness, Login};
use genesys_token::random::Random as _;
use genesys_token::store::{Held, Lease, Store};
use genesys_token::time::{Clock, Timestamp};
use genesys_token::token::AccessToken;

use crate::harness::clock::FakeClock;
use crate::harness::entry::{self, put_at};
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
    for (timeout, waited) in [(60, 5), (8, 4)] {
        let request = Request { timeout: seconds(timeout), ..setup.request() };
        assert_eq!(value(&setup.provide(&setup.login([]), request).expect("the stale token")), "current");
        // It sees that its time is over at its next look.
        let over = setup.clock.elapsed().saturating_sub(seconds(waited));
        assert!(setup.clock.elapsed() >= seconds(waited) && over <= Duration::from_millis(100), "{over:?}");
    }
}

thread_local! {
    /// The store of the test that runs in this thread: a clock can't hold one, since threads share clocks.
    static STORE: Cell<Option<&'static dyn Store>> = const { Cell::new(None) };
}

/// Lets something happen at the beginning of each sleep.
struct DuringSleeps {
    clock: &'static FakeClock,
    happens: fn(&FakeClock, &'static dyn Store),
    sleeps: Mutex<Vec<Duration>>,
}

impl DuringSleeps {
    fn new(setup: &Setup, happens: fn(&FakeClock, &'static dyn Store)) -> Self {
        STORE.set(Some(setup.store));
        Self { clock: setup.clock, happens, sleeps: Mutex::default() }
    }

    fn sleeps(self) -> Vec<Duration> {
        self.sleeps.into_inner().expect("no test panics here")
    }
}

impl Clock for DuringSleeps {
    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    fn elapsed(&self) -> Duration {
        self.clock.elapsed()
    }

    fn sleep(&self, duration: Duration) {
        (self.happens)(self.clock, STORE.get().expect("the test has set it"));
        self.sleeps.lock().expect("no test panics here").push(duration);
        self.clock.sleep(duration);
    }
}

pub(crate) fn a_stale_token_outlives_a_cache_that_is_emptied_while_its_call_waits(setup: &Setup) {
    setup.cache_token_with(200);
    let _other = setup.lock();
    let clock = DuringSleeps::new(setup, |_, store| {
        store.clear().expect("it can be cleared");
    });
    let provided = setup.provide_by(&clock, &setup.login([]), setup.request());
    assert_eq!(value(&provided.expect("the stale token")), "current");
    assert!(setup.cache().token().is_none());
}

pub(crate) fn a_waiting_call_looks_often_at_first_and_ten_times_a_second_later(setup: &Setup) {
    let _other = setup.lock();
    let clock = DuringSleeps::new(setup, |clock, store| {
        if clock.elapsed() >= seconds(1) {
            put_at(&entry::cache(store, LOGIN_URL), "new", clock.now(), seconds(DAY));
        }
    });
    setup.provide_by(&clock, &setup.login([]), setup.request()).expect("a token");
    let sleeps = clock.sleeps();
    assert_eq!(sleeps[..3], [5_000, 7_500, 11_250].map(Duration::from_micros));
    assert_eq!(sleeps.last(), Some(&Duration::from_millis(100)));
}

pub(crate) fn a_call_that_gives_up_on_a_holder_looks_once_more_after_a_random_moment(setup: &Setup) {
    let _other = setup.lock();
    let clock = DuringSleeps::new(setup, |clock, store| {
        if clock.elapsed() == seconds(30) {
            put_at(&entry::cache(store, LOGIN_URL), "new", clock.now(), seconds(DAY));
        }
    });
    let provided = setup.provide_by(&clock, &setup.login([]), setup.request()).expect("a token");
    assert_eq!(provided.source, Source::Waited(seconds(30) + Half.up_to(seconds(1))));
}

/// How often a token is refreshed has a rule of its own, whatever the login server asks of a call without one.
pub(crate) fn a_usable_token_that_appears_during_a_back_off_is_refreshed_after_the_pause(setup: &Setup) {
    let clock = DuringSleeps::new(setup, |clock, store| {
        let cache = entry::cache(store, LOGIN_URL);
        if clock.elapsed() >= seconds(31) && cache.token().is_none() {
            put_at(&cache, "current", clock.now().minus(seconds(DAY - 600)), seconds(DAY));
        }
    });
    let unavailable = || {
        let error = Error::new(Category::Unavailable, "try again in 45 s");
        Failure { retry_after: Some(seconds(45)), ..Failure::new(FailureClass::Transient, error) }
    };
    let login = setup.login([Err(unavailable()), token("new", DAY)]);
    let provided = setup.provide_by(&clock, &login, setup.request()).expect("a token");
    assert_eq!(value(&provided), "new");
    assert!(setup.clock.elapsed() < seconds(32), "{:?}", setup.clock.elapsed());
}

pub(crate) fn no_lock_is_held_during_a_back_off(setup: &Setup) {
    let clock = DuringSleeps::new(setup, |_, store| {
        let lease = entry::cache(store, LOGIN_URL).try_lock();
        assert!(matches!(lease, Lease::Held(_)), "no process sleeps while it holds the lock");
    });
    let login = setup.login([down(), down(), token("new", DAY)]);
    let provided = setup.provide_by(&clock, &login, setup.request());
    assert_eq!(value(&provided.expect("a token")), "new");
    assert!(clock.sleeps().len() >= 2);
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
