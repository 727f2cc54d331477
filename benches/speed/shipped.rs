//! A warm hit of the program that `make dist` ships, compared with empty programs and with the default build.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use crate::harness::{PROGRAM, temporary_dir};
use crate::report::{Bar, Report, format_time};
use crate::{callgrind, empty, timing, warm};

/// Names the shipped program for this machine. `make bench` builds it.
const VARIABLE: &str = "GENESYS_TOKEN_SHIPPED";
const TARGET: &str = "x86_64-unknown-linux-musl";
const ROUNDS: usize = 500;

/// A program to compare it with, and the bars for instructions and wall time.
struct Other {
    name: &'static str,
    program: PathBuf,
    instructions: Bar,
    wall: Bar,
}

pub(crate) fn run(report: &mut Report) {
    let Some(shipped) = env::var_os(VARIABLE) else {
        return Report::left_out("hit, shipped program", &format!("{VARIABLE} is not set"));
    };
    let others = [
        Other {
            name: "an empty dynamic one",
            program: empty::program(),
            instructions: Bar::AtMost(0.8),
            wall: Bar::AtMost(0.75),
        },
        Other {
            name: "the default build",
            program: PROGRAM.into(),
            instructions: Bar::AtMost(0.4),
            wall: Bar::AtMost(0.6),
        },
        // Nearly nothing: the loader's work is gone, and all that is left of a hit is ours.
        Other {
            name: "an empty one linked like it",
            program: empty::released_program(TARGET),
            instructions: Bar::AtMost(60.0),
            wall: Bar::AtMost(3.0),
        },
    ];
    for other in others {
        compare(report, Path::new(&shipped), &other);
    }
}

fn compare(report: &mut Report, shipped: &Path, other: &Other) {
    let dir = temporary_dir();
    // Paths of equal length: a program reads its own path in the kernel's list of mappings.
    let (ours, theirs) = (dir.path().join("program"), dir.path().join("another"));
    fs::copy(shipped, &ours).expect("the program can be copied");
    fs::copy(&other.program, &theirs).expect("the other program can be copied");
    let call = warm::explicit_dir(&dir.path().join("cache"));
    let (mut hit, mut another) = (warm::as_program(&ours, &call), warm::as_program(&theirs, &call));
    let name = format!("shipped hit / {}, instructions", other.name);
    if callgrind::is_installed() {
        let (ours, theirs) = (callgrind::instructions(&hit), callgrind::instructions(&another));
        let ratio = f64::from(ours) / f64::from(theirs);
        report.ratio(&name, ratio, &other.instructions, &format!("{ours} / {theirs}"));
    } else {
        Report::left_out(&name, "valgrind is not installed");
    }
    let (ours, theirs) = timing::in_turn(ROUNDS, || timing::run(&mut hit), || timing::run(&mut another));
    report.ratio(
        &format!("shipped hit / {}, wall", other.name),
        timing::ratio(ours, theirs),
        &other.wall,
        &format!("{} / {}, {ROUNDS} runs each", format_time(ours), format_time(theirs)),
    );
}
