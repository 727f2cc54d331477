//! Random changes of the server's behaviour: its delay, the lifetime of its tokens, and its failures.

use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use loopback_login_server::{Answer, Behaviour, ExpiresIn, LoginServer};

use crate::rng::Rng;

/// The lifetimes of tokens, in seconds.
pub(crate) const LIFETIMES: Range<u64> = 3..21;

/// Changes the server's behaviour again and again until `stop` is set.
pub(crate) fn run(server: &LoginServer, rng: &mut Rng, stop: &AtomicBool) {
    while !stop.load(Ordering::Relaxed) {
        server.set(random_behaviour(rng));
        thread::sleep(rng.millis(30..300));
    }
}

/// The behaviour before the first change: every request gets a token at once.
pub(crate) fn initial_behaviour() -> Behaviour {
    Behaviour { expires_in: ExpiresIn::Seconds(20), ..Behaviour::default() }
}

fn random_behaviour(rng: &mut Rng) -> Behaviour {
    let delay = match rng.percent() {
        0..55 => rng.within(0..25),
        55..85 => rng.within(25..400),
        _ => rng.within(400..1500),
    };
    // Mostly short: callers compete when a token expires.
    let lifetimes = if rng.percent() < 70 { LIFETIMES.start..8 } else { LIFETIMES };
    let lifetime = rng.within(lifetimes);
    let answer = match rng.percent() {
        0..4 => Answer::FailTimes(2, 503),
        4..6 => Answer::TooManyRequests { retry_after: Some("1".to_owned()) },
        6..8 => Answer::CloseAtOnce,
        _ => Answer::Token,
    };
    Behaviour {
        answer,
        delay: Duration::from_millis(delay),
        expires_in: ExpiresIn::Seconds(lifetime.cast_signed()),
        ..Behaviour::default()
    }
}
