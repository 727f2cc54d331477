//! Speed and size: each figure is a ratio to something measured in the same run, and has a bar.
//!
//! `make bench` builds the program and runs every bench. `cargo bench --bench speed -- hit mask` runs the named ones: `hit`,
//! `shipped`, `cold`, `shared`, `herd`, `mask`, `crowd`, `size`. The exit code is 1 when a figure misses its bar. Both
//! sides of a ratio are measured in turn, so that other work on the machine slows down both; the ratio is that of the
//! medians.
//!
//! # Limitations
//!
//! - **Times need a quiet machine.** Instruction counts do not.
//! - Valgrind simulates a processor without the SHA extensions: real processors need fewer instructions.
//! - Without `valgrind`, `redis-server`, or `curl` and `jq`, the benches that need them are left out, and the report says so.

#[path = "../../tests/harness/mod.rs"]
mod harness;

mod callgrind;
mod cold;
mod crowd;
mod empty;
mod herd;
mod hit;
mod mask;
mod report;
mod shared;
mod shipped;
mod size;
mod timing;
mod warm;

use std::process::ExitCode;

use report::Report;

/// A name on the command line, and the bench that it runs.
type Bench = (&'static str, fn(&mut Report));

const BENCHES: [Bench; 8] = [
    ("hit", hit::run),
    ("shipped", shipped::run),
    ("cold", cold::run),
    ("shared", shared::run),
    ("herd", herd::run),
    ("mask", mask::run),
    ("crowd", crowd::run),
    ("size", size::run),
];

fn main() -> ExitCode {
    if mask::is_source() {
        return ExitCode::SUCCESS;
    }
    // Cargo adds its own flags, such as --bench.
    let selected: Vec<String> = std::env::args().skip(1).filter(|arg| !arg.starts_with("--")).collect();
    if let Some(unknown) = selected.iter().find(|name| BENCHES.iter().all(|(known, _)| known != name)) {
        eprintln!("{unknown}: no such bench; there are {}", BENCHES.map(|(name, _)| name).join(", "));
        return ExitCode::from(2);
    }
    let mut report = Report::start();
    for (name, run) in BENCHES {
        if selected.is_empty() || selected.iter().any(|selected| selected == name) {
            run(&mut report);
        }
    }
    report.exit_code()
}
