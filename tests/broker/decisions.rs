//! The log tells what a call decides, and why.

use std::sync::Mutex;

use genesys_token::broker::{Broker, Request};
use genesys_token::cache::{BuildShare, SharedCache, SharedLocation, TokenFacts};
use genesys_token::error::{Category, Error};
use genesys_token::log::{Event, Level, Log};
use genesys_token::login::{Failure, FailureClass, Liveness, Login};
use genesys_token::store::MemorySharedStore;
use genesys_token::time::{Clock as _, CommonClock, Timestamp};
use genesys_token::token::{Lifetime, Token};
use loopback_login_server::CLIENT_SECRET;

use crate::harness::clock::START;
use crate::harness::entry::{access_token, cache_key, secret};
use crate::harness::fleet::PREFIX;
use crate::setup::{
    DAY, Half, LOGIN_URL, Setup, down, failure, rate_limited, seconds, token, token_without_lifetime,
};

const NO_ENTRY: &str = "cache no_entry: it has no token";
const LOCK_HELD: &str = "lock held: this process holds that of the cache entry";
const NO_LOCK: &str = "lock none: the request goes without";
const SENT: &str = "request send: attempt 1 for a token (no entry), at most 30s";
const SENT_AGAIN: &str = "request send: attempt 2 for a token (no entry), at most 30s";
const ANSWERED: &str = "attempt 1 brought a token in 0.010s";
const FAILED: &str = "attempt 1 failed after 0.010s: the server's words";
const LIMITED: &str = "attempt 1 failed after 0.010s: too many requests";

/// Hears what a call says, up to a level.
struct Heard {
    level: Level,
    lines: Mutex<Vec<String>>,
}

impl Log for Heard {
    fn level(&self) -> Level {
        self.level
    }

    fn record(&self, event: &Event) {
        let line = match event {
            Event::Decision(decision) => {
                format!("{} {}: {}", decision.subject.name(), decision.outcome, decision.reason)
            }
            Event::Attempt(attempt) => attempt.to_string(),
            Event::Waiting(_) => return,
        };
        let mut lines = self.lines.lock().expect("no thread panics with it");
        // A decision that is told again says nothing new.
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
}

/// One call, to which somebody listens.
struct Call<'s> {
    setup: &'s Setup,
    level: Level,
    build: Option<&'s BuildShare>,
    fleet: Option<&'s SharedCache<'s>>,
    uses_disk: bool,
}

impl<'s> Call<'s> {
    fn new(setup: &'s Setup) -> Self {
        Self { setup, level: Level::Debug, build: None, fleet: None, uses_disk: true }
    }

    /// What it says, however it ends.
    fn says(&self, login: &dyn Login, request: Request) -> Vec<String> {
        let log = Heard { level: self.level, lines: Mutex::default() };
        let cache = self.setup.cache();
        let broker = Broker {
            cache: Some(&cache).filter(|_| self.uses_disk),
            build: self.build,
            fleet: self.fleet,
            login,
            clock: self.setup.clock,
            random: &Half,
            log: &log,
        };
        let _ = broker.token(request);
        log.lines.into_inner().expect("no thread panics with it")
    }
}

/// What a call with a cache says.
fn says(setup: &Setup, login: &dyn Login, request: Request) -> Vec<String> {
    Call::new(setup).says(login, request)
}

/// What is said of the cached token.
fn cached(outcome: &str, end: &str, state: &str) -> String {
    format!("cache {outcome}: its token, which ends at 2027-01-{end}Z, is {state}")
}

#[test]
fn a_fetch_is_told_from_the_look_into_the_cache_to_the_answer() {
    let setup = Setup::memory();
    let login = setup.login([token("new", DAY)]);
    assert_eq!(says(&setup, &login, setup.request()), [NO_ENTRY, LOCK_HELD, SENT, ANSWERED]);
    assert_eq!(says(&setup, &login, setup.request()), [cached("fresh", "16T08:00:00", "fresh")]);

    let login = setup.login([token("new", DAY)]);
    let without_cache = Call { uses_disk: false, ..Call::new(&setup) };
    assert_eq!(without_cache.says(&login, setup.request()), [NO_LOCK, SENT, ANSWERED]);
}

