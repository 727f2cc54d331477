//! Windows: a job, console events, and how programs are found and called there.

mod program;
mod pump;
mod supervise;

pub(super) use supervise::Windows;
