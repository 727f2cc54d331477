//! The machines: one that is alone, and three that share a store. Each has a disk and a clock of its own.

use std::fmt;
use std::time::{Duration, SystemTime};

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Machine {
    /// Also that of its directory.
    pub(crate) name: &'static str,
    /// Seconds by which its clock is ahead; negative when it is behind.
    pub(crate) clock_skew: i64,
}

/// Minutes apart, and within the quarter of an hour in which machines share.
pub(crate) static ALONE: [Machine; 1] = [Machine { name: "alone", clock_skew: 0 }];
pub(crate) static FLEET: [Machine; 3] = [
    Machine { name: "behind", clock_skew: -240 },
    Machine { name: "right", clock_skew: 0 },
    Machine { name: "ahead", clock_skew: 180 },
];

impl Machine {
    /// Each of them.
    pub(crate) fn all() -> impl Iterator<Item = &'static Self> {
        ALONE.iter().chain(&FLEET)
    }

    /// What its clock shows at `time`.
    pub(crate) fn clock_at(&self, time: SystemTime) -> SystemTime {
        let skew = Duration::from_secs(self.clock_skew.unsigned_abs());
        if self.clock_skew < 0 { time - skew } else { time + skew }
    }
}

impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}