#[test]
fn decisions_are_told_to_who_debugs() {
    let setup = Setup::memory();
    let call = Call { level: Level::Verbose, ..Call::new(&setup) };
    let login = setup.login([down(), token("new", DAY)]);
    assert_eq!(call.says(&login, setup.request()), [FAILED, "attempt 2 brought a token in 0.010s"]);
    assert!(call.says(&login, setup.request()).is_empty());
}

#[test]
fn a_token_in_a_refresh_window_and_the_pause_after_a_failure_are_told() {
    let (due, usable) = ("in its advisory refresh window", "in its mandatory refresh window");
    for (left, freshness) in [
        (600, cached("refresh_due", "15T08:10:00", due)),
        (200, cached("stale_usable", "15T08:03:20", usable)),
    ] {
        let setup = Setup::memory();
        setup.cache_token_with(left);
        let login = setup.login([down()]);
        let first = says(&setup, &login, setup.request());
        assert_eq!((first[0].as_str(), first[3].as_str()), (freshness.as_str(), FAILED));
        let pause =
            "failure pause: a refresh failed at 2027-01-15T08:00:00Z, so the old token serves for now";
        assert_eq!(says(&setup, &login, setup.request()), [freshness.as_str(), pause]);
    }
}

#[test]
fn why_the_cached_token_can_not_be_used_is_told() {
    let setup = Setup::memory();
    let assert_unusable = |end: &str, why: &str, request: Request| {
        let login = setup.login([token("new", DAY)]);
        assert_eq!(says(&setup, &login, request)[0], cached("unusable", end, why));
        setup.clock.set(Timestamp::from_secs(START));
    };
    setup.cache_token_with(0);
    assert_unusable("15T08:00:00", "expired", setup.request());

    setup.clock.set(Timestamp::from_secs(START - 10));
    assert_unusable("16T08:00:00", "from the future", setup.request());

    setup.clock.sleep(seconds(10));
    let forced = "older than this call, which wants a new one";
    assert_unusable("16T07:59:50", forced, setup.forced_request());
    // The clock is set back during the call, to the moment of the token's request.
    setup.store.clear().expect("it can be cleared");
    setup.cache_token_with(DAY);
    setup.clock.sleep(seconds(10));
    let later = setup.forced_request();
    setup.clock.set(Timestamp::from_secs(START));
    assert_unusable("16T08:00:00", forced, later);
    setup.store.clear().expect("it can be cleared");
    setup.cache_token_with(200);
    assert_unusable("15T08:03:20", "too close to its end", setup.request_with_min_ttl(300));
}

#[test]
fn a_token_that_the_api_host_refuses_is_told_also_where_it_can_not_be_removed() {
    let setup = Setup::full(|setup| setup.cache_token_with(DAY - 100));
    let mut login = setup.login([token("new", DAY)]);
    login.liveness = Liveness::Dead;
    let request = Request { verify_after: Some(seconds(1)), ..setup.request() };
    let dead = cached("unusable", "16T07:58:20", "no longer taken by the API host");
    assert_eq!(says(&setup, &login, request)[0], dead);
}

