//! A shared store on Redis or Valkey.
//!
//! The commands are packed, and the answers parsed, by the `redis` crate. The connection is our own: that crate's has a
//! time-out for each read, so that an answer byte by byte outlasts any limit; none for looking a name up; no limit on the
//! size of a value; and it loads the system's certificates for each connection even when it is given a CA.

mod address;
mod connection;
mod redis_store;
mod stream;
mod trial;

pub use address::{Address, Credentials, InvalidAddress};
pub(crate) use address::{passwords, written_password};
pub use redis_store::RedisStore;
pub(crate) use trial::{Eviction, Trial};
