//! The system calls that the standard library does not offer: all `unsafe` code for Windows.

mod files;
mod processes;

pub(super) use files::*;
pub(crate) use processes::{Job, is_same_object, leave_console_events_to_children};
