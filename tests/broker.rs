//! The broker in one process: a scripted login server, a clock that moves when somebody sleeps, a real cache.

mod harness;

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::path::Path;
use std::time::Duration;

use genesys_token::broker::{Broker, Handed, Request, Source, Why, Wishes};
use genesys_token::cache::{Lock, Store};
use genesys_token::error::{Category, Error, Result};
use genesys_token::login::{Failure, Granted, Liveness, Login, Outlook};
use genesys_token::random::Random;
use genesys_token::secret::Secret;
use genesys_token::time::{Clock, Timestamp};
use harness::cached;
use harness::clock::{FakeClock, START};
use tempfile::TempDir;

const DAY: u64 = 86_400;

struct Half;
impl Random for Half {
    fn fill(&self, bytes: &mut [u8]) -> bool {
        bytes.fill(127);
        true
    }
}

/// Answers from a script; what it was asked with stays readable.
struct Script<'c> {
    clock: &'c FakeClock,
    answers: RefCell<VecDeque<std::result::Result<Granted, Failure>>>,
    takes: Duration,
    limits: RefCell<Vec<Duration>>,
    liveness: Liveness,
    checks: Cell<usize>,
}

impl Login for Script<'_> {
    fn ask(&self, limit: Duration) -> std::result::Result<Granted, Failure> {
        self.limits.borrow_mut().push(limit);
        self.clock.sleep(self.takes.min(limit));
        self.answers.borrow_mut().pop_front().expect("the script has an answer for this request")
    }
    fn check(&self, _: &Secret, _: Duration) -> Liveness {
        self.checks.set(self.checks.get() + 1);
        self.liveness.clone()
    }
}

#[expect(clippy::unnecessary_wraps, reason = "an answer of the script, beside those that fail")]
fn token(value: &str, lives: u64) -> std::result::Result<Granted, Failure> {
    let expires_in = Some(Duration::from_secs(lives));
    Ok(Granted { value: value.into(), expires_in, scope: None, remarks: Vec::new() })
}

fn failure(outlook: Outlook, category: Category) -> std::result::Result<Granted, Failure> {
    Err(Failure { outlook, retry_after: None, error: Error::new(category, "the server's words") })
}

fn down() -> std::result::Result<Granted, Failure> {
    failure(Outlook::Transient, Category::Unavailable)
}

struct Place {
    clock: FakeClock,
    dir: TempDir,
}

impl Place {
    fn new() -> Self {
        Self { clock: FakeClock::new(), dir: tempfile::tempdir().unwrap() }
    }

    fn store(&self) -> Store {
        cached::store(self.dir.path(), "https://login.example")
    }

    /// Caches a token of a day with so many seconds left.
    fn cached_with(&self, left: u64) -> Store {
        let store = self.store();
        let requested_at = self.clock.now().minus(Duration::from_secs(DAY - left));
        cached::put_at(&store, "current", requested_at, Duration::from_secs(DAY));
        store
    }

    fn script(&self, answers: impl IntoIterator<Item = std::result::Result<Granted, Failure>>) -> Script<'_> {
        Script {
            clock: &self.clock,
            answers: RefCell::new(answers.into_iter().collect()),
            takes: Duration::from_millis(10),
            limits: RefCell::default(),
            liveness: Liveness::Alive,
            checks: Cell::default(),
        }
    }

    fn request(&self) -> Request {
        let wishes = Wishes { began: self.clock.now(), min_ttl: None, force_refresh: false };
        self.clock.elapsed.set(Duration::ZERO);
        Request { wishes, verify_after: None, timeout: Duration::from_secs(60) }
    }

    fn ask(&self, store: Option<&Store>, login: &Script, request: Request) -> Result<Handed> {
        Broker { store, login, clock: &self.clock, random: &Half }.token(request)
    }
}

fn value(handed: &Result<Handed>) -> &str {
    handed.as_ref().expect("a token").token.value.expose()
}

#[test]
fn a_miss_fetches_and_a_hit_does_not() {
    let place = Place::new();
    let (store, login) = (place.store(), place.script([token("new", DAY)]));
    let first = place.ask(Some(&store), &login, place.request());
    assert_eq!((value(&first), first.as_ref().unwrap().source), ("new", Source::Fetched(Why::NoEntry)));
    let second = place.ask(Some(&store), &login, place.request());
    assert_eq!((value(&second), second.as_ref().unwrap().source), ("new", Source::Reused));
}

