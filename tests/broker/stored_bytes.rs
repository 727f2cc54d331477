//! The promises of the `Store` trait.

use std::cell::Cell;
use std::time::Duration;

use genesys_token::broker::Request;
use genesys_token::store::{EntryName, Lease, RecordName, Slot};
use genesys_token::time::{Clock, Timestamp};

use crate::harness::clock::FakeClock;
use crate::harness::entry::{self, cache_key_of};
use crate::setup::{DAY, LOGIN_URL, Setup, seconds, token};

fn entry_name(client: &str) -> EntryName {
    cache_key_of(client, LOGIN_URL).entry_name(&crate::cached_records::keys("secret"))
}

pub(crate) fn a_record_is_what_was_put_last(setup: &Setup) {
    let (token, failure) =
        (RecordName::new(&entry_name("a"), Slot::Token), RecordName::new(&entry_name("a"), Slot::Failure));
    assert_eq!(setup.store.get(&token), None);
    setup.store.put(&token, b"one").expect("it can be put");
    setup.store.put(&token, b"two").expect("it can be put");
    setup.store.put(&failure, b"three").expect("it can be put");
    assert_eq!(setup.store.get(&token), Some(b"two".to_vec()));
    assert_eq!(setup.store.get(&failure), Some(b"three".to_vec()));
}

pub(crate) fn removing_a_missing_record_is_no_error(setup: &Setup) {
    let name = RecordName::new(&entry_name("a"), Slot::Token);
    setup.store.remove(&name).expect("it is missing");
    setup.store.put(&name, b"one").expect("it can be put");
    setup.store.remove(&name).expect("it can be removed");
    assert_eq!(setup.store.get(&name), None);
}

pub(crate) fn a_lock_is_held_by_one_holder_at_a_time(setup: &Setup) {
    let lock = setup.store.try_lock(&entry_name("a"));
    assert!(matches!(lock, Lease::Held(_)), "{lock:?}");
    assert!(matches!(setup.store.try_lock(&entry_name("a")), Lease::Busy));
    drop(lock);
    assert!(matches!(setup.store.try_lock(&entry_name("a")), Lease::Held(_)));
}

pub(crate) fn each_entry_has_a_lock_of_its_own(setup: &Setup) {
    let _lock = setup.store.try_lock(&entry_name("a"));
    assert!(matches!(setup.store.try_lock(&entry_name("b")), Lease::Held(_)));
}

pub(crate) fn clearing_removes_every_record_and_no_lock(setup: &Setup) {
    let _lock = setup.store.try_lock(&entry_name("a"));
    for slot in [Slot::Token, Slot::Failure] {
        setup.store.put(&RecordName::new(&entry_name("a"), slot), b"one").expect("it can be put");
    }
    assert_eq!(setup.store.clear().expect("it can be cleared"), 2);
    assert_eq!(setup.store.list(), []);
    assert!(matches!(setup.store.try_lock(&entry_name("a")), Lease::Busy));
}

pub(crate) fn the_list_names_every_record(setup: &Setup) {
    let mut names = vec![
        RecordName::new(&entry_name("a"), Slot::Token),
        RecordName::new(&entry_name("b"), Slot::Failure),
    ];
    for name in &names {
        setup.store.put(name, b"one").expect("it can be put");
    }
    let mut listed = setup.store.list();
    names.sort();
    listed.sort();
    assert_eq!(listed, names);
}

pub(crate) fn sweeping_leaves_records_younger_than_a_day(setup: &Setup) {
    let name = RecordName::new(&entry_name("a"), Slot::Token);
    setup.store.put(&name, b"one").expect("it can be put");
    // A directory has the times of the file system, a memory store those of its clock, which are later.
    setup.store.sweep(entry::now(), &|| false, &|_, _| true);
    assert_eq!(setup.store.get(&name), Some(b"one".to_vec()));
    let later = setup.clock.now().plus(seconds(2 * DAY));
    setup.store.sweep(later, &|| false, &|_, _| false);
    assert_eq!(setup.store.get(&name), Some(b"one".to_vec()));
    setup.store.sweep(later, &|| false, &|swept, bytes| *swept == name && bytes == b"one");
    assert_eq!(setup.store.get(&name), None);
}

pub(crate) fn sweeping_ends_when_its_time_is_over(setup: &Setup) {
    let names = ["a", "b", "c"].map(|client| RecordName::new(&entry_name(client), Slot::Token));
    for name in &names {
        setup.store.put(name, b"one").expect("it can be put");
    }
    let later = setup.clock.now().plus(seconds(2 * DAY));
    let looks = Cell::new(0);
    let is_over = || looks.replace(looks.get() + 1) > 0;
    setup.store.sweep(later, &is_over, &|_, _| true);
    assert_eq!(setup.store.list().len(), 2);
    setup.store.sweep(later, &|| false, &|_, _| true);
    assert_eq!(setup.store.list(), []);
}

pub(crate) fn a_call_whose_time_is_over_sweeps_nothing(setup: &Setup) {
    let old = RecordName::new(&entry_name("old"), Slot::Failure);
    setup.store.put(&old, b"one").expect("it can be put");
    setup.clock.sleep(seconds(2 * DAY));
    let mut login = setup.login([token("first", DAY), token("second", DAY)]);
    for (takes, stays) in [(5, true), (4, false)] {
        login.takes = seconds(takes);
        let request = Request { timeout: seconds(5), ..setup.forced_request() };
        setup.provide(&login, request).expect("a token");
        assert_eq!(setup.store.get(&old).is_some(), stays, "a request of {takes} s");
    }
}

/// Every look at the stopwatch takes a fifth of a second.
struct SlowClock(&'static FakeClock);

impl Clock for SlowClock {
    fn now(&self) -> Timestamp {
        self.0.now()
    }

    fn elapsed(&self) -> Duration {
        self.0.sleep(Duration::from_millis(200));
        self.0.elapsed()
    }

    fn sleep(&self, duration: Duration) {
        self.0.sleep(duration);
    }
}

pub(crate) fn a_call_sweeps_for_a_second_at_most(setup: &Setup) {
    let old: Vec<_> =
        (0..10).map(|n| RecordName::new(&entry_name(&format!("old-{n}")), Slot::Failure)).collect();
    for name in &old {
        setup.store.put(name, b"one").expect("it can be put");
    }
    setup.clock.sleep(seconds(2 * DAY));
    let login = setup.login([token("new", DAY)]);
    setup.provide_by(&SlowClock(setup.clock), &login, setup.request()).expect("a token");
    let left = old.iter().filter(|name| setup.store.get(name).is_some()).count();
    assert!((5..10).contains(&left), "{left} are left");
}

pub(crate) fn a_probe_finds_that_records_can_be_written_and_locks_exclude(setup: &Setup) {
    let probe = setup.store.probe(&|_| Ok(false));
    assert!(probe.write.is_ok(), "{probe:?}");
    assert!(matches!(probe.locks, Ok(true)), "{probe:?}");
    assert_eq!(setup.store.list(), []);
}
