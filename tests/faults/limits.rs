//! The limits of a process: descriptors, processes and threads, the size of files.

use std::fmt::Display;
use std::fs;
use std::ops::RangeInclusive;
use std::time::Duration;

use loopback_login_server::{Behaviour, Certificate, LoginServer};
use rustix::process::Signal;
use serde_json::Value;

use crate::harness::{Call, Done, together};
use crate::scene::Scene;
use crate::seen::Seen;
use crate::table::{Row, check, row, row_if};
use crate::user::{Root, directory, root};

/// Nobody else's, since his processes are counted.
const LIMITED: u32 = 54_322;
/// Below four the loader can't load the program; with twenty every verb works.
const DESCRIPTORS: RangeInclusive<u32> = 4..=20;

#[test]
fn that_are_too_low_are_named_and_cost_no_more_than_they_must() {
    let mut rows = descriptors();
    rows.extend(processes());
    rows.extend(file_sizes());
    check("limits", &rows);
}

fn limited(what: &str, to: impl Display, call: Call) -> Call {
    call.under(["prlimit", &format!("--{what}={to}:{to}")])
}

/// `exec` of a command that says one word, with nothing but errors on stderr.
fn exec(scene: &Scene) -> Call {
    scene.call("exec").args(["--quiet", "--", "echo", "word"])
}

#[track_caller]
fn see_exec(scene: &Scene, call: Call) -> Seen {
    let (done, seen) = scene.see_hit_elsewhere(call);
    assert_eq!(done.stdout, if done.code == 0 { "word\n" } else { "" }, "{done:?}");
    seen.of_a_command()
}

/// `bind`, which leaves a whole directory or none.
#[track_caller]
fn see_bind(scene: &Scene, limited: impl Fn(Call) -> Call) -> Seen {
    let block = scene.path("block");
    let _ = fs::remove_dir_all(&block);
    let call = scene.call("bind").args(["--quiet"]).args(["--dir".as_ref(), block.as_os_str()]);
    let (done, seen) = scene.see_hit_elsewhere(limited(call));
    assert_eq!(block.exists(), done.code == 0, "{done:?}");
    seen
}

fn descriptors() -> Vec<Row> {
    let limited = |to: u32, call| limited("nofile", to, call);
    let (cold, warm) = (Scene::new(), Scene::new().warmed());
    let miss = DESCRIPTORS.map(|to| {
        cold.clear();
        cold.see(limited(to, cold.get()))
    });
    let hit = DESCRIPTORS.map(|to| warm.see(limited(to, warm.get())));
    let bind = DESCRIPTORS.map(|to| see_bind(&warm, |call| limited(to, call)));
    let exec = DESCRIPTORS.map(|to| see_exec(&warm, limited(to, exec(&warm))));
    vec![
        row("`ulimit -n` from 4 to 20: `get`, cold", Seen::all(miss)),
        row("the same: `get`, a hit", Seen::all(hit)),
        row("the same: `bind`, a hit", Seen::all(bind)),
        row("the same: `exec`, a hit", Seen::all(exec)),
    ]
}

fn processes() -> Vec<Row> {
    let limited = |to: u32, call| limited("nproc", to, call);
    vec![
        row_if(root(), "`ulimit -u 1`, so no thread: `get`, cold", |root| {
            let scene = of_the_limited(root, Scene::new());
            scene.see_before(limited(1, by_the_limited(&scene)), by_the_limited(&scene))
        }),
        row_if(root(), "`ulimit -u 1`: `get`, a hit", |root| {
            let scene = of_the_limited(root, Scene::new());
            by_the_limited(&scene).run().token();
            scene.see_before(limited(1, by_the_limited(&scene)), by_the_limited(&scene))
        }),
        row_if(root(), "`ulimit -u 1`: `doctor`", |root| {
            let scene = of_the_limited(root, Scene::new());
            let doctor = Call::new("doctor", &scene.server, &scene.cache()).args(["--format", "json"]);
            let done = limited(1, scene.run_as(LIMITED, doctor)).run();
            Seen::one(
                &format!("`internal`, {}", done.code),
                &failed_check(&done),
                "0",
                scene.next(by_the_limited(&scene)),
            )
        }),
        row_if(root(), "`ulimit -u 2`, so one thread: `get`, cold, of a host by its name", |root| {
            let server = LoginServer::start_tls(Behaviour::default(), Certificate::Good);
            let scene = of_the_limited(root, Scene::with(server));
            let ca = scene.path("ca.pem");
            // Not as a copy: the server's own file is closed to others.
            fs::write(&ca, fs::read(scene.server.ca_file()).expect("a file")).expect("a file");
            let call = || by_the_limited(&scene).env("GENESYS_TOKEN_CA_CERT", &ca);
            scene.see_before(limited(2, call()), call())
        }),
        row_if(root(), "`ulimit -u` from 1 to 6: `exec`, a hit", |root| {
            let scene = of_the_limited(root, Scene::new());
            by_the_limited(&scene).run().token();
            let before = scene.server.token_requests();
            let runs = (1..=6).map(|to| {
                let done = limited(to, scene.run_as(LIMITED, exec(&scene))).run();
                scene.seen_elsewhere(&done, scene.server.token_requests() - before, by_the_limited(&scene))
            });
            Seen::all(runs).of_a_command()
        }),
    ]
}

