//! What the machines of a fleet share: one client's token per lane, its last failure, the tokens that were dropped, and
//! the lease of the one machine that asks the login server. Sealed, with all times on the store's clock.
//!
//! | record | of | sealed in it |
//! |---|---|---|
//! | token | a lane | the token, when it was requested, proof of life, organisation |
//! | dropped | a lane | digests of tokens, each until its end |
//! | failure | the client | a refusal, a rate limit, or another answer that concerns every machine |
//! | lease | the client | nothing: the random name of its holder |
//!
//! What the store says of a record is never believed alone: its time to live must fit what the seal says. Who can
//! write there without the secret can delete, make machines wait for a lease, and put back what is still true.

mod shared_cache;
mod shared_drops;
mod shared_failure;
mod shared_look;
mod shared_records;

pub use shared_cache::{SharedCache, SharedLocation};
pub use shared_look::SharedLook;
