//! Single system calls that fail or kill the program. `strace` injects the fault.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use crate::harness::Call;
use crate::scene::Scene;

/// Follows all threads, but no command that the program runs.
const THREADS: &[&str] = &["--follow-forks", "--detach-on=execve"];

/// A system call of a run: its name, and its number among the calls of that name in its thread.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Point {
    pub(crate) call: String,
    pub(crate) nth: usize,
}

/// The system calls of the main thread on `path`, or on anything below it, when `call` runs undisturbed.
pub(crate) fn points(scene: &Scene, call: Call, path: &Path) -> Vec<Point> {
    let all = trace(scene, call, &[]);
    // A call that fetches also wakes the connection's thread by writes, whose number depends on the scheduler. So their
    // number does not identify a write.
    let fetches = all.iter().any(|(point, _)| point.call.starts_with("clone"));
    let path = path.display().to_string();
    let touching = all.into_iter().filter(|(_, line)| line.contains(&path)).map(|(point, _)| point);
    let points: Vec<Point> = touching.filter(|point| !(fetches && point.call == "write")).collect();
    assert!(points.len() > 3, "only {points:?}");
    points
}

/// The system calls of the main thread that are given a path at or below `path`, when `call` runs undisturbed.
pub(crate) fn calls_by_path(scene: &Scene, call: Call, path: &Path) -> Vec<String> {
    let begin = format!("\"{}", path.display());
    let lines = trace(scene, call, &[]).into_iter().map(|(_, line)| line);
    lines.filter(|line| line.contains(&begin) && !line.starts_with("execve(")).collect()
}

/// The system calls of every thread with one of these `names`, without those of the loader.
pub(crate) fn points_of(scene: &Scene, call: Call, names: &[&str]) -> Vec<Point> {
    let all = trace(scene, call, THREADS);
    // The program's first system call.
    let first = all.iter().position(|(_, line)| line.contains("RLIMIT_CORE")).expect("it limits core dumps");
    let mut points: Vec<Point> = Vec::new();
    for (point, _) in all.into_iter().skip(first) {
        if names.contains(&point.call.as_str()) && !points.contains(&point) {
            points.push(point);
        }
    }
    points
}

/// The system calls of `call`, each with its line in the trace. The call must print what it is expected to.
fn trace(scene: &Scene, call: Call, flags: &[&str]) -> Vec<(Point, String)> {
    let file = scene.path("trace");
    let mut words = vec!["strace", "--decode-fds=path", "--output"];
    let name = file.display().to_string();
    words.push(&name);
    words.extend(flags);
    call.json_errors().under(words).success();
    let mut counts = HashMap::new();
    let text = fs::read_to_string(file).expect("a trace");
    text.lines().filter_map(|line| point(line, &mut counts).map(|point| (point, line.to_owned()))).collect()
}

/// Parses `[PID] NAME(…`. Other lines are no system call, or only its end.
fn point(line: &str, counts: &mut HashMap<(String, String), usize>) -> Option<Point> {
    let (head, _) = line.split_once('(')?;
    let (thread, call) = head.rsplit_once(' ').unwrap_or(("", head));
    let is_name =
        !call.is_empty() && call.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    is_name.then(|| {
        let nth = counts.entry((thread.trim().to_owned(), call.to_owned())).or_default();
        *nth += 1;
        Point { call: call.to_owned(), nth: *nth }
    })
}

/// `call` with a fault, such as `error=ENOSPC` or `signal=KILL`, at this system call of the main thread.
pub(crate) fn at(point: &Point, fault: &str, call: Call) -> Call {
    inject(&format!("{}:{fault}:when={}", point.call, point.nth), &[], call)
}

/// The same in every thread that makes as many of these calls.
pub(crate) fn at_in_any_thread(point: &Point, fault: &str, call: Call) -> Call {
    inject(&format!("{}:{fault}:when={}", point.call, point.nth), THREADS, call)
}

/// `call` with a fault at every system call of this name.
pub(crate) fn always(name: &str, fault: &str, call: Call) -> Call {
    inject(&format!("{name}:{fault}"), &[], call)
}

fn inject(what: &str, flags: &[&str], call: Call) -> Call {
    let inject = format!("inject={what}");
    let mut words = vec!["strace", "--output=/dev/null", "-e", &inject];
    words.extend(flags);
    call.under(words)
}
