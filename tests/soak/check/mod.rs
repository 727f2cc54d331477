//! After the fact: what the server's log and the callers' records say of the promises.

mod answers;
mod flights;

use std::time::Duration;

pub use answers::{Clocks, answers};
pub use flights::{Flights, flights};

/// How late things may be on a loaded machine: from the end of a process to its being seen, and from a decision to
/// its being carried out.
pub const SLACK: Duration = Duration::from_secs(3);
