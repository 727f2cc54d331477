//! What happens when the lock changes hands: the last holder answers after a call has looked, and before that call takes
//! the lock.

use std::cell::Cell;
use std::io;
use std::path::Path;

use genesys_token::broker::{Broker, Provided, Source};
use genesys_token::cache::RecordClass;
use genesys_token::error::Result;
use genesys_token::log::NoLog;
use genesys_token::random::SystemRandom;
use genesys_token::store::{EntryName, Lease, Probe, RecordName, Store};
use genesys_token::time::{Clock as _, Timestamp};

use crate::failures::record;
use crate::harness::entry::{self, put_at};
use crate::setup::{DAY, Half, LOGIN_URL, Setup, seconds, token};

/// A store whose lock is given away by a holder that has just put something.
struct GivenAway<'s, F> {
    store: &'s dyn Store,
    put: F,
    /// Whether the lock was free at the last sweep.
    is_swept_without_lock: Cell<bool>,
}

impl<F: Fn()> GivenAway<'static, F> {
    fn new(setup: &Setup, put: F) -> Self {
        Self { store: setup.store, put, is_swept_without_lock: Cell::default() }
    }
}

impl<F: Fn()> Store for GivenAway<'_, F> {
    fn get(&self, name: &RecordName) -> Option<Vec<u8>> {
        self.store.get(name)
    }

    fn put(&self, name: &RecordName, value: &[u8]) -> io::Result<()> {
        self.store.put(name, value)
    }

    fn remove(&self, name: &RecordName) -> io::Result<()> {
        self.store.remove(name)
    }

    fn try_lock(&self, entry: &EntryName) -> Lease {
        (self.put)();
        self.store.try_lock(entry)
    }

    fn list(&self) -> Vec<RecordName> {
        self.store.list()
    }

    fn sweep(
        &self,
        now: Timestamp,
        is_over: &dyn Fn() -> bool,
        is_expired: &dyn Fn(&RecordName, &[u8]) -> bool,
    ) {
        let lease = entry::cache(self.store, LOGIN_URL).try_lock();
        self.is_swept_without_lock.set(matches!(lease, Lease::Held(_)));
        self.store.sweep(now, is_over, is_expired);
    }

    fn clear(&self) -> io::Result<usize> {
        self.store.clear()
    }

    fn location(&self) -> String {
        self.store.location()
    }

    fn probe(&self, another_process: &dyn Fn(&Path) -> io::Result<bool>) -> Probe {
        self.store.probe(another_process)
    }
}

/// What a call provides that sends no request.
fn provide(setup: &Setup, put: impl Fn()) -> Result<Provided> {
    let store = GivenAway::new(setup, put);
    let cache = entry::cache(&store, LOGIN_URL);
    let login = setup.login([]);
    Broker {
        cache: Some(&cache),
        build: None,
        fleet: None,
        login: &login,
        clock: setup.clock,
        random: &Half,
        log: &NoLog,
    }
    .token(setup.request())
}

pub(crate) fn its_token_is_provided_without_a_request(setup: &Setup) {
    let provided = provide(setup, || put_at(&setup.cache(), "new", setup.clock.now(), seconds(DAY)));
    assert_eq!(provided.expect("a token").source, Source::Reused);
}

pub(crate) fn its_refusal_answers_without_a_request(setup: &Setup) {
    let now = setup.clock.now();
    let refused = record(RecordClass::Refused, now, now);
    let provided = provide(setup, || {
        setup.cache().put_failure(&refused, &SystemRandom::default()).expect("it can be put");
    });
    assert_eq!(provided.unwrap_err().message, "recorded before");
}

pub(crate) fn it_gives_the_lock_away_before_it_sweeps(setup: &Setup) {
    let store = GivenAway::new(setup, || ());
    let cache = entry::cache(&store, LOGIN_URL);
    let login = setup.login([token("new", DAY)]);
    let broker = Broker {
        cache: Some(&cache),
        build: None,
        fleet: None,
        login: &login,
        clock: setup.clock,
        random: &Half,
        log: &NoLog,
    };
    broker.token(setup.request()).expect("a token");
    assert!(store.is_swept_without_lock.get());
}
