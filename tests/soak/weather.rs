//! The server's moods: how long it takes, how long its tokens live, and whether it answers at all.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use loopback_login_server::{Answer, Behaviour, ExpiresIn, LoginServer};

use crate::dice::Dice;

/// The lives of tokens, in seconds.
pub const LIVES: std::ops::Range<u64> = 3..21;

/// Changes the server's behaviour again and again until told to stop.
pub fn blow(server: &LoginServer, dice: &mut Dice, stop: &AtomicBool) {
    while !stop.load(Ordering::Relaxed) {
        server.set(behaviour(dice));
        thread::sleep(dice.millis(30..300));
    }
}

/// A behaviour under which a token is to be had at once.
pub fn fair() -> Behaviour {
    Behaviour { expires_in: ExpiresIn::Seconds(20), ..Behaviour::default() }
}

fn behaviour(dice: &mut Dice) -> Behaviour {
    let delay = match dice.percent() {
        0..55 => dice.within(0..25),
        55..85 => dice.within(25..400),
        _ => dice.within(400..1500),
    };
    // Mostly short, since it is when tokens end that callers get in each other's way.
    let lives = if dice.percent() < 70 { LIVES.start..8 } else { LIVES };
    let life = dice.within(lives);
    let answer = match dice.percent() {
        0..4 => Answer::FailTimes(2, 503),
        4..6 => Answer::TooManyRequests { retry_after: Some("1".to_owned()) },
        6..8 => Answer::CloseAtOnce,
        _ => Answer::Token,
    };
    Behaviour {
        answer,
        delay: Duration::from_millis(delay),
        expires_in: ExpiresIn::Seconds(life.cast_signed()),
        ..Behaviour::default()
    }
}
