//! The freshness of tokens and the broker against naive models: any lifetime, any requirements, any order of events.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use genesys_token::broker::{Broker, Freshness, Request, Requirements, freshness};
use genesys_token::error::{Category, Error};
use genesys_token::log::NoLog;
use genesys_token::login::{Failure, FailureClass, Liveness, Login, TokenGrant};
use genesys_token::random::SystemRandom;
use genesys_token::time::{Clock as _, Timestamp};
use genesys_token::token::{AccessToken, Lifetime};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use crate::harness::clock::{FakeClock, START};
use crate::harness::entry::access_token;
use crate::setup::Setup;

fn lifetime(seconds: u64) -> Lifetime {
    let requested_at = Timestamp::from_secs(START);
    let expires_at = requested_at.plus(Duration::from_secs(seconds));
    Lifetime { requested_at, received_at: requested_at, expires_at }
}

/// What the contract says of a token with a lifetime of `total` seconds, of which `left` are left, for a call that
/// started long after the token was requested.
fn by_the_contract(total: u64, left: u64, min_ttl: Option<u64>, forced: bool) -> Freshness {
    // Twentieths, so that a tenth and half of it are whole numbers.
    let (total, left, required) = (total * 20, left * 20, min_ttl.unwrap_or(0) * 20);
    let mandatory = (300 * 20).min(total / 10).max(required);
    let advisory = mandatory + (900 * 20).min(total / 5);
    match left {
        0 => Freshness::Unusable,
        _ if forced => Freshness::Unusable,
        _ if left > advisory => Freshness::Fresh,
        _ if left > mandatory => Freshness::RefreshDue,
        _ if min_ttl.is_none() && left >= (30 * 20).min(mandatory / 2) => Freshness::StaleUsable,
        _ => Freshness::Unusable,
    }
}

proptest! {
    #[test]
    fn freshness_is_what_the_contract_says(
        total in 1_u64..172_800,
        share in 0.0_f64..1.0,
        min_ttl in prop::option::of(1_u64..90_000),
        forced in any::<bool>(),
    ) {
        #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let left = (total as f64 * share) as u64;
        let token = lifetime(total);
        let now = token.expires_at.minus(Duration::from_secs(left));
        // Long after: two seconds are more than counts as together.
        let started_at = now.plus(Duration::from_secs(2)).plus(Duration::from_secs(total));
        let requirements =
            Requirements { started_at, min_ttl: min_ttl.map(Duration::from_secs), force_refresh: forced };
        prop_assert_eq!(freshness(token, now, &requirements), by_the_contract(total, left, min_ttl, forced));
    }

    #[test]
    fn a_token_requested_after_the_call_started_answers_it_while_a_tenth_of_it_is_left(
        total in 10_u64..172_800,
        age in 0_u64..172_800,
        forced in any::<bool>(),
    ) {
        let token = lifetime(total);
        let now = token.requested_at.plus(Duration::from_secs(age));
        let requirements =
            Requirements { started_at: token.requested_at, min_ttl: None, force_refresh: forced };
        let left = total.saturating_sub(age);
        let answers = freshness(token, now, &requirements) == Freshness::Fresh;
        if left * 10 > total.min(3_000) {
            prop_assert!(answers, "{left} of {total}");
        }
        if left == 0 {
            prop_assert!(!answers);
        }
    }
}

/// Up or down, and remembers when it was called.
struct Server<'c> {
    clock: &'c FakeClock,
    is_up: Cell<bool>,
    expires_in: u64,
    requests: RefCell<Vec<Timestamp>>,
}

impl Login for Server<'_> {
    fn request_token(&self, limit: Duration) -> Result<TokenGrant, Failure> {
        self.requests.borrow_mut().push(self.clock.now());
        self.clock.sleep(limit.min(Duration::from_millis(200)));
        if !self.is_up.get() {
            return Err(Failure::new(FailureClass::Transient, Error::new(Category::Unavailable, "down")));
        }
        let value = access_token(&format!("token-{}", self.requests.borrow().len()));
        let expires_in = Some(Duration::from_secs(self.expires_in));
        Ok(TokenGrant { value, expires_in, scope: None, warnings: Vec::new() })
    }

    fn check_token(&self, _: &AccessToken, _: Duration) -> Liveness {
        Liveness::Alive
    }

    fn transport_id(&self) -> String {
        String::new()
    }
}