#[test]
fn life_counts_from_just_before_the_request() {
    let place = Place::new();
    let (store, mut login) = (place.store(), place.script([token("new", 100)]));
    login.takes = Duration::from_secs(7);
    let handed = place.ask(Some(&store), &login, place.request()).unwrap();
    assert_eq!(handed.token.lifetime.unwrap().expires_at, Timestamp::from_secs(START + 100));
}

#[test]
fn in_the_soft_margin_it_renews_and_tells_what_was_left() {
    let place = Place::new();
    let (store, login) = (place.cached_with(600), place.script([token("new", DAY)]));
    let handed = place.ask(Some(&store), &login, place.request());
    assert_eq!(value(&handed), "new");
    assert_eq!(handed.unwrap().source, Source::Fetched(Why::Expires(Duration::from_secs(600))));
    assert_eq!(*login.limits.borrow(), [Duration::from_secs(5)], "one short attempt");
}

#[test]
fn a_failed_renewal_is_a_warning_and_pauses_for_thirty_seconds() {
    for left in [600, 200] {
        let place = Place::new();
        let (store, login) = (place.cached_with(left), place.script([down(), down()]));
        let ask = || place.ask(Some(&store), &login, place.request()).unwrap();
        let first = ask();
        assert_eq!(first.token.value.expose(), "current");
        assert!(first.remarks[0].contains("the server's words"), "{:?}", first.remarks);
        place.clock.sleep(Duration::from_secs(29));
        ask();
        assert_eq!(login.limits.borrow().len(), 1, "{left}: paused");
        place.clock.sleep(Duration::from_secs(1));
        ask();
        assert_eq!(login.limits.borrow().len(), 2, "{left}: tried again");
    }
}

#[test]
fn while_another_renews_the_current_token_is_handed_out_at_once() {
    let place = Place::new();
    let (store, login) = (place.cached_with(600), place.script([]));
    let Lock::Held(_other) = store.try_lock() else { panic!("the lock is free") };
    let handed = place.ask(Some(&place.store()), &login, place.request());
    assert_eq!(value(&handed), "current");
    assert_eq!(place.clock.elapsed(), Duration::ZERO);
}

#[test]
fn the_last_resort_waits_five_seconds_for_another_process_and_no_longer() {
    let place = Place::new();
    let (store, login) = (place.cached_with(200), place.script([]));
    let Lock::Held(_other) = store.try_lock() else { panic!("the lock is free") };
    let handed = place.ask(Some(&place.store()), &login, place.request());
    assert_eq!(value(&handed), "current");
    assert!(place.clock.elapsed() < Duration::from_millis(5_200), "{:?}", place.clock.elapsed());
}

#[test]
fn a_life_asked_for_allows_no_last_resort() {
    let place = Place::new();
    let store = place.cached_with(200);
    let login = place.script([failure(Outlook::Refused, Category::Rejected)]);
    let mut request = place.request();
    request.wishes.min_ttl = Some(Duration::from_secs(100));
    let error = place.ask(Some(&store), &login, request).unwrap_err();
    assert_eq!(error.category, Category::Rejected);
}

#[test]
fn a_brand_new_token_that_lives_too_short_is_an_error_and_still_cached() {
    let place = Place::new();
    let (store, login) = (place.store(), place.script([token("short", 600)]));
    let mut request = place.request();
    request.wishes.min_ttl = Some(Duration::from_secs(1_200));
    let error = place.ask(Some(&store), &login, request).unwrap_err();
    assert_eq!(error.category, Category::Lifetime);
    assert!(error.message.contains("10m 0s") && error.message.contains("20m 0s"), "{}", error.message);
    assert_eq!(value(&place.ask(Some(&store), &login, place.request())), "short");
}

