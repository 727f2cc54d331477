//! Where cached records are kept: names to bytes, with a lock per entry.
//!
//! A store knows nothing of tokens. The cache seals what it puts here and believes nothing that it gets from here
//! before it has opened the seal.
//!
//! | store | records | lock |
//! |---|---|---|
//! | [`DirStore`] | one file per record, replaced atomically | a kernel lock on a file of 0 bytes |
//! | [`MemoryStore`] | a map, for tests | a set of held names |
//!
//! A store that machines share is another thing, with a trait of its own, [`SharedStore`]:
//!
//! | store | records | lease |
//! |---|---|---|
//! | [`RedisStore`] | one key per record, changed in a transaction | a key with an end |
//! | [`MemorySharedStore`] | a map, for tests and simulations | the same |
//!
//! # Why these are two traits
//!
//! **How long does a lease live?** Until it is dropped, or until its holder dies, however it dies: the kernel sees to
//! that for a directory. A store over the network can't see its holder die, so its leases end by themselves, and a lease
//! that has ended is no proof any more. A holder that outlived its lease must not replace what others put meanwhile.
//!
//! **Whose clock are an entry's times of?** All callers of a directory share one machine's clock, so its times are
//! comparable as they are. Of a store over the network only its own clock is common to all, and each look says what it
//! shows.
//!
//! **Which promises are the directory store's alone?** That a hit opens no connection, takes no lock and can't wait;
//! that a put is visible to every other caller when it returns; that a lease excludes every other process of the
//! machine. What fails in a shared store is a miss, and a second request.

mod dir;
mod interface;
mod memory;
mod name;
mod redis;
mod shared;

pub(crate) use dir::another_process_gets_lock;
pub use dir::{CacheLocation, DirStore, TEMPORARY_PREFIX};
pub use interface::{Guard, Held, Lease, MAX_VALUE_LEN, Probe, Store};
pub use memory::MemoryStore;
pub use name::{EntryName, RecordName, Slot};
pub use redis::{Address, Credentials, InvalidAddress, RedisStore};
pub(crate) use redis::{Eviction, Trial};
pub(crate) use redis::{passwords, written_password};
pub(crate) use shared::Refusal;
pub use shared::{
    LeaseHolder, LeaseState, Look, MemorySharedStore, Put, SharedName, SharedStore, StoreFault, Stored,
};
