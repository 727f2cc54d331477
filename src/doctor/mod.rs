//! The doctor: checks everything from the credential to a working token, and says what is wrong, why, and what to do.
//!
//! The checks build on each other: what follows a failed one is skipped, so that the first failure is the cause. Only
//! the caches and the program itself stand apart. No finding contains a credential or a token.

mod api;
mod cache;
mod check;
mod context;
mod credential;
mod examine;
mod network;
mod program;
mod region;
mod region_search;
mod shared_cache;
mod shared_cache_faults;
mod summary;
mod tls;
mod token;
mod walk;

pub(crate) use cache::try_lock;
pub use check::{Check, Status};
pub use context::Deadline;
pub(crate) use examine::examine;
pub use region_search::{
    Candidate, Found, RegionAnswer, candidates, find_region, region_exit_code, region_report,
};
pub(crate) use summary::summary;
