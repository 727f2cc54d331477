//! Whether the computer itself stood still, as one does that is suspended or has too much to do. What took long meanwhile
//! says nothing about the program.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

const BEAT: Duration = Duration::from_millis(20);
/// The checks have some slack. A longer standstill leaves too little of it.
const STANDSTILL: Duration = Duration::from_secs(1);

/// Sleeps for moments until `stop` is set. The longest standstill, if there was any.
pub(crate) fn longest_standstill(stop: &AtomicBool) -> Option<Duration> {
    let mut longest = Duration::ZERO;
    while !stop.load(Ordering::Relaxed) {
        let before = Instant::now();
        thread::sleep(BEAT);
        longest = longest.max(before.elapsed());
    }
    Some(longest).filter(|longest| *longest > STANDSTILL)
}