#[test]
fn a_life_asked_for_that_no_token_keeps_for_long_is_a_remark() {
    let place = Place::new();
    let (store, login) = (place.store(), place.script([token("new", 600), token("newer", 600)]));
    let mut request = place.request();
    request.wishes.min_ttl = Some(Duration::from_secs(480));
    let handed = place.ask(Some(&store), &login, request).expect("it lives long enough");
    assert_eq!(handed.remarks, ["tokens live 10m 0s, so with this --min-ttl every call fetches one"]);
    request.wishes.min_ttl = Some(Duration::from_secs(479));
    request.wishes.force_refresh = true;
    place.clock.sleep(Duration::from_secs(5));
    request.wishes.began = place.clock.now();
    assert_eq!(place.ask(Some(&store), &login, request).expect("likewise").remarks, [""; 0]);
}

#[test]
fn without_a_token_passing_failures_are_retried_until_the_deadline() {
    let place = Place::new();
    let (store, login) = (place.store(), place.script([down(), down(), down(), token("new", DAY)]));
    assert_eq!(value(&place.ask(Some(&store), &login, place.request())), "new");

    let place = Place::new();
    let (store, login) = (place.store(), place.script((0..40).map(|_| down())));
    let error = place.ask(Some(&store), &login, place.request()).unwrap_err();
    assert_eq!((error.category, error.message.as_str()), (Category::Unavailable, "the server's words"));
    let asked = login.limits.borrow().len();
    assert!((10..20).contains(&asked), "{asked}");
    assert!(place.clock.elapsed() <= Duration::from_secs(60));
}

#[test]
fn a_refusal_is_final_for_this_call_and_asked_again_by_the_next() {
    let place = Place::new();
    let store = place.store();
    let refused = || failure(Outlook::Refused, Category::Rejected);
    let login = place.script([refused(), refused()]);
    for asked in 1..=2 {
        assert_eq!(
            place.ask(Some(&store), &login, place.request()).unwrap_err().category,
            Category::Rejected
        );
        assert_eq!(login.limits.borrow().len(), asked);
        place.clock.sleep(Duration::from_millis(1));
    }
}

#[test]
fn a_rate_limit_beyond_the_deadline_ends_the_call_at_once() {
    let place = Place::new();
    let store = place.store();
    let limited = Err(Failure {
        outlook: Outlook::RateLimited,
        retry_after: Some(Duration::from_secs(500)),
        error: Error::new(Category::RateLimited, "too often"),
    });
    let login = place.script([limited, token("new", DAY)]);
    let error = place.ask(Some(&store), &login, place.request()).unwrap_err();
    assert_eq!((error.category, error.retry_after), (Category::RateLimited, Some(180)));
    // Another call with the same key does not even ask.
    let error = place.ask(Some(&store), &login, place.request()).unwrap_err();
    assert_eq!(error.category, Category::RateLimited);
    assert_eq!(login.limits.borrow().len(), 1);
    place.clock.sleep(Duration::from_secs(180));
    assert_eq!(value(&place.ask(Some(&store), &login, place.request())), "new");
}

#[test]
fn the_lock_is_free_while_a_call_backs_off() {
    struct WatchingClock<'a>(&'a FakeClock, &'a Path, &'a Cell<usize>);
    impl Clock for WatchingClock<'_> {
        fn now(&self) -> Timestamp {
            self.0.now()
        }
        fn elapsed(&self) -> Duration {
            self.0.elapsed()
        }
        fn sleep(&self, duration: Duration) {
            let store = cached::store(self.1, "https://login.example");
            assert!(matches!(store.try_lock(), Lock::Held(_)), "nobody sleeps while holding the lock");
            self.2.set(self.2.get() + 1);
            self.0.sleep(duration);
        }
    }
    let place = Place::new();
    let sleeps = Cell::new(0);
    let login = place.script([down(), down(), token("new", DAY)]);
    let clock = WatchingClock(&place.clock, place.dir.path(), &sleeps);
    let store = place.store();
    let broker = Broker { store: Some(&store), login: &login, clock: &clock, random: &Half };
    assert_eq!(broker.token(place.request()).unwrap().token.value.expose(), "new");
    assert!(sleeps.get() >= 2);
}