#[derive(Clone, Copy, Debug)]
enum Event {
    Pass(u64),
    Turn(bool),
    Call { forced: bool, min_ttl: Option<u64> },
}

fn events(expires_in: u64) -> impl Strategy<Value = Vec<Event>> {
    let call = (any::<bool>(), prop::option::weighted(0.2, 1..expires_in))
        .prop_map(|(forced, min_ttl)| Event::Call { forced: forced && min_ttl.is_none(), min_ttl });
    let event = prop_oneof![
        3 => (0..expires_in).prop_map(Event::Pass),
        1 => any::<bool>().prop_map(Event::Turn),
        6 => call,
    ];
    prop::collection::vec(event, 1..40)
}

pub(crate) fn whatever_happens_no_expired_token_is_provided_and_requests_stay_rare(setup: &Setup) {
    let cases = (30_u64..100_000).prop_flat_map(|expires_in| (Just(expires_in), events(expires_in)));
    let run = TestRunner::new(ProptestConfig::with_cases(64)).run(&cases, |(expires_in, events)| {
        setup.store.clear().expect("it can be cleared");
        let server =
            Server { clock: setup.clock, is_up: Cell::new(true), expires_in, requests: RefCell::default() };
        for event in events {
            match event {
                Event::Pass(seconds) => setup.clock.sleep(Duration::from_secs(seconds)),
                Event::Turn(up) => server.is_up.set(up),
                Event::Call { forced, min_ttl } => call(setup, &server, forced, min_ttl)?,
            }
        }
        Ok(())
    });
    run.unwrap();
}

fn call(setup: &Setup, server: &Server, forced: bool, min_ttl: Option<u64>) -> Result<(), TestCaseError> {
    setup.clock.restart();
    let (started_at, before) = (setup.clock.now(), server.requests.borrow().len());
    let (cache, random) = (setup.cache(), SystemRandom::default());
    let broker = Broker {
        cache: Some(&cache),
        build: None,
        fleet: None,
        login: server,
        clock: setup.clock,
        random: &random,
        log: &NoLog,
    };
    let required = min_ttl.map(Duration::from_secs);
    let requirements = Requirements { started_at, min_ttl: required, force_refresh: forced };
    let timeout = Duration::from_mins(1);
    let provided = broker.token(Request { requirements, verify_after: None, timeout });
    let requests = server.requests.borrow().len() - before;
    match provided {
        Ok(provided) => {
            let token = provided.token.lifetime.expect("a lifetime");
            let left = token.remaining(setup.clock.now());
            prop_assert!(left > Duration::ZERO, "it has expired");
            let grace = Duration::from_secs(2);
            if let Some(required) = required {
                prop_assert!(left + grace >= required, "{left:?} of {required:?}");
            }
            if forced {
                prop_assert!(token.requested_at >= started_at, "an old token for a forced call");
            }
            if server.is_up.get() && requests > 0 {
                prop_assert!(token.requested_at >= started_at, "it was answered, and provides an old token");
            }
            prop_assert!(requests <= 1 || !server.is_up.get());
        }
        Err(error) => {
            let is_too_short = error.category == Category::Lifetime
                && min_ttl.is_some_and(|min_ttl| min_ttl > server.expires_in);
            prop_assert!(!server.is_up.get() || is_too_short, "{error:?} of a server that is up");
            prop_assert!(setup.clock.elapsed() <= timeout, "{:?}", setup.clock.elapsed());
        }
    }
    // 250 ms, doubled up to 8 s, each at least half of it: never more than this within a minute.
    prop_assert!(requests <= 24, "{requests} requests in one call");
    Ok(())
}
