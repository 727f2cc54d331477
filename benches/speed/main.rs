//! Speed, each figure as a ratio to something measured beside it in the same run, with its bar.
//!
//! `make bench` builds the program as it is shipped and runs all; `cargo bench --bench speed -- hit mask` runs the named
//! ones: `hit`, `cold`, `herd`, `mask`, `crowd`, `size`. The exit code is 1 when a bar is missed. Both sides of a ratio are measured in turn, so
//! that what else the machine does hits both; the figure is that of the medians.
//!
//! # Limitations
//!
//! - **Times are only as good as the machine is quiet**; instruction counts do not depend on it.
//! - Valgrind plays a processor without the SHA extensions: real ones need fewer instructions than it counts.
//! - Without `valgrind`, or `curl` and `jq`, their parts are left out, and that is said.

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
mod size;
mod timing;
mod warm;

use std::process::ExitCode;

use report::Report;

/// A name on the command line, and what it runs.
type Bench = (&'static str, fn(&mut Report));

const BENCHES: [Bench; 6] = [
    ("hit", hit::run),
    ("cold", cold::run),
    ("herd", herd::run),
    ("mask", mask::run),
    ("crowd", crowd::run),
    ("size", size::run),
];

fn main() -> ExitCode {
    if mask::is_source() {
        return ExitCode::SUCCESS;
    }
    // Cargo adds flags of its own, such as --bench.
    let wanted: Vec<String> = std::env::args().skip(1).filter(|arg| !arg.starts_with("--")).collect();
    if let Some(unknown) = wanted.iter().find(|name| BENCHES.iter().all(|(known, _)| known != name)) {
        eprintln!("{unknown}: no such bench; there are {}", BENCHES.map(|(name, _)| name).join(", "));
        return ExitCode::from(2);
    }
    let mut report = Report::begin();
    for (name, run) in BENCHES {
        if wanted.is_empty() || wanted.iter().any(|wanted| wanted == name) {
            run(&mut report);
        }
    }
    report.end()
}