fn of_the_limited(root: Root, scene: Scene) -> Scene {
    let scene = scene.open_to_all(root);
    directory(root, &scene.cache(), LIMITED, 0o700);
    scene
}

fn by_the_limited(scene: &Scene) -> Call {
    scene.run_as(LIMITED, scene.get())
}

/// What the doctor says of the first thing that is wrong.
fn failed_check(done: &Done) -> String {
    let report: Value = serde_json::from_str(&done.stdout).unwrap_or_else(|_| panic!("{done:?}"));
    let checks = report["checks"].as_array().expect("a list");
    let failed = checks.iter().find(|check| check["status"] == "failed").expect("something is wrong");
    let detail = failed["detail"].as_str().expect("words");
    detail.split(" (os error").next().unwrap_or(detail).to_owned()
}

/// An entry is longer than this, and written in one go.
const BYTES: u32 = 400;

fn file_sizes() -> Vec<Row> {
    let limited = |to: u32, call| limited("fsize", to, call);
    let cold = Scene::new();
    let grown = (0..BYTES).step_by(16).map(|to| {
        cold.clear();
        cold.see(limited(to, cold.get()))
    });
    let warm = Scene::new().warmed();
    let output = warm.path("token");
    fs::write(&output, "as it was").expect("a file");
    let answer = warm.get().args(["--quiet"]).args(["--output".as_ref(), output.as_os_str()]);
    let (_, answer) = warm.see_hit_elsewhere(limited(0, answer));
    assert_eq!(fs::read_to_string(&output).expect("a file"), "as it was");
    vec![
        row("`ulimit -f`, from no byte to a whole entry: `get`, cold", Seen::all(grown)),
        row("`ulimit -f 0`: twenty cold calls at once", nobody_queues()),
        row("`ulimit -f 0`: `get --output`", answer),
        row("`ulimit -f 0`: `bind`, a hit", see_bind(&warm, |call| limited(0, call))),
        row("`ulimit -f 0`: `exec`, a hit, to a pipe", see_exec(&warm, limited(0, exec(&warm)))),
    ]
}

/// Who can't write his answer down lets the others fetch for themselves.
fn nobody_queues() -> Seen {
    let slow = Behaviour { delay: Duration::from_millis(500), ..Behaviour::default() };
    let scene = Scene::with(LoginServer::start(slow));
    let done = together((0..20).map(|_| limited("fsize", 0, scene.get())));
    let in_flight = scene.server.max_in_flight();
    assert!(in_flight > 10, "they do not queue: {in_flight}");
    assert_eq!(scene.server.token_requests(), 20);
    scene.server.set(Behaviour::default());
    scene.seen_together(&done, "1 each")
}

#[test]
fn of_file_sizes_end_the_command_as_they_would_without_us() {
    let scene = Scene::new().warmed();
    let script = "echo word >file";
    let call = || scene.call("exec").inside(&scene.path("")).args(["--quiet", "--", "sh", "-c", script]);
    let ended = limited("fsize", 0, call()).run();
    assert_eq!(ended.code, 128 + Signal::XFSZ.as_raw(), "{ended:?}");
    let ignoring = limited("fsize", 0, call()).under(["sh", "-c", "trap '' XFSZ; exec \"$@\"", "sh"]).run();
    assert!((1..126).contains(&ignoring.code), "{ignoring:?}");
}