#[test]
fn what_the_last_failure_means_is_told() {
    let last = |outcome: &str, what: &str, until: &str, meaning: &str| {
        format!("failure {outcome}: the last one is {what} until 2027-01-15T08:{until}Z: {meaning}")
    };
    let (goes_on, waits) = ("it does not keep this call from a request", "no request before its end");

    let setup = Setup::memory();
    let login = setup.login([rate_limited(5), token("new", DAY)]);
    let said = says(&setup, &login, setup.request());
    let (limit, until) = ("a rate limit", "00:05.010");
    let expected =
        [LIMITED, &last("wait", limit, until, waits), &last("request", limit, until, goes_on), SENT_AGAIN];
    assert_eq!(said[3..7], expected);

    let setup = Setup::memory();
    let login = setup.login([down(), token("new", DAY)]);
    let may_pass = last("wait", "a failure that may pass", "00:00.197", waits);
    assert_eq!(says(&setup, &login, setup.request())[4], may_pass);

    let setup = Setup::memory();
    let login = setup.login([rate_limited(500)]);
    let too_late = last("fail", limit, "03:00.010", "it ends too late for this call");
    assert_eq!(says(&setup, &login, setup.request())[4], too_late);

    let setup = Setup::memory();
    let login = setup.login([failure(FailureClass::Refused, Category::Rejected), token("new", DAY)]);
    let before = setup.request();
    assert_eq!(says(&setup, &login, setup.request())[3], FAILED);
    let refusal = "a refusal";
    let same = last("fail", refusal, "00:00.010", "it answers this call as well");
    assert_eq!(says(&setup, &login, before), [NO_ENTRY, &same]);
    setup.clock.sleep(seconds(1));
    assert_eq!(says(&setup, &login, setup.request())[1], last("request", refusal, "00:00.010", goes_on));

    let setup = Setup::memory();
    let login = setup.login([token_without_lifetime("first"), token_without_lifetime("second")]);
    says(&setup, &login, setup.request());
    let alone = "every call has to send its own request";
    let alone = last("request_without_lock", "an answer that can't be cached", "00:00.010", alone);
    assert_eq!(says(&setup, &login, setup.request()), [NO_ENTRY, &alone, NO_LOCK, SENT, ANSWERED]);

    let setup = Setup::memory();
    setup.cache_token_with(200);
    let error = Error::new(Category::Unavailable, "try again in 45 s");
    let down = Failure { retry_after: Some(seconds(45)), ..Failure::new(FailureClass::Transient, error) };
    let login = setup.login([Err(down), token("new", DAY)]);
    let before = setup.request();
    says(&setup, &login, setup.request());
    setup.clock.sleep(seconds(31));
    let serves = "the old token serves if the next request fails";
    let serves = last("request", "a failure that may pass", "00:45.010", serves);
    assert_eq!(says(&setup, &login, before)[1], serves);
}

#[test]
fn a_lock_that_another_process_holds_for_too_long_is_told() {
    let setup = Setup::memory();
    let _suspended = setup.lock();
    let said = says(&setup, &setup.login([token("new", DAY)]), setup.request());
    let busy = "lock busy: another process holds that of the cache entry";
    let without = "lock none: the request goes without, since another process has held it for too long";
    assert_eq!(said[1..3], [busy, without]);
}

/// A token of another machine's.
fn foreign_token(setup: &Setup, name: &str, age: u64) -> Token {
    let requested_at = setup.clock.now().minus(seconds(age));
    let expires_at = requested_at.plus(seconds(DAY));
    let lifetime = Some(Lifetime { requested_at, received_at: requested_at, expires_at });
    Token { value: access_token(name), lifetime, scope: None }
}

