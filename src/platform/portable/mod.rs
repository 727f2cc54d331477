//! Any other system, by the standard library alone.

mod files;
mod limits;

pub use files::PrivateDir;
pub use limits::CoreLimit;