#[test]
fn a_stopped_holder_is_waited_for_half_the_deadline_and_then_done_without() {
    let place = Place::new();
    let (store, login) = (place.store(), place.script([token("new", DAY)]));
    let Lock::Held(_stopped) = store.try_lock() else { panic!("the lock is free") };
    let handed = place.ask(Some(&place.store()), &login, place.request());
    assert_eq!(value(&handed), "new");
    let elapsed = place.clock.elapsed();
    assert!(elapsed >= Duration::from_secs(30) && elapsed < Duration::from_millis(31_200), "{elapsed:?}");
}

#[test]
fn a_dead_token_is_dropped_and_replaced_and_a_live_one_is_asked_about_once() {
    let place = Place::new();
    let (store, mut login) = (place.cached_with(DAY - 60), place.script([token("new", DAY)]));
    let mut request = place.request();
    request.verify_after = Some(Duration::ZERO);
    assert_eq!(value(&place.ask(Some(&store), &login, request)), "current");
    assert_eq!(login.checks.get(), 1);
    request.verify_after = Some(Duration::from_secs(240));
    assert_eq!(value(&place.ask(Some(&store), &login, request)), "current");
    assert_eq!(login.checks.get(), 1, "too young to ask");
    login.liveness = Liveness::Dead;
    request.verify_after = Some(Duration::ZERO);
    let handed = place.ask(Some(&store), &login, request);
    assert_eq!((value(&handed), handed.as_ref().unwrap().source), ("new", Source::Fetched(Why::NotAlive)));
}

#[test]
fn an_api_host_that_does_not_say_is_a_remark() {
    let place = Place::new();
    let (store, mut login) = (place.cached_with(DAY - 60), place.script([]));
    login.liveness = Liveness::Unknown("silent".to_owned());
    let mut request = place.request();
    request.verify_after = Some(Duration::ZERO);
    let handed = place.ask(Some(&store), &login, request).unwrap();
    assert_eq!((handed.token.value.expose(), handed.remarks), ("current", vec!["silent".to_owned()]));
}

#[test]
fn without_a_cache_every_call_asks_and_backs_off_on_its_own() {
    let place = Place::new();
    let login = place.script([down(), token("one", DAY), token("two", DAY)]);
    assert_eq!(value(&place.ask(None, &login, place.request())), "one");
    assert_eq!(value(&place.ask(None, &login, place.request())), "two");
}

#[test]
fn what_only_this_call_s_settings_prevent_is_told_to_nobody_else() {
    let place = Place::new();
    let (store, began) = (place.store(), place.request());
    let blocked = failure(Outlook::Blocked, Category::Unavailable);
    let login = place.script([blocked.clone(), token("new", DAY)]);
    let error = place.ask(Some(&store), &login, began).unwrap_err();
    assert_eq!(error.category, Category::Unavailable);
    assert!(store.note().is_none());
    // Another call that began at the same time has its own settings.
    assert_eq!(value(&place.ask(Some(&store), &login, began)), "new");

    let place = Place::new();
    let (store, login) = (place.cached_with(600), place.script([blocked, token("new", DAY)]));
    assert_eq!(value(&place.ask(Some(&store), &login, place.request())), "current");
    assert_eq!(value(&place.ask(Some(&store), &login, place.request())), "new", "nobody pauses for it");
}

#[test]
fn a_clock_set_back_in_the_middle_of_a_call_makes_it_no_hammer() {
    /// The first request takes the clock five minutes back.
    struct SettingBack<'c>(Script<'c>);
    impl Login for SettingBack<'_> {
        fn ask(&self, limit: Duration) -> std::result::Result<Granted, Failure> {
            if self.0.limits.borrow().is_empty() {
                self.0.clock.wall.set(Timestamp::from_secs(START - 300));
            }
            self.0.ask(limit)
        }
        fn check(&self, token: &Secret, limit: Duration) -> Liveness {
            self.0.check(token, limit)
        }
    }
    let place = Place::new();
    let login = SettingBack(place.script((0..1_000).map(|_| down())));
    let store = place.store();
    let broker = Broker { store: Some(&store), login: &login, clock: &place.clock, random: &Half };
    assert_eq!(broker.token(place.request()).unwrap_err().category, Category::Unavailable);
    let asked = login.0.limits.borrow().len();
    assert!(asked < 20, "{asked} requests within a minute");
}

