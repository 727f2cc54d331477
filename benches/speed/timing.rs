//! Times of whole processes, from before their start to after their end.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// The median times of two things done in turn.
pub fn in_turn(
    rounds: usize,
    mut one: impl FnMut() -> Duration,
    mut two: impl FnMut() -> Duration,
) -> (Duration, Duration) {
    let (mut ones, mut twos) = (Vec::with_capacity(rounds), Vec::with_capacity(rounds));
    for round in 0..rounds {
        // Whoever comes first does not always come first.
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

/// The middle one.
pub fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

/// How many times `two` goes into `one`.
pub fn ratio(one: Duration, two: Duration) -> f64 {
    one.as_secs_f64() / two.as_secs_f64()
}

/// The time a piece of work takes.
pub fn time(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

/// The time `command` takes; it must end well.
pub fn run(command: &mut Command) -> Duration {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    time(|| {
        let status = command.status().expect("the command starts");
        assert!(status.success(), "{command:?}: {status}");
    })
}

/// The time `source | sink` takes, its output thrown away.
pub fn run_pipe(mut source: Command, mut sink: Command) -> Duration {
    time(|| {
        let mut first =
            source.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().expect("the source starts");
        let pipe = first.stdout.take().expect("stdout is a pipe");
        let last = sink.stdin(pipe).stdout(Stdio::null()).status().expect("the sink starts");
        let first = first.wait().expect("the source ends");
        assert!(first.success() && last.success(), "{source:?} | {sink:?}: {first}, {last}");
    })
}

/// Whether there is such a program.
pub fn is_there(program: &str) -> bool {
    let mut command = Command::new(program);
    command.arg("--version").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}
