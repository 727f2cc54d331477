//! A hit in a cache with 10,000 entries, compared with a hit in a cache with one.

use crate::harness::temporary_dir;
use crate::report::{Bar, Report, format_time};
use crate::{callgrind, timing, warm};

const ENTRIES: usize = 10_000;
const ROUNDS: usize = 500;
const BAR: Bar = Bar::AtMost(1.1);

pub(crate) fn run(report: &mut Report) {
    let (crowded, single) = (temporary_dir(), temporary_dir());
    for number in 1..ENTRIES {
        warm::put(crowded.path(), &format!("00000000-0000-0000-0000-{number:012}"));
    }
    let mut crowded = warm::explicit_dir(crowded.path()).into_command();
    let mut single = warm::explicit_dir(single.path()).into_command();
    if callgrind::is_installed() {
        let (many, one) = (callgrind::instructions(&crowded), callgrind::instructions(&single));
        let ratio = f64::from(many) / f64::from(one);
        report.ratio("hit in 10,000 / in 1, instructions", ratio, &BAR, &format!("{many} / {one}"));
    }
    let (many, one) = timing::in_turn(ROUNDS, || timing::run(&mut crowded), || timing::run(&mut single));
    report.ratio(
        "hit in 10,000 / in 1, wall",
        timing::ratio(many, one),
        &BAR,
        &format!("{} / {}, {ROUNDS} runs each", format_time(many), format_time(one)),
    );
}
