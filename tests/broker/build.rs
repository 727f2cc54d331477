//! One token over the agents of a build: each has a store and a clock of its own, and all are given the controller's time.

use std::time::Duration;

use genesys_token::broker::{Broker, Provided, RefreshReason, Request, Source};
use genesys_token::cache::{BuildShare, DropReason};
use genesys_token::error::Result;
use genesys_token::log::NoLog;
use genesys_token::login::{Liveness, Login};
use genesys_token::random::SystemRandom;
use genesys_token::store::MemoryStore;
use genesys_token::time::{Clock as _, CommonClock, Timestamp};
use genesys_token::token::AccessToken;
use loopback_login_server::CLIENT_SECRET;

use crate::harness::clock::{FakeClock, START};
use crate::harness::entry::{cache_key, secret};
use crate::setup::{
    Answer, DAY, Half, LOGIN_URL, ScriptedLogin, Setup, down, rate_limited, seconds, token, value,
};

/// The controller's clock shows this when a test begins. No agent's clock is near it.
const CONTROLLER: i64 = 1_500_000_000;

/// An agent with a disk of its own.
struct Agent {
    setup: Setup,
}

/// What a binding on an agent came to.
struct Bound {
    provided: Result<Provided>,
    /// What the step keeps for the next agent: `None` leaves what it has.
    entry: Option<String>,
}

impl Agent {
    /// An agent whose clock shows `START` and so many seconds more when a test begins.
    fn ahead_by(ahead: i64) -> Self {
        let clock: &'static FakeClock = Box::leak(Box::new(FakeClock::new()));
        clock.set(Timestamp::from_secs(START + ahead));
        Self { setup: Setup::on(clock, Box::leak(Box::new(MemoryStore::new(clock)))) }
    }

    fn fresh() -> Self {
        Self::ahead_by(0)
    }

    /// Lets time pass on this agent.
    fn later(&self, by: u64) -> &Self {
        self.setup.clock.sleep(seconds(by));
        self
    }

    fn share(&self, offered: &str, controller: u64) -> BuildShare {
        let read = Timestamp::from_secs(CONTROLLER).plus(seconds(controller));
        let clock = CommonClock::new(read, self.setup.clock.now());
        BuildShare::new(&cache_key(LOGIN_URL), &secret(CLIENT_SECRET), offered, clock)
    }

    /// A binding when the controller's clock shows so many seconds more than in the beginning.
    fn bind(&self, login: &ScriptedLogin, offered: &str, controller: u64) -> Bound {
        self.bind_as(login, offered, controller, self.setup.request())
    }

    fn bind_as(&self, login: &ScriptedLogin, offered: &str, controller: u64, request: Request) -> Bound {
        let cache = self.setup.cache();
        let build = self.share(offered, controller);
        let broker = Broker {
            cache: Some(&cache),
            build: Some(&build),
            fleet: None,
            login,
            clock: self.setup.clock,
            random: &Half,
            log: &NoLog,
        };
        let provided = broker.token(request);
        let entry = match &provided {
            Ok(provided) => {
                let facts = cache.facts(&provided.token.value);
                build.answer(&provided.token, facts, &SystemRandom::default())
            }
            Err(_) => build.forgotten(),
        };
        Bound { provided, entry }
    }
}

impl Bound {
    #[track_caller]
    fn token(&self) -> (String, Source) {
        let provided = self.provided.as_ref().expect("a token");
        (value(provided), provided.source)
    }

    #[track_caller]
    fn entry(&self) -> &str {
        self.entry.as_deref().expect("something to keep")
    }
}

const FETCHED: Source = Source::Fetched(RefreshReason::NoEntry);

/// What an agent hands on that has just fetched the token "first", which lives so long.
fn offer_of(agent: &Agent, lives: u64) -> String {
    let bound = agent.bind(&agent.setup.login([token("first", lives)]), "", 0);
    assert_eq!(bound.token(), ("first".to_owned(), FETCHED));
    bound.entry().to_owned()
}

#[test]
fn the_next_agent_has_the_token_without_a_request_and_tests_it_once_in_a_minute() {
    let offer = offer_of(&Agent::fresh(), DAY);
    let agent = Agent::ahead_by(200);
    let login = agent.setup.login([]);
    let bound = agent.later(100).bind(&login, &offer, 100);
    assert_eq!(bound.token(), ("first".to_owned(), Source::Build));
    let reused = agent.later(59).bind_as(&login, &offer, 159, verified(&agent));
    assert_eq!((reused.token(), login.checks.get()), (("first".to_owned(), Source::Reused), 1));
    let third = Agent::fresh();
    let login = third.setup.login([]);
    assert_eq!(third.later(150).bind(&login, bound.entry(), 150).token().1, Source::Build);
    assert_eq!(login.checks.get(), 0, "a proof of life came with it");
    let fourth = Agent::fresh();
    let login = fourth.setup.login([]);
    assert_eq!(fourth.later(161).bind(&login, bound.entry(), 161).token().1, Source::Build);
    assert_eq!(login.checks.get(), 1, "the proof is older than a minute");
}

