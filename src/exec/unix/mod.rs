//! Unix: pipes, process groups, signals.

mod children;
mod group;
mod pump;
mod signals;
mod supervise;
mod terminal;

pub(super) use supervise::Unix;
