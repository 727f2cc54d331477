//! The figures of one simulation.

use std::ops::Range;
use std::time::Duration;

use super::case::Case;
use super::tally::Counts;
use super::world::World;

/// What one simulation came to.
pub struct Figures {
    pub case: Case,
    /// Requests to the login server within the window.
    pub requests: usize,
    /// The most of them in any minute.
    pub most_requests: usize,
    /// All requests, before the window too.
    pub all_requests: usize,
    pub counts: Counts,
}

impl Figures {
    pub fn of(world: &World) -> Self {
        let (window, all) = (world.case.window(), world.server.requests());
        let requests: Vec<Duration> = all.iter().copied().filter(|time| window.contains(time)).collect();
        Self {
            case: world.case,
            requests: requests.len(),
            most_requests: most_in_a_minute(&requests),
            all_requests: all.len(),
            counts: world.tally.counts().clone(),
        }
    }

    pub fn per_hour(&self, count: usize) -> f64 {
        f64::from(u32::try_from(count).expect("it fits")) / f64::from(self.case.hours)
    }

    /// Mean and maximum of what was counted for each second.
    pub fn per_second(&self, counted: &[u32]) -> (f64, u32) {
        let Range { start, end } = self.case.window();
        let second = |time: Duration| usize::try_from(time.as_secs()).expect("it fits").min(counted.len());
        let counted = &counted[second(start)..second(end)];
        let sum: u32 = counted.iter().sum();
        (f64::from(sum) / end.saturating_sub(start).as_secs_f64(), counted.iter().copied().max().unwrap_or(0))
    }
}

/// The most of these times within any 60 seconds. They are in order.
fn most_in_a_minute(times: &[Duration]) -> usize {
    let minute = Duration::from_mins(1);
    let from = |first: usize| times[first..].partition_point(|time| *time < times[first] + minute);
    (0..times.len()).map(from).max().unwrap_or(0)
}
