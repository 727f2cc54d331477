//! A warm hit, compared with an empty program.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::harness::{Call, PROGRAM, temporary_dir};
use crate::report::{Bar, Report, format_time};
use crate::{callgrind, empty, timing, warm};

const ROUNDS: usize = 500;
const INSTRUCTIONS: Bar = Bar::AtMost(1.94);
/// With a flag, clap builds all of them.
const INSTRUCTIONS_WITH_FLAG: Bar = Bar::AtMost(2.0);
const WALL: Bar = Bar::AtMost(1.5);

pub(crate) fn run(report: &mut Report) {
    let dir = temporary_dir();
    // Paths of equal length: a program reads its own path in the kernel's list of mappings.
    let (ours, empty) = (dir.path().join("program"), dir.path().join("nothing"));
    fs::copy(PROGRAM, &ours).expect("the program can be copied");
    fs::copy(empty::program(), &empty).expect("the empty program can be copied");
    let (cache, home) = (dir.path().join("cache"), dir.path().join("home"));
    let programs = (ours.as_path(), empty.as_path());
    compare(report, "given cache directory", programs, &[], || warm::explicit_dir(&cache));
    compare(report, "default cache below HOME", programs, &[], || warm::default_dir(&home));
    compare(report, "beside a shared cache", programs, &[], || {
        warm::explicit_dir(&cache).env("GENESYS_TOKEN_SHARED_CACHE", "rediss://cache.example")
    });
    compare(report, "a flag", programs, &["--min-ttl", "1m"], || warm::explicit_dir(&cache));
}

fn compare(
    report: &mut Report,
    what: &str,
    (ours, empty): (&Path, &Path),
    flags: &[&str],
    call: impl Fn() -> Call,
) {
    let (mut hit, mut nothing) = (warm::as_program(ours, &call()), warm::as_program(empty, &call()));
    hit.args(flags);
    nothing.args(flags);
    let name = format!("hit / empty, instructions, {what}");
    if callgrind::is_installed() {
        let bar = if flags.is_empty() { &INSTRUCTIONS } else { &INSTRUCTIONS_WITH_FLAG };
        count(report, &name, &hit, &nothing, bar);
    } else {
        Report::left_out(&name, "valgrind is not installed");
    }
    let (ours, base) = timing::in_turn(ROUNDS, || timing::run(&mut hit), || timing::run(&mut nothing));
    let name = format!("hit / empty, wall, {what}");
    report.ratio(
        &name,
        timing::ratio(ours, base),
        &WALL,
        &format!("{} / {}, {ROUNDS} runs each", format_time(ours), format_time(base)),
    );
}

fn count(report: &mut Report, name: &str, hit: &Command, nothing: &Command, bar: &Bar) {
    let (ours, base) = (callgrind::instructions(hit), callgrind::instructions(nothing));
    report.ratio(name, f64::from(ours) / f64::from(base), bar, &format!("{ours} / {base}"));
}
