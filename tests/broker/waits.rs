//! A call that waits tells its log so, at least ten times a second.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use genesys_token::broker::Broker;
use genesys_token::log::{Event, Level, Log};
use genesys_token::time::{Clock, Timestamp};

use crate::harness::clock::FakeClock;
use crate::setup::{Answer, Half, Setup, down, rate_limited, seconds, token};

const TENTH: Duration = Duration::from_millis(100);

/// Whether the call has said since its last sleep that it waits.
#[derive(Default)]
struct Told(AtomicBool);

impl Log for Told {
    fn level(&self) -> Level {
        Level::Normal
    }

    fn record(&self, event: &Event) {
        self.0.fetch_or(matches!(event, Event::Waiting(_)), Ordering::Relaxed);
    }
}

/// The call's clock: fails when it sleeps for longer than a tenth of a second, or without having told.
struct ToldClock<'c> {
    clock: &'c FakeClock,
    told: &'c Told,
}

impl Clock for ToldClock<'_> {
    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    fn elapsed(&self) -> Duration {
        self.clock.elapsed()
    }

    fn sleep(&self, duration: Duration) {
        assert!(duration <= TENTH, "it sleeps for {duration:?}");
        assert!(self.told.0.swap(false, Ordering::Relaxed), "it sleeps without a word");
        self.clock.sleep(duration);
    }
}

/// How long a call has waited, whose login server gives these answers.
fn waited(setup: &Setup, answers: impl IntoIterator<Item = Answer>) -> Duration {
    let (request, told, login, cache) =
        (setup.request(), Told::default(), setup.login(answers), setup.cache());
    let clock = ToldClock { clock: setup.clock, told: &told };
    let broker = Broker {
        cache: Some(&cache),
        build: None,
        fleet: None,
        login: &login,
        clock: &clock,
        random: &Half,
        log: &told,
    };
    broker.token(request).expect("a token");
    setup.clock.elapsed()
}

pub(crate) fn no_call_sleeps_for_longer_than_a_tenth_of_a_second_or_without_a_word(setup: &Setup) {
    assert!(waited(setup, [rate_limited(5), token("first", 100)]) >= seconds(5));
    setup.clock.sleep(seconds(200));
    assert!(waited(setup, [down(), down(), down(), token("second", 100)]) >= TENTH);
    setup.clock.sleep(seconds(200));
    let lock = setup.lock();
    assert!(waited(setup, [token("third", 86_400)]) >= seconds(30), "for another process");
    setup.clock.sleep(seconds(86_400 - 120));
    assert!(waited(setup, []) >= seconds(5), "for another process, with a stale token");
    drop(lock);
}
