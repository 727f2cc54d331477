//! Many machines, each with a disk of its own, and a real redis-server between them: the compiled program, as a child
//! process.

#[path = "../harness/mod.rs"]
mod harness;

mod clocks;
mod disk_first;
mod facts;
mod faults;
mod fleet;
mod herd;
mod misbehaving;
mod secrets;
mod taken_back;
