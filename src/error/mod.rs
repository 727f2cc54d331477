//! Failures in the user's terms: a category, its exit code, causes, fixes, and the next command.

mod category;
mod json;
mod lines;
mod user_error;

pub use category::{Category, NextCommand};
pub use user_error::{Error, Result};
