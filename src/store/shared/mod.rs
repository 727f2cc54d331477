//! Stores that the machines of a fleet share, over the network.

mod fault;
mod interface;
mod memory;
mod refusal;

pub use fault::StoreFault;
pub use interface::{LeaseHolder, LeaseState, Look, Put, SharedName, SharedStore, Stored};
pub use memory::MemorySharedStore;
pub(crate) use refusal::Refusal;
