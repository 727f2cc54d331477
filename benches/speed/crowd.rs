//! A hit in a cache with 10,000 entries against one with a single entry.

use crate::report::{Bar, Report, shown};
use crate::{callgrind, timing, warm};

const CROWD: usize = 10_000;
const ROUNDS: usize = 500;
const BAR: Bar = Bar::AtMost(1.1);

pub fn run(report: &mut Report) {
    let (crowded, lonely) = (
        tempfile::tempdir().expect("a temporary directory"),
        tempfile::tempdir().expect("a temporary directory"),
    );
    for number in 1..CROWD {
        warm::put(crowded.path(), &format!("00000000-0000-0000-0000-{number:012}"));
    }
    let mut crowded = warm::given_dir(crowded.path()).into_command();
    let mut lonely = warm::given_dir(lonely.path()).into_command();
    if callgrind::is_there() {
        let (many, one) = (callgrind::instructions(&crowded), callgrind::instructions(&lonely));
        let ratio = f64::from(many) / f64::from(one);
        report.ratio("hit in 10,000 / in 1, instructions", ratio, &BAR, &format!("{many} / {one}"));
    }
    let (many, one) = timing::in_turn(ROUNDS, || timing::run(&mut crowded), || timing::run(&mut lonely));
    report.ratio(
        "hit in 10,000 / in 1, wall",
        timing::ratio(many, one),
        &BAR,
        &format!("{} / {}, {ROUNDS} runs each", shown(many), shown(one)),
    );
}
