//! The time that whole processes take, from before their start until after their end.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// The median times of two pieces of work that are done in turn.
pub(crate) fn in_turn(
    rounds: usize,
    mut one: impl FnMut() -> Duration,
    mut two: impl FnMut() -> Duration,
) -> (Duration, Duration) {
    let (mut ones, mut twos) = (Vec::with_capacity(rounds), Vec::with_capacity(rounds));
    for round in 0..rounds {
        // Neither is always the first.
        if round % 2 == 0 {
            ones.push(one());
            twos.push(two());
        } else {
            twos.push(two());
            ones.push(one());
        }
    }
    (median(ones), median(twos))
}

pub(crate) fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

/// `one` divided by `two`.
pub(crate) fn ratio(one: Duration, two: Duration) -> f64 {
    one.as_secs_f64() / two.as_secs_f64()
}

/// The time that `work` takes.
pub(crate) fn time(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

/// The time that `command` takes. It must succeed.
pub(crate) fn run(command: &mut Command) -> Duration {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    time(|| {
        let status = command.status().expect("the command starts");
        assert!(status.success(), "{command:?}: {status}");
    })
}

/// The time that `source | sink` takes, with the output discarded. Both must succeed.
pub(crate) fn run_pipe(mut source: Command, mut sink: Command) -> Duration {
    time(|| {
        let mut first =
            source.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().expect("the source starts");
        let pipe = first.stdout.take().expect("stdout is a pipe");
        let last = sink.stdin(pipe).stdout(Stdio::null()).status().expect("the sink starts");
        let first = first.wait().expect("the source ends");
        assert!(first.success() && last.success(), "{source:?} | {sink:?}: {first}, {last}");
    })
}

/// Whether `program` is installed.
pub(crate) fn is_installed(program: &str) -> bool {
    let mut command = Command::new(program);
    command.arg("--version").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}