fn verified(agent: &Agent) -> Request {
    Request { verify_after: Some(Duration::ZERO), ..agent.setup.request() }
}

#[test]
fn over_ten_agents_with_wrong_clocks_a_token_is_requested_once_per_life_and_none_ends() {
    for lives in [300, DAY] {
        let (mut offer, mut requests, mut born) = (String::new(), 0, 0);
        for hop in 0..20_u64 {
            let passed = hop * lives / 13;
            let skew = i64::try_from(hop * 397 % 601).expect("it fits") - 300;
            let agent = Agent::ahead_by(skew);
            let login = agent.setup.login([token(&format!("of-{hop}"), lives)]);
            let bound = agent.later(passed).bind(&login, &offer, passed);
            if bound.token().1 != Source::Build {
                (requests, born) = (requests + 1, passed);
            }
            assert!(passed - born < lives, "{lives}: an agent got a token at {passed} of {born}");
            bound.entry().clone_into(&mut offer);
        }
        assert_eq!(requests, 2, "{lives}");
    }
}

#[test]
fn an_agent_whose_clock_is_off_by_more_than_a_quarter_of_an_hour_shares_nothing_and_works() {
    let offer = offer_of(&Agent::fresh(), 300);
    for (ahead, source) in [(-901, FETCHED), (-899, Source::Build), (1199, Source::Build), (1201, FETCHED)] {
        let agent = Agent::ahead_by(ahead);
        let bound = agent.bind(&agent.setup.login([token("second", 300)]), &offer, 0);
        assert_eq!(bound.token().1, source, "{ahead}");
    }
}

#[test]
fn a_token_from_the_controllers_future_or_beyond_its_life_is_no_offer() {
    let first = Agent::fresh();
    let login = first.setup.login([token("first", 300)]);
    let offer = first.bind(&login, "", 100).entry().to_owned();
    for (controller, source) in [(99, FETCHED), (100, Source::Build), (309, Source::Build), (401, FETCHED)] {
        let agent = Agent::fresh();
        let bound = agent.bind(&agent.setup.login([token("second", 300)]), &offer, controller);
        assert_eq!(bound.token().1, source, "{controller}");
    }
}

#[test]
fn the_own_token_stays_unless_it_would_be_replaced_and_the_other_is_two_seconds_younger() {
    for (age_of_own, own_left, is_taken) in [(2, DAY - 2, false), (1, 600, false), (2, 600, true)] {
        let offer = offer_of(&Agent::fresh(), DAY);
        let agent = Agent::fresh();
        // Near its end, and requested so long before the other.
        let requested_at = agent.setup.clock.now().minus(seconds(age_of_own));
        let lives = seconds(own_left + age_of_own);
        crate::harness::entry::put_at(&agent.setup.cache(), "own", requested_at, lives);
        let mut request = agent.setup.request();
        request.requirements.min_ttl = (own_left < DAY / 2).then(|| seconds(own_left));
        let login = agent.setup.login([token("third", DAY)]);
        let (value, _) = agent.bind_as(&login, &offer, 0, request).token();
        let expected = if is_taken {
            "first"
        } else if own_left > DAY / 2 {
            "own"
        } else {
            "third"
        };
        assert_eq!((value.as_str(), login.checks.get()), (expected, usize::from(is_taken)), "{age_of_own}");
    }
}

#[test]
fn a_dead_token_is_dropped_and_not_offered_again() {
    let offer = offer_of(&Agent::fresh(), DAY);
    let agent = Agent::fresh();
    let mut login = agent.setup.login([token("second", DAY)]);
    login.liveness = Liveness::Dead;
    let bound = agent.bind(&login, &offer, 0);
    assert_eq!(bound.token(), ("second".to_owned(), FETCHED));
    assert_ne!(bound.entry(), offer);
    let agent = Agent::fresh();
    let mut login = agent.setup.login([rate_limited(100)]);
    login.liveness = Liveness::Dead;
    let bound = agent.bind(&login, &offer, 0);
    let name = offer.split(':').next().expect("a name");
    assert_eq!((bound.provided.is_err(), bound.entry()), (true, format!("{name}:").as_str()));
    let bound = agent.bind(&login, &offer, 0);
    assert_eq!((bound.entry(), login.checks.get()), (format!("{name}:").as_str(), 1), "it was dropped here");
}

#[test]
fn a_token_that_was_dropped_on_an_agent_is_neither_taken_there_nor_offered_again() {
    let agent = Agent::fresh();
    let offer = offer_of(&agent, DAY);
    let (cache, now) = (agent.setup.cache(), agent.setup.clock.now());
    let dropped = cache.token().expect("it is cached");
    let lock = agent.setup.lock();
    cache.drop_token(&dropped, DropReason::Discarded, Some(&lock), now, &Half).expect("room");
    drop(lock);
    let login = agent.setup.login([token("second", DAY)]);
    let bound = agent.bind(&login, &offer, 0);
    assert_eq!((bound.token(), login.checks.get()), (("second".to_owned(), FETCHED), 0));
    assert_ne!(bound.entry(), offer);
}

