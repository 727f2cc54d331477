//! Unix: pipes, process groups, signals.

mod pump;
mod signals;
mod supervise;

pub(super) use supervise::Unix;
