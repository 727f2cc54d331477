//! Real faults of the machine against the compiled program. `docs/reliability.md` has a table of what it does.
//!
//! Each family of faults is a module with one test, which runs the faults and compares the results with its part of the
//! table. `UPDATE_RELIABILITY=1 cargo test --test faults` writes the table instead. A fault that needs root or a mount
//! is skipped where there is neither: stderr says so, and the page keeps its row.

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
mod permissions;
mod privileges;
mod proxies;
mod scene;
mod seen;
mod suspended;
mod table;
mod unprivileged_user;
mod unrecorded;
