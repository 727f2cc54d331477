//! One line per figure.

use std::process::ExitCode;
use std::time::Duration;

/// Which side of the bar is good.
pub enum Bar {
    AtMost(f64),
    AtLeast(f64),
}

/// What was printed so far, as far as it matters.
pub struct Report {
    missed: usize,
}

impl Report {
    /// Names the machine.
    pub fn begin() -> Self {
        let cores = std::thread::available_parallelism().map_or(0, usize::from);
        let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let model = cpu.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
        println!("{cores} cores, {}", model.map_or("processor unknown", |(_, model)| model));
        Self { missed: 0 }
    }

    /// A ratio beside its bar, and what it was made of.
    pub fn ratio(&mut self, what: &str, ratio: f64, bar: &Bar, made_of: &str) {
        let (met, bar) = match bar {
            Bar::AtMost(bar) => (ratio <= *bar, format!("<= {bar}")),
            Bar::AtLeast(bar) => (ratio >= *bar, format!(">= {bar}")),
        };
        self.missed += usize::from(!met);
        println!("{:<6} {what:<42} {ratio:>7.3}  bar {bar:<7} {made_of}", if met { "ok" } else { "MISSED" });
    }

    /// A part that can't be measured here.
    pub fn left_out(what: &str, why: &str) {
        println!("{:<6} {what:<42} {why}", "-");
    }

    /// The exit code.
    pub fn end(self) -> ExitCode {
        ExitCode::from(u8::from(self.missed > 0))
    }
}

/// A time in the unit that suits it.
pub fn shown(time: Duration) -> String {
    let seconds = time.as_secs_f64();
    if seconds < 0.1 { format!("{:.2} ms", seconds * 1e3) } else { format!("{seconds:.2} s") }
}
