//! Unix.

mod files;
mod limits;
#[allow(unsafe_code)]
pub(crate) mod raw;

pub use files::PrivateDir;
pub use limits::CoreLimit;
