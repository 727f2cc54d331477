//! The cache: its directory, what is in it, and what many processes make of it.

#[path = "../harness/mod.rs"]
mod harness;

mod compatibility;
#[cfg(unix)]
mod directory;
mod herd;
#[cfg(target_os = "linux")]
mod hit;

use std::time::Duration;

const DAY: Duration = Duration::from_hours(24);
