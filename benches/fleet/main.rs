//! How many requests a fleet sends to the login server: the policy of the library, with simulated agents and time.
//!
//! `make simulation` prints the tables and compares them with those of `docs/fleet.md`; with `UPDATE_FLEET=1` it writes the
//! tables and the plot anew. `cargo bench --bench fleet -- troubles` does one of the two, `scale` or `troubles`. The figures
//! are the same in every run. It takes some minutes, most of them for the day of a hundred thousand agents.
//! `tests/simulated_fleet.rs` does the same with few agents.
//!
//! # Limitations
//!
//! - **No real network**: an answer takes a fixed time, and no request of ours makes another one slower.

#[path = "../../tests/harness/mod.rs"]
mod harness;

mod axis;
mod cases;
mod number;
mod page;
mod plot;
mod simulated;
mod table;

use simulated::{Case, Figures};

/// A name on the command line, and what it simulates.
type Part = (&'static str, fn());

const PARTS: [Part; 2] = [("scale", scale), ("troubles", troubles)];

fn main() {
    // Cargo adds its own flags, such as --bench.
    let selected: Vec<String> = std::env::args().skip(1).filter(|arg| !arg.starts_with("--")).collect();
    for (name, run) in PARTS {
        if selected.is_empty() || selected.iter().any(|selected| selected == name) {
            run();
        }
    }
}

fn scale() {
    let all = run(&cases::scale());
    page::check("scale", table::SCALE_HEAD, &table::scale(&all));
    page::check_plot(&plot::draw(&all));
}

fn troubles() {
    let all = run(&cases::troubles());
    page::check("troubles", table::TROUBLES_HEAD, &table::troubles(&all));
}

fn run(cases: &[Case]) -> Vec<Figures> {
    let run = |case: &Case| {
        eprintln!("{case:?}");
        case.run()
    };
    cases.iter().map(run).collect()
}
