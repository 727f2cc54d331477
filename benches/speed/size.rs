//! The size of the program.

use crate::harness::PROGRAM;
use crate::report::{Bar, Report};

const MEGABYTE: f64 = 1e6;
const BAR: Bar = Bar::AtMost(5.0);

pub(crate) fn run(report: &mut Report) {
    let size = std::fs::metadata(PROGRAM).expect("the program is built").len();
    let size = u32::try_from(size).unwrap_or(u32::MAX);
    report.ratio("size of the program, MB", f64::from(size) / MEGABYTE, &BAR, &format!("{size} bytes"));
}
