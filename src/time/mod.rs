//! Time as a parameter: a point on the wall clock, the clock that everything below `main` is given, and a clock that
//! several machines can read.

mod clock;
mod common_clock;
mod timestamp;

pub use clock::{Clock, SystemClock};
pub use common_clock::{CommonClock, CommonTime};
pub use timestamp::Timestamp;
