//! Unix.

mod at;
mod directory;
mod files;
pub(crate) mod fixes;
mod limits;
mod output;
mod parents;
#[allow(unsafe_code)]
pub(crate) mod raw;

pub use at::Unplaced;
pub(crate) use directory::Dir;
pub use files::PrivateDir;
pub use limits::CoreLimit;
pub use raw::WipingAllocator;
pub(crate) use raw::wipe_freed_memory;
