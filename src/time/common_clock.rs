//! A clock that several machines can read, such as that of the Jenkins controller. The clocks of two machines may differ
//! by any amount, so what one of them tells another of its times is on such a clock.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::timestamp::Timestamp;

/// A point on a common clock: microseconds since the Unix epoch, as that clock counts. Only times of the same clock can be
/// compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CommonTime(i64);

impl CommonTime {
    /// This point moved forward; saturates.
    #[must_use]
    pub fn plus(self, by: Duration) -> Self {
        Self(Timestamp(self.0).plus(by).0)
    }

    /// The time from `earlier` to here, or zero when `earlier` is later.
    pub fn since(self, earlier: Self) -> Duration {
        Timestamp(self.0).since(Timestamp(earlier.0))
    }
}

/// A common clock as this machine read it once.
#[derive(Clone, Copy, Debug)]
pub struct CommonClock {
    /// What it showed.
    common: Timestamp,
    /// What this machine's own clock showed then.
    local: Timestamp,
}

impl CommonClock {
    /// The clock that showed `common` when this machine's showed `local`.
    pub fn new(common: Timestamp, local: Timestamp) -> Self {
        Self { common, local }
    }

    /// What it showed when it was read.
    pub fn read_at(&self) -> CommonTime {
        CommonTime(self.common.0)
    }

    /// What it showed `age` before it was read; saturates.
    pub fn ago(&self, age: Duration) -> CommonTime {
        CommonTime(self.common.minus(age).0)
    }

    /// A local time on this clock; saturates.
    pub fn to_common(&self, local: Timestamp) -> CommonTime {
        CommonTime(self.common.0.saturating_add(local.0.saturating_sub(self.local.0)))
    }

    /// A time of this clock as the local one; saturates.
    pub fn to_local(&self, common: CommonTime) -> Timestamp {
        Timestamp(self.local.0.saturating_add(common.0.saturating_sub(self.common.0)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_goes_to_the_common_clock_and_to_another_machine_whose_clock_is_wrong() {
        let at = Timestamp::from_secs;
        // Both read the common clock at the same moment; the second machine is 5 minutes ahead.
        let (ours, theirs) = (CommonClock::new(at(1000), at(970)), CommonClock::new(at(1000), at(1300)));
        let requested_at = ours.to_common(at(960));
        assert_eq!(ours.to_local(requested_at), at(960));
        assert_eq!(theirs.to_local(requested_at), at(1290));
        assert!(requested_at < ours.read_at());
        assert_eq!(requested_at, ours.ago(Duration::from_secs(10)));
        assert_eq!(requested_at.plus(Duration::from_secs(10)), ours.read_at());
        assert_eq!(ours.read_at().since(requested_at), Duration::from_secs(10));
        assert_eq!(theirs.to_common(at(1290).plus(Duration::from_secs(20))), theirs.to_common(at(1310)));
    }

    #[test]
    fn times_out_of_all_bounds_saturate() {
        let clock = CommonClock::new(Timestamp(i64::MAX), Timestamp(i64::MIN));
        assert_eq!(clock.to_common(Timestamp(i64::MAX)), CommonTime(i64::MAX));
        assert_eq!(clock.to_local(CommonTime(i64::MIN)), Timestamp(i64::MIN));
    }
}
