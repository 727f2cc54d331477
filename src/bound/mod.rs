//! The private directory of one pipeline block: written by `bind`, read by `exec` and `get` inside the block, and the
//! protocol by which the step learns of it.

mod files;
mod read;
mod step;
mod write;

pub(crate) use read::read_token;
pub(crate) use step::{PROTOCOL, answer_lines, entry_line, error_line, features_line, helper_line};
pub(crate) use write::BoundDir;
