//! The limits of a process: descriptors, processes and threads, and the sizes of files.

use std::fmt::Display;
use std::fs;
use std::ops::RangeInclusive;

use loopback_login_server::{Behaviour, Certificate, LoginServer};
use rustix::process::Signal;
use serde_json::Value;

use crate::harness::{Call, Done};
use crate::scene::Scene;
use crate::seen::Seen;
use crate::table::{Row, check, row, row_if};
use crate::unprivileged_user::{AsRoot, as_root, create_dir};

/// A user without any other process, since its processes are counted.
const LIMITED: u32 = 54_322;
/// With fewer than four descriptors the loader can't load the program; with twenty every verb works.
const DESCRIPTORS: RangeInclusive<u32> = 4..=20;

#[test]
fn a_limit_that_is_too_low_is_named_or_costs_the_cache_alone() {
    let mut rows = descriptors();
    rows.extend(processes());
    rows.extend(file_sizes());
    check("limits", &rows);
}

fn limited(what: &str, to: impl Display, call: Call) -> Call {
    call.under(["prlimit", &format!("--{what}={to}:{to}")])
}

/// `exec` of a command that prints one word. stderr has errors only.
fn exec(scene: &Scene) -> Call {
    scene.exec(["echo", "word"]).arg("--quiet")
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
    let (done, seen) = scene.see_hit_elsewhere(limited(scene.bind("block").arg("--quiet")));
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
        row("`ulimit -n` from 4 to 20: `get`, a hit", Seen::all(hit)),
        row("`ulimit -n` from 4 to 20: `bind`, a hit", Seen::all(bind)),
        row("`ulimit -n` from 4 to 20: `exec`, a hit", Seen::all(exec)),
    ]
}

fn processes() -> Vec<Row> {
    vec![
        row_if(as_root(), "`ulimit -u 1`, which allows no thread: `get`, cold", |as_root| {
            let scene = of_the_limited(as_root, Scene::new());
            scene.see_before(with_processes(1, by_the_limited(&scene)), by_the_limited(&scene))
        }),
        row_if(as_root(), "`ulimit -u 1`: `get`, a hit", |as_root| {
            let scene = warmed_by_the_limited(as_root);
            scene.see_before(with_processes(1, by_the_limited(&scene)), by_the_limited(&scene))
        }),
        row_if(as_root(), "`ulimit -u 1`: `doctor`", doctor_without_threads),
        row_if(
            as_root(),
            "`ulimit -u 2`, which allows one thread: `get`, cold, with a host name to look up",
            |as_root| {
                let server = LoginServer::start_tls(Behaviour::default(), Certificate::Good);
                let scene = of_the_limited(as_root, Scene::of(server));
                let ca = scene.path("ca.pem");
                // Written, since a copy would be as private as the server's own file.
                fs::write(&ca, fs::read(scene.server.ca_file()).expect("a file")).expect("a file");
                let call = || by_the_limited(&scene).env("GENESYS_TOKEN_CA_CERT", &ca);
                scene.see_before(with_processes(2, call()), call())
            },
        ),
        row_if(as_root(), "`ulimit -u` from 1 to 6: `exec`, a hit", |as_root| {
            let scene = warmed_by_the_limited(as_root);
            let before = scene.server.token_requests();
            let runs = (1..=6).map(|to| {
                let call = with_processes(to, scene.run_as(LIMITED, exec(&scene)));
                let done = call.json_errors().run_unchecked();
                scene.seen_elsewhere(&done, scene.server.token_requests() - before, by_the_limited(&scene))
            });
            Seen::all(runs).of_a_command()
        }),
    ]
}

fn with_processes(to: u32, call: Call) -> Call {
    limited("nproc", to, call)
}

fn doctor_without_threads(as_root: AsRoot) -> Seen {
    let scene = of_the_limited(as_root, Scene::new());
    let doctor = scene.call("doctor").args(["--format", "json"]);
    let done = with_processes(1, scene.run_as(LIMITED, doctor)).run_unchecked();
    assert_eq!(done.stderr, "", "{done:?}");
    let outcome = format!("`internal`, {}", done.code);
    Seen::one(&outcome, &failed_check(&done), "0", scene.next(by_the_limited(&scene)))
}

fn of_the_limited(as_root: AsRoot, scene: Scene) -> Scene {
    let scene = scene.open_to_all(as_root);
    create_dir(as_root, &scene.cache(), LIMITED, 0o700);
    scene
}

fn warmed_by_the_limited(as_root: AsRoot) -> Scene {
    let scene = of_the_limited(as_root, Scene::new());
    by_the_limited(&scene).fetched("no entry").success();
    scene
}

fn by_the_limited(scene: &Scene) -> Call {
    scene.run_as(LIMITED, scene.get())
}

/// The detail of the first check that failed.
fn failed_check(done: &Done) -> String {
    let report: Value = serde_json::from_str(&done.stdout).unwrap_or_else(|_| panic!("{done:?}"));
    let checks = report["checks"].as_array().expect("a list");
    let failed = checks.iter().find(|check| check["status"] == "failed").expect("a failed check");
    let detail = failed["detail"].as_str().expect("words");
    detail.split(" (os error").next().unwrap_or(detail).to_owned()
}

/// An entry is longer than this, and the program writes it at once.
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
    let to_file = warm.get().args(["--quiet", "--output"]).arg(&output);
    let (_, to_file) = warm.see_hit_elsewhere(limited(0, to_file));
    assert_eq!(fs::read_to_string(&output).expect("a file"), "as it was");
    vec![
        row("`ulimit -f` from 0 bytes to a whole entry: `get`, cold", Seen::all(grown)),
        row("`ulimit -f 0`: `get --output`, a hit", to_file),
        row("`ulimit -f 0`: `bind`, a hit", see_bind(&warm, |call| limited(0, call))),
        row("`ulimit -f 0`: `exec`, a hit, with a pipe as stdout", see_exec(&warm, limited(0, exec(&warm)))),
    ]
}

#[test]
fn a_limit_on_file_sizes_ends_the_command_of_exec_as_it_would_end_it_anywhere() {
    let scene = Scene::new().warmed();
    let call = || -> Call {
        let call = scene.exec(["sh", "-c", "echo word >file"]).arg("--quiet");
        limited("fsize", 0, call.inside(scene.dir()))
    };
    call().exit(128 + Signal::XFSZ.as_raw());
    let ignoring = call().under(["sh", "-c", "trap '' XFSZ; exec \"$@\"", "sh"]).run_unchecked();
    assert!((1..126).contains(&ignoring.code), "{ignoring:?}");
}
