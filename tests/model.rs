//! The policy and the broker against naive models: any life, any wishes, any order of events.

mod harness;

use std::cell::{Cell, RefCell};
use std::time::Duration;

use genesys_token::broker::{Broker, Request, Verdict, Wishes, judge};
use genesys_token::error::{Category, Error};
use genesys_token::login::{Failure, Granted, Liveness, Login, Outlook};
use genesys_token::random::SystemRandom;
use genesys_token::secret::Secret;
use genesys_token::time::{Clock as _, Timestamp};
use genesys_token::token::Lifetime;
use harness::cached;
use harness::clock::{FakeClock, START};
use proptest::prelude::*;

fn life(whole: u64) -> Lifetime {
    let asked_at = Timestamp::from_secs(START);
    let expires_at = asked_at.plus(Duration::from_secs(whole));
    Lifetime { requested_at: asked_at, received_at: asked_at, expires_at }
}

/// What the contract says of a token of life `whole` with `left` seconds left, in whole seconds, for a call that began
/// long after the token was asked for.
fn by_the_book(whole: u64, left: u64, wanted: Option<u64>, forced: bool) -> Verdict {
    // Tenths, so that a tenth and a half of a life are whole numbers.
    let (whole, left, wanted_or_none) = (whole * 20, left * 20, wanted.unwrap_or(0) * 20);
    let hard = (300 * 20).min(whole / 10).max(wanted_or_none);
    let soft = hard + (900 * 20).min(whole / 5);
    match left {
        0 => Verdict::Useless,
        _ if forced => Verdict::Useless,
        _ if left > soft => Verdict::Fresh,
        _ if left > hard => Verdict::Renew,
        _ if wanted.is_none() && left >= (30 * 20).min(hard / 2) => Verdict::LastResort,
        _ => Verdict::Useless,
    }
}

proptest! {
    #[test]
    fn every_token_is_judged_by_the_book(
        whole in 1_u64..172_800,
        share in 0.0_f64..1.0,
        wanted in prop::option::of(1_u64..90_000),
        forced in any::<bool>(),
    ) {
        #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let left = (whole as f64 * share) as u64;
        let lifetime = life(whole);
        let now = lifetime.expires_at.minus(Duration::from_secs(left));
        // Long after: two seconds are more than what counts as together.
        let began = now.plus(Duration::from_secs(2)).plus(Duration::from_secs(whole));
        let wishes = Wishes { began, min_ttl: wanted.map(Duration::from_secs), force_refresh: forced };
        prop_assert_eq!(judge(lifetime, now, &wishes), by_the_book(whole, left, wanted, forced));
    }

    #[test]
    fn a_token_asked_for_after_the_call_began_answers_it_as_long_as_it_lives_for_a_tenth(
        whole in 10_u64..172_800,
        age in 0_u64..172_800,
        forced in any::<bool>(),
    ) {
        let lifetime = life(whole);
        let now = lifetime.requested_at.plus(Duration::from_secs(age));
        let wishes = Wishes { began: lifetime.requested_at, min_ttl: None, force_refresh: forced };
        let left = whole.saturating_sub(age);
        let answers = judge(lifetime, now, &wishes) == Verdict::Fresh;
        if left * 10 > whole.min(3_000) {
            prop_assert!(answers, "{left} of {whole}");
        }
        if left == 0 {
            prop_assert!(!answers);
        }
    }
}

/// Up or down, and remembers when it was asked.
struct Server<'c> {
    clock: &'c FakeClock,
    is_up: Cell<bool>,
    lives: u64,
    asked: RefCell<Vec<Timestamp>>,
}

impl Login for Server<'_> {
    fn ask(&self, limit: Duration) -> Result<Granted, Failure> {
        self.asked.borrow_mut().push(self.clock.now());
        self.clock.sleep(limit.min(Duration::from_millis(200)));
        if !self.is_up.get() {
            let error = Error::new(Category::Unavailable, "down");
            return Err(Failure { outlook: Outlook::Transient, retry_after: None, error });
        }
        let value = Secret::new(format!("token-{}", self.asked.borrow().len()));
        let expires_in = Some(Duration::from_secs(self.lives));
        Ok(Granted { value, expires_in, scope: None, remarks: Vec::new() })
    }
    fn check(&self, _: &Secret, _: Duration) -> Liveness {
        Liveness::Alive
    }
}

#[derive(Clone, Copy, Debug)]
enum Event {
    Pass(u64),
    Turn(bool),
    Call { forced: bool, wanted: Option<u64> },
}

fn events(lives: u64) -> impl Strategy<Value = Vec<Event>> {
    let call = (any::<bool>(), prop::option::weighted(0.2, 1..lives))
        .prop_map(|(forced, wanted)| Event::Call { forced: forced && wanted.is_none(), wanted });
    let event = prop_oneof![
        3 => (0..lives).prop_map(Event::Pass),
        1 => any::<bool>().prop_map(Event::Turn),
        6 => call,
    ];
    prop::collection::vec(event, 1..40)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_happens_nobody_gets_an_old_token_and_nobody_hammers(
        (lives, events) in (30_u64..100_000).prop_flat_map(|lives| (Just(lives), events(lives))),
    ) {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let clock = FakeClock::new();
        let server =
            Server { clock: &clock, is_up: Cell::new(true), lives, asked: RefCell::default() };
        for event in events {
            match event {
                Event::Pass(seconds) => clock.sleep(Duration::from_secs(seconds)),
                Event::Turn(up) => server.is_up.set(up),
                Event::Call { forced, wanted } => {
                    clock.elapsed.set(Duration::ZERO);
                    let began = clock.now();
                    let before = server.asked.borrow().len();
                    let store = cached::store(dir.path(), "https://login.example");
                    let random = SystemRandom::default();
                    let broker = Broker { store: Some(&store), login: &server, clock: &clock, random: &random };
                    let min_ttl = wanted.map(Duration::from_secs);
                    let wishes = Wishes { began, min_ttl, force_refresh: forced };
                    let timeout = Duration::from_secs(60);
                    let handed = broker.token(Request { wishes, verify_after: None, timeout });
                    let asked = server.asked.borrow().len() - before;
                    let now = clock.now();
                    match handed {
                        Ok(handed) => {
                            let life = handed.token.lifetime.expect("a lifetime");
                            prop_assert!(life.left(now) > Duration::ZERO, "it has expired");
                            // The model: a fresh one, or by the book good enough, or the last resort in need.
                            let left = life.left(now);
                            let grace = Duration::from_secs(2);
                            if let Some(wanted) = min_ttl {
                                prop_assert!(left + grace >= wanted, "{left:?} of {wanted:?}");
                            }
                            if forced {
                                prop_assert!(life.requested_at >= began, "an old one for a forced call");
                            }
                            if server.is_up.get() && asked > 0 {
                                prop_assert!(life.requested_at >= began, "it asked, and was answered");
                            }
                            prop_assert!(asked <= 1 || !server.is_up.get());
                        }
                        Err(error) => {
                            let too_short =
                                error.category == Category::Lifetime && wanted.is_some_and(|wanted| wanted > lives);
                            prop_assert!(!server.is_up.get() || too_short, "{error:?} of a server that is up");
                            prop_assert!(clock.elapsed() <= timeout, "{:?}", clock.elapsed());
                        }
                    }
                    // 250 ms, doubled up to 8 s, each at least half of it: never more than this within a minute.
                    prop_assert!(asked <= 24, "{asked} requests in one call");
                }
            }
        }
    }
}
