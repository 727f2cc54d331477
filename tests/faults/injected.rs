//! One system call at a time made to fail, or to be the last: strace puts the fault in.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use crate::harness::Call;
use crate::scene::Scene;

/// All threads, and no command that is run.
const THREADS: &[&str] = &["--follow-forks", "--detach-on=execve"];

/// A system call of a run: its name, and which of that name it is in its thread.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Point {
    pub call: String,
    pub nth: usize,
}

/// The calls of the main thread that have to do with `place`, or anything below it, when `call` runs undisturbed.
pub fn points(scene: &Scene, call: Call, place: &Path) -> Vec<Point> {
    let all = trace(scene, call, &[]);
    // Who fetches also wakes the connection's thread by writing, as often as chance will have it: there a write is
    // not to be found by its number.
    let fetches = all.iter().any(|(point, _)| point.call.starts_with("clone"));
    let place = place.display().to_string();
    let touching = all.into_iter().filter(|(_, line)| line.contains(&place)).map(|(point, _)| point);
    let points: Vec<Point> = touching.filter(|point| !(fetches && point.call == "write")).collect();
    assert!(points.len() > 3, "only {points:?}");
    points
}

/// Every call of every thread whose name is among `names`, after the program has begun in earnest.
pub fn points_of(scene: &Scene, call: Call, names: &[&str]) -> Vec<Point> {
    let all = trace(scene, call, THREADS);
    // Before that the loader is at work.
    let begun = all.iter().position(|(_, line)| line.contains("RLIMIT_CORE")).expect("our first deed");
    let mut points: Vec<Point> = Vec::new();
    for (point, _) in all.into_iter().skip(begun) {
        if names.contains(&point.call.as_str()) && !points.contains(&point) {
            points.push(point);
        }
    }
    points
}

fn trace(scene: &Scene, call: Call, flags: &[&str]) -> Vec<(Point, String)> {
    let file = scene.path("trace");
    let mut words = vec!["strace", "--decode-fds=path", "--output"];
    let name = file.display().to_string();
    words.push(&name);
    words.extend(flags);
    let done = call.under(words).run();
    assert_eq!(done.code, 0, "strace is installed: {done:?}");
    let mut counts = HashMap::new();
    let text = fs::read_to_string(file).expect("a trace");
    text.lines().filter_map(|line| point(line, &mut counts).map(|point| (point, line.to_owned()))).collect()
}

/// `[PID] NAME(…`, but for what is no call or only the end of one.
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

/// `call` with what `fault` says (`error=ENOSPC`, `signal=KILL`) done to this system call of the main thread.
pub fn at(point: &Point, fault: &str, call: Call) -> Call {
    inject(&format!("{}:{fault}:when={}", point.call, point.nth), &[], call)
}

/// The same in whichever thread comes to it.
pub fn at_in_any_thread(point: &Point, fault: &str, call: Call) -> Call {
    inject(&format!("{}:{fault}:when={}", point.call, point.nth), THREADS, call)
}

/// `call` with what `fault` says done to every system call of this name.
pub fn always(name: &str, fault: &str, call: Call) -> Call {
    inject(&format!("{name}:{fault}"), &[], call)
}

fn inject(what: &str, flags: &[&str], call: Call) -> Call {
    let inject = format!("inject={what}");
    let mut words = vec!["strace", "--output=/dev/null", "-e", &inject];
    words.extend(flags);
    call.under(words)
}
