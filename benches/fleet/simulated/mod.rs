//! A fleet of agents in simulated time, and what it asks of the login server and of the shared store. The policy is the
//! library's own. What the agents do is a model, and `model.rs` has all of it.

#![allow(dead_code, unreachable_pub, unused_imports, reason = "the bench and the test use their part of it")]

mod agent;
mod case;
mod figures;
mod login;
pub mod model;
mod promise;
mod store;
mod tally;
mod world;

pub use case::{Case, Sharing, Trouble};
pub use figures::Figures;
