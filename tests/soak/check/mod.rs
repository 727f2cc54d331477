//! The checks after a leg: the server's log and the callers' records must fit the program's promises.

mod answers;
mod requests;

use std::time::Duration;

pub(crate) use answers::{Clocks, check_answers};
pub(crate) use requests::{RequestCheck, check_requests};

/// The longest delay on a loaded machine: between the end of a process and its notice, and between a decision and the
/// action that follows it.
const SLACK: Duration = Duration::from_secs(3);