#[test]
fn what_becomes_of_the_token_that_the_build_offers_is_told() {
    let offered = |setup: &Setup, age: u64| {
        let clock = CommonClock::new(setup.clock.now(), setup.clock.now());
        let share =
            |offered: &str| BuildShare::new(&cache_key(LOGIN_URL), &secret(CLIENT_SECRET), offered, clock);
        let token = foreign_token(setup, "of-the-build", age);
        share(&share("").answer(&token, TokenFacts::default(), &Half).expect("an offer"))
    };
    let told = |setup: &Setup, build: &BuildShare, liveness: Liveness, request: Request| {
        let mut login = setup.login([token("new", DAY)]);
        login.liveness = liveness;
        let call = Call { build: Some(build), ..Call::new(setup) };
        let said = call.says(&login, request);
        said.into_iter().find(|line| line.starts_with("build")).expect("a word about the build")
    };

    let setup = Setup::memory();
    let taken = told(&setup, &offered(&setup, 10), Liveness::Alive, setup.request());
    assert_eq!(taken, "build taken: its token is taken: another agent has fetched it");

    let setup = Setup::memory();
    let unusable = told(&setup, &offered(&setup, 10), Liveness::Alive, setup.forced_request());
    assert_eq!(unusable, "build unusable: its token is unusable: it is too old for this call");

    let setup = Setup::memory();
    setup.cache_token_with(600);
    let older = told(&setup, &offered(&setup, DAY - 601), Liveness::Alive, setup.request());
    assert_eq!(older, "build older: its token is older: the cached token is as new");

    let setup = Setup::memory();
    let dead = told(&setup, &offered(&setup, 10), Liveness::Dead, setup.request());
    assert_eq!(dead, "build dead: its token is dead: the API host no longer takes it");
    let dropped = told(&setup, &offered(&setup, 10), Liveness::Alive, setup.forced_request());
    assert_eq!(dropped, "build dropped: its token is dropped: it was dropped here");

    let setup = Setup::memory();
    let build = offered(&setup, 10);
    setup.clock.sleep(seconds(DAY));
    let ended = told(&setup, &build, Liveness::Alive, setup.request());
    assert_eq!(ended, "build unusable: its token is unusable: it has ended, or can't be read");
}

#[test]
fn what_the_shared_cache_has_is_told() {
    let setup = Setup::memory();
    let store = MemorySharedStore::new(setup.clock);
    let (key, secret) = (cache_key(LOGIN_URL), secret(CLIENT_SECRET));
    let shared = || {
        let location = SharedLocation { prefix: PREFIX, identity: "memory".to_owned() };
        SharedCache::new(&store, location, &key, &secret, setup.clock, &Half)
    };
    let told = |liveness: Liveness, request: Request| {
        setup.store.clear().expect("it can be cleared");
        let mut login = setup.login([token("new", DAY)]);
        login.liveness = liveness;
        let said = Call { fleet: Some(&shared()), ..Call::new(&setup) }.says(&login, request);
        said.into_iter().filter(|line| line.starts_with("shared")).collect::<Vec<_>>()
    };
    let none = "shared_cache no_entry: it has no token";
    let held = "shared_cache held: this machine asks the login server for the fleet";

    assert_eq!(told(Liveness::Alive, setup.request()), [none, held]);
    let taken = "shared_cache taken: its token is taken: another machine has fetched it";
    assert_eq!(told(Liveness::Alive, setup.request()), [taken]);

    setup.clock.sleep(seconds(100));
    let unusable = "shared_cache unusable: its token is unusable: it is too old for this call";
    assert_eq!(told(Liveness::Alive, setup.forced_request()), [unusable, held]);
    setup.clock.sleep(seconds(100));
    let verified = Request { verify_after: Some(seconds(1)), ..setup.request() };
    let dead = "shared_cache dead: its token is dead: the API host no longer takes it";
    assert_eq!(told(Liveness::Dead, verified)[0], dead);
    let there = shared().look().expect("a look").token.expect("a token").token;
    shared().drop_token(&there).expect("it can be dropped");
    let dropped = "shared_cache dropped: its token is dropped: it was dropped here";
    assert_eq!(told(Liveness::Alive, setup.forced_request())[0], dropped);

    setup.clock.sleep(seconds(100));
    assert!(shared().take_lease(seconds(5)).expect("an answer"), "another machine has it");
    let busy = "shared_cache busy: another machine asks the login server";
    assert_eq!(told(Liveness::Alive, setup.forced_request())[1..], [busy, held]);
}