#[test]
fn an_own_token_that_is_dead_gives_way_to_another_agents() {
    let offer = offer_of(&Agent::fresh(), DAY);
    let agent = Agent::fresh();
    let requested_at = agent.setup.clock.now().minus(seconds(3600));
    crate::harness::entry::put_at(&agent.setup.cache(), "own", requested_at, seconds(DAY));
    let login = agent.setup.login([]);
    let login = OfOwnDead { login, dead: "own" };
    let cache = agent.setup.cache();
    let build = agent.share(&offer, 0);
    let (clock, random) = (agent.setup.clock, &Half);
    let broker = Broker {
        cache: Some(&cache),
        build: Some(&build),
        fleet: None,
        login: &login,
        clock,
        random,
        log: &NoLog,
    };
    let provided = broker.token(verified(&agent)).expect("a token");
    assert_eq!((value(&provided).as_str(), provided.source), ("first", Source::Build));
    assert_eq!(build.forgotten(), None);
}

/// An API host that no longer takes one token.
struct OfOwnDead<'c> {
    login: ScriptedLogin<'c>,
    dead: &'static str,
}

impl Login for OfOwnDead<'_> {
    fn request_token(&self, limit: Duration) -> Answer {
        self.login.request_token(limit)
    }

    fn check_token(&self, token: &AccessToken, limit: Duration) -> Liveness {
        if token.expose() == self.dead { Liveness::Dead } else { self.login.check_token(token, limit) }
    }

    fn transport_id(&self) -> String {
        self.login.transport_id()
    }
}

#[test]
fn a_call_that_wants_a_new_token_or_a_longer_one_takes_none() {
    let offer = offer_of(&Agent::fresh(), DAY);
    for wants in ["new", "long"] {
        let agent = Agent::fresh();
        let mut request = agent.later(7200).setup.request();
        request.requirements.force_refresh = wants == "new";
        request.requirements.min_ttl = (wants == "long").then(|| seconds(DAY - 3600));
        let login = agent.setup.login([token("second", DAY)]);
        let (value, _) = agent.bind_as(&login, &offer, 7200, request).token();
        assert_eq!((value.as_str(), login.checks.get()), ("second", 0), "{wants}");
    }
}

#[test]
fn under_a_rate_limit_the_offered_token_answers() {
    let offer = offer_of(&Agent::fresh(), DAY);
    let agent = Agent::fresh();
    let login = agent.setup.login([rate_limited(100)]);
    agent.bind(&login, "", 0).provided.unwrap_err();
    assert_eq!(agent.bind(&login, &offer, 0).token().1, Source::Build);
}

#[test]
fn an_offered_token_near_its_end_serves_when_the_login_server_is_down() {
    let offer = offer_of(&Agent::fresh(), 300);
    let agent = Agent::fresh();
    let login = agent.setup.login([down()]);
    let bound = agent.later(250).bind(&login, &offer, 250);
    assert_eq!((bound.token().0.as_str(), login.requests()), ("first", 1));
}

#[test]
fn an_api_host_that_does_not_answer_keeps_nobody_from_the_token() {
    let offer = offer_of(&Agent::fresh(), DAY);
    let agent = Agent::fresh();
    let mut login = agent.setup.login([]);
    login.liveness = Liveness::Unknown("silent".to_owned());
    let bound = agent.bind(&login, &offer, 0);
    let warnings = bound.provided.as_ref().map(|provided| provided.warnings.clone());
    assert_eq!((bound.token().1, warnings), (Source::Build, Ok(vec!["silent".to_owned()])));
}

#[test]
fn no_binding_makes_a_token_younger() {
    let offer = offer_of(&Agent::fresh(), DAY);
    let agent = Agent::fresh();
    let login = agent.setup.login([]);
    // Jenkins took 20 s from reading its clock to starting the program, and once it took none.
    let mut offer = agent.later(20).bind(&login, &offer, 0).entry().to_owned();
    for controller in [40, 60, 80] {
        agent.later(20);
        agent.bind(&login, &offer, controller).entry().clone_into(&mut offer);
    }
    let shared = Agent::fresh().share(&offer, 100).offered(Timestamp::from_secs(START));
    let requested_at = shared.expect("a token").lifetime.requested_at;
    assert_eq!(requested_at, Timestamp::from_secs(START - 100));
}

#[test]
fn what_another_controller_said_makes_no_token_younger_here() {
    let first = Agent::fresh();
    let offer = first.bind(&first.setup.login([token("first", DAY)]), "", 10_000).entry().to_owned();
    let agent = Agent::fresh();
    let login = agent.setup.login([]);
    agent.later(100).bind(&login, &offer, 10_100);
    // This controller's clock is an hour behind the other's, which shows this time only an hour later.
    let entry = agent.bind(&login, "", 6_500).entry().to_owned();
    let shared = Agent::fresh().share(&entry, 10_100).offered(Timestamp::from_secs(START));
    let requested_at = shared.expect("a token").lifetime.requested_at;
    assert_eq!(requested_at, Timestamp::from_secs(START - 3_700));
}
