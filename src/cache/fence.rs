//! The clocks of two machines serve only as a fence, in case that the clock that both can read was set.

use std::time::Duration;

use crate::time::Timestamp;

/// How far the clocks of two machines may differ.
const FENCE: Duration = Duration::from_mins(15);

/// Whether what began at `began_at` on the giver's clock, and lives so long, may be taken `now` by the taker's: it has not
/// ended longer ago than the fence, and does not begin further ahead.
pub(super) fn admits(began_at: Timestamp, lives: Duration, now: Timestamp) -> bool {
    let begins_ahead = began_at > now.plus(FENCE);
    let ended_long_ago = began_at.plus(lives).plus(FENCE) < now;
    !begins_ahead && !ended_long_ago
}
