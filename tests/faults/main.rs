//! Faults of the machine, real ones, against the compiled program: what it does is a table in `docs/reliability.md`.
//!
//! Each family is a module with one test that runs its faults and holds what came of them against its part of the
//! table. `UPDATE_RELIABILITY=1 cargo test --test faults` writes the table instead. A fault that can't be had here, for
//! want of root or of a mount, is named on stderr, and its row stays as it is.

#![cfg(target_os = "linux")]

#[path = "../harness/mod.rs"]
mod harness;

mod clock;
mod disk;
mod home;
mod injected;
mod interrupted;
mod killed;
mod limits;
mod locks;
mod mounted;
mod permissions;
mod scene;
mod seen;
mod stopped;
mod table;
mod user;
mod users;
