//! The report: one line per figure.

use std::process::ExitCode;
use std::time::Duration;

/// The limit of a figure, and the side on which the figure must be.
pub(crate) enum Bar {
    AtMost(f64),
    AtLeast(f64),
}

/// Prints the figures.
pub(crate) struct Report {
    /// How many figures missed their bars.
    missed: usize,
}

impl Report {
    /// Prints the machine's name.
    pub(crate) fn start() -> Self {
        let cores = std::thread::available_parallelism().map_or(0, usize::from);
        let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let model = cpu.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
        println!("{cores} cores, {}", model.map_or("unknown processor", |(_, model)| model));
        Self { missed: 0 }
    }

    /// Prints a ratio, its bar, and the measurements behind it.
    pub(crate) fn ratio(&mut self, name: &str, ratio: f64, bar: &Bar, measured: &str) {
        let (met, bar) = match bar {
            Bar::AtMost(bar) => (ratio <= *bar, format!("<= {bar}")),
            Bar::AtLeast(bar) => (ratio >= *bar, format!(">= {bar}")),
        };
        self.missed += usize::from(!met);
        let outcome = if met { "ok" } else { "MISSED" };
        println!("{outcome:<6} {name:<42} {ratio:>7.3}  bar {bar:<7} {measured}");
    }

    /// Prints that a figure can't be measured on this machine.
    pub(crate) fn left_out(name: &str, reason: &str) {
        println!("{:<6} {name:<42} {reason}", "-");
    }

    /// 1 when a figure missed its bar.
    pub(crate) fn exit_code(self) -> ExitCode {
        ExitCode::from(u8::from(self.missed > 0))
    }
}

/// `3.21 ms` or `1.23 s`.
pub(crate) fn format_time(time: Duration) -> String {
    let seconds = time.as_secs_f64();
    if seconds < 0.1 { format!("{:.2} ms", seconds * 1e3) } else { format!("{seconds:.2} s") }
}