#[test]
fn a_token_that_grew_too_old_while_a_new_one_was_asked_for_is_not_handed_out() {
    let place = Place::new();
    let store = place.store();
    let asked_at = Timestamp::from_secs(START - 284);
    cached::put_at(&store, "current", asked_at, Duration::from_secs(300));
    let mut login = place.script([down(), token("new", DAY)]);
    login.takes = Duration::from_secs(3);
    assert_eq!(value(&place.ask(Some(&store), &login, place.request())), "new");
}

#[test]
fn a_dead_token_is_dropped_even_when_a_rate_limit_forbids_to_replace_it() {
    let place = Place::new();
    let store = place.cached_with(DAY - 60);
    let limited = Err(Failure {
        outlook: Outlook::RateLimited,
        retry_after: Some(Duration::from_secs(170)),
        error: Error::new(Category::RateLimited, "too often"),
    });
    let mut login = place.script([limited]);
    let mut request = place.request();
    request.wishes.force_refresh = true;
    place.ask(Some(&store), &login, request).unwrap_err();
    login.liveness = Liveness::Dead;
    let mut request = place.request();
    request.verify_after = Some(Duration::ZERO);
    place.ask(Some(&store), &login, request).unwrap_err();
    assert!(store.token().is_none());
}

/// Lets the stopped holder go as soon as somebody has asked without the lock.
struct Releasing<'c>(Script<'c>, RefCell<Option<Lock>>, Cell<bool>, Store);
impl Login for Releasing<'_> {
    fn ask(&self, limit: Duration) -> std::result::Result<Granted, Failure> {
        if self.1.borrow_mut().take().is_none() {
            self.2.set(matches!(self.3.try_lock(), Lock::Busy));
        }
        self.0.ask(limit)
    }
    fn check(&self, token: &Secret, limit: Duration) -> Liveness {
        self.0.check(token, limit)
    }
}

#[test]
fn those_who_did_without_the_lock_try_it_again_after_a_shared_wait() {
    let place = Place::new();
    let (store, other) = (place.store(), place.store());
    let limited = Err(Failure {
        outlook: Outlook::RateLimited,
        retry_after: Some(Duration::from_secs(5)),
        error: Error::new(Category::RateLimited, "too often"),
    });
    let script = place.script([limited, token("new", DAY)]);
    let login = Releasing(script, RefCell::new(Some(store.try_lock())), Cell::new(false), place.store());
    let broker = Broker { store: Some(&other), login: &login, clock: &place.clock, random: &Half };
    assert_eq!(broker.token(place.request()).unwrap().token.value.expose(), "new");
    assert!(login.2.get(), "the second request holds the lock");
}

#[test]
fn a_token_that_ended_on_its_way_is_not_handed_out_and_another_is_asked_for() {
    let place = Place::new();
    let (store, mut login) = (place.store(), place.script([token("ended", 5), token("new", DAY)]));
    login.takes = Duration::from_secs(6);
    let handed = place.ask(Some(&store), &login, place.request());
    assert_eq!(value(&handed), "new");
    let hopeless = place.script((0..40).map(|_| token("ended", 0)));
    let error = place.ask(None, &hopeless, place.request()).unwrap_err();
    assert_eq!(error.category, Category::Unavailable);
    assert!(hopeless.limits.borrow().len() > 2, "it tries until the deadline");
}

#[test]
fn a_token_that_was_overtaken_on_its_way_replaces_none() {
    let place = Place::new();
    let store = place.store();
    cached::put_at(&store, "newer", place.clock.now().plus(Duration::from_secs(2)), Duration::from_secs(DAY));
    let mut login = place.script([token("older", DAY), token("newest", DAY)]);
    login.takes = Duration::from_secs(6);
    let forced =
        |request: Request| Request { wishes: Wishes { force_refresh: true, ..request.wishes }, ..request };
    assert_eq!(value(&place.ask(Some(&store), &login, forced(place.request()))), "older");
    assert_eq!(store.token().expect("a token").value.expose(), "newer");
    assert_eq!(value(&place.ask(Some(&store), &login, forced(place.request()))), "newest");
    assert_eq!(store.token().expect("a token").value.expose(), "newest");
}
