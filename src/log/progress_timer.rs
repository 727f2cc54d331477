//! When a call that waits says so.

use std::time::Duration;

/// Nobody wonders before this.
const FIRST: Duration = Duration::from_secs(2);

/// When a call that waits says so: the first time after 2 s, then at each interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProgressTimer {
    /// On the stopwatch of the call.
    due: Duration,
}

impl Default for ProgressTimer {
    fn default() -> Self {
        Self { due: FIRST }
    }
}

impl ProgressTimer {
    /// The time between two lines of a log: enough for a reader to see that the call goes on.
    pub const OF_LINES: Duration = Duration::from_secs(10);
    /// The time between two states of a terminal's line, which counts down.
    pub const OF_TERMINAL: Duration = Duration::from_secs(1);

    /// Whether to say something, `elapsed` after the call's start; the next time is `interval` later.
    pub fn is_due(&mut self, elapsed: Duration, interval: Duration) -> bool {
        let is_due = elapsed >= self.due;
        if is_due {
            self.due = elapsed + interval;
        }
        is_due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The times in milliseconds at which a call speaks that asks at each of `asked`.
    fn spoken(interval: Duration, asked: impl IntoIterator<Item = u64>) -> Vec<u64> {
        let mut timer = ProgressTimer::default();
        asked.into_iter().filter(|at| timer.is_due(Duration::from_millis(*at), interval)).collect()
    }

    #[test]
    fn the_first_word_comes_after_two_seconds_and_the_next_ones_every_ten() {
        let asked = (0..=40_000).step_by(100);
        assert_eq!(spoken(ProgressTimer::OF_LINES, asked), [2_000, 12_000, 22_000, 32_000]);
    }

    #[test]
    fn a_terminals_line_counts_down_every_second() {
        let asked = (0..=5_000).step_by(100);
        assert_eq!(spoken(ProgressTimer::OF_TERMINAL, asked), [2_000, 3_000, 4_000, 5_000]);
    }

    #[test]
    fn a_late_word_delays_the_next_ones() {
        assert_eq!(spoken(ProgressTimer::OF_LINES, [7_000, 12_000, 16_999, 17_000]), [7_000, 17_000]);
    }
}
