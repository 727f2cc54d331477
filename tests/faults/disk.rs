//! A disk that is full, over quota, broken or gone, at each single system call on the cache or the answer.

use std::fs;

use crate::harness::Call;
use crate::harness::mounted::{Disk, namespace};
use crate::injected;
use crate::scene::Scene;
use crate::seen::Seen;
use crate::table::{Row, check, row, row_if};

#[test]
fn a_broken_disk_costs_the_cache_and_never_the_token() {
    let mut rows = at_each_system_call();
    rows.extend(on_a_file_system_of_its_own());
    rows.push(row("no space left at each system call of `get --output` on its file, in turn", output_file()));
    rows.push(row(
        "no space left at each system call of `bind` on its directory, in turn",
        bound_directory(),
    ));
    check("disk", &rows);
}

/// The errors of a broken disk, as `strace` and as the table names them.
const ERRORS: [(&str, &str); 5] = [
    ("ENOSPC", "no space left"),
    ("EDQUOT", "over quota"),
    ("EIO", "input/output error"),
    ("EROFS", "read-only"),
    ("ENOSYS", "not implemented"),
];

fn at_each_system_call() -> Vec<Row> {
    let scene = Scene::new();
    let points = injected::points(&scene, scene.get().fetched("no entry"), &scene.cache());
    let mut rows: Vec<Row> = ERRORS
        .iter()
        .map(|(error, words)| {
            let fault =
                format!("{words} (`{error}`) at each system call of a cold `get` on the cache, in turn");
            let see = |point| {
                scene.clear();
                scene.see(injected::at(point, &format!("error={error}"), scene.get()))
            };
            row(&fault, Seen::all(points.iter().map(see)))
        })
        .collect();
    rows.push(row("input/output error at each system call of a hit on the cache, in turn", hit()));
    rows
}

fn hit() -> Seen {
    let scene = Scene::new().warmed();
    let points = injected::points(&scene, scene.get().reused(), &scene.cache());
    Seen::all(points.iter().map(|point| scene.see(injected::at(point, "error=EIO", scene.get()))))
}

/// Pages are for the contents of files, and inodes for their names.
fn on_a_file_system_of_its_own() -> Vec<Row> {
    vec![
        row_if(namespace(), "a tmpfs without a free page", |namespace| {
            let scene = Scene::new();
            let disk = Disk::mount(namespace, &scene.cache(), "size=4k");
            disk.fill();
            see(&disk, &scene, "size=1m")
        }),
        row_if(namespace(), "a tmpfs with no, one or two free inodes", |namespace| {
            // The directory itself has one.
            Seen::all((1..=3).map(|inodes| {
                let scene = Scene::new();
                let disk = Disk::mount(namespace, &scene.cache(), &format!("nr_inodes={inodes}"));
                see(&disk, &scene, "nr_inodes=100")
            }))
        }),
        row_if(namespace(), "an empty cache, mounted read-only", |namespace| {
            let scene = Scene::new();
            let disk = Disk::mount(namespace, &scene.cache(), "ro");
            see(&disk, &scene, "rw")
        }),
        row_if(namespace(), "a cache with a token, mounted read-only", |namespace| {
            let scene = Scene::new();
            let disk = Disk::mount(namespace, &scene.cache(), "size=1m");
            disk.enter(scene.get()).fetched("no entry").success();
            disk.remount("ro");
            see(&disk, &scene, "rw")
        }),
    ]
}

/// What a `get` does on this disk, and what the next one does after a remount with `options`.
fn see(disk: &Disk, scene: &Scene, options: &str) -> Seen {
    let before = scene.server.token_requests();
    let done = disk.enter(scene.get()).json_errors().run_unchecked();
    let requests = scene.server.token_requests() - before;
    disk.remount(options);
    scene.seen(&done, requests, disk.enter(scene.get()))
}

/// A file for the answer, in place of stdout.
fn output_file() -> Seen {
    let scene = Scene::new().warmed();
    let output = scene.path("output/token");
    fs::create_dir(scene.path("output")).expect("a directory");
    let call = || -> Call { scene.get().args(["--quiet", "--output"]).arg(&output) };
    let points = injected::points(&scene, call(), &scene.path("output"));
    Seen::all(points.iter().map(|point| {
        fs::write(&output, "as it was").expect("it can be written");
        let (done, seen) = scene.see_hit_elsewhere(injected::at(point, "error=ENOSPC", call()));
        let names = fs::read_dir(scene.path("output")).expect("a directory").count();
        assert_eq!(names, 1, "no half-written file stays: {point:?}");
        let content = fs::read_to_string(&output).expect("a file");
        assert_eq!(content == "as it was", done.code != 0, "{point:?}: {done:?}");
        seen
    }))
}

fn bound_directory() -> Seen {
    let scene = Scene::new().warmed();
    let dir = scene.path("block");
    let call = || scene.bind("block").arg("--quiet");
    let lines = "GENESYS_TOKEN_FILE=*\nGENESYS_HEADERS_FILE=*\nGENESYS_CURL_CONFIG=*\nGENESYS_TOKEN_EXPIRES_AT=*\n\
                 GENESYSCLOUD_REGION=us-east-1\nGENESYSCLOUD_API_REGION=*\nGENESYS_TOKEN_OF=*\n";
    let points = injected::points(&scene, call().stdout(lines), &dir);
    Seen::all(points.iter().map(|point| {
        let _ = fs::remove_dir_all(&dir);
        let (done, seen) = scene.see_hit_elsewhere(injected::at(point, "error=ENOSPC", call()));
        assert_eq!(dir.exists(), done.code == 0, "{point:?}: {done:?}");
        seen
    }))
}
