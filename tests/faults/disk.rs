//! The disk: full, over quota, broken or gone, at each single system call that has to do with it.

use std::fs;

use crate::injected;
use crate::mounted::{Disk, mounting};
use crate::scene::Scene;
use crate::seen::Seen;
use crate::table::{Row, check, row, row_if};

#[test]
fn costs_the_cache_and_not_the_token() {
    let mut rows = at_each_call();
    rows.extend(in_the_cache_s_own_file_system());
    rows.extend(in_the_answer());
    check("disk", &rows);
}

/// How a call fails for want of a disk, in strace's words and in the table's.
const ERRORS: [(&str, &str); 5] = [
    ("ENOSPC", "no space left"),
    ("EDQUOT", "over quota"),
    ("EIO", "input/output error"),
    ("EROFS", "read-only"),
    ("ENOSYS", "not implemented"),
];

fn at_each_call() -> Vec<Row> {
    let scene = Scene::new();
    let points = injected::points(&scene, scene.get(), &scene.cache());
    let mut rows: Vec<Row> = ERRORS
        .iter()
        .map(|(error, words)| {
            let fault = format!("{words} (`{error}`) at each call of a cold `get` to the cache, in turn");
            let see = |point| {
                scene.clear();
                scene.see(injected::at(point, &format!("error={error}"), scene.get()))
            };
            row(&fault, Seen::all(points.iter().map(see)))
        })
        .collect();
    rows.push(row(
        "input/output error at each call of a hit to the cache, in turn",
        at_each_call_of_a_hit(&scene),
    ));
    rows
}

fn at_each_call_of_a_hit(scene: &Scene) -> Seen {
    scene.get().run().token();
    let points = injected::points(scene, scene.get(), &scene.cache());
    Seen::all(points.iter().map(|point| scene.see(injected::at(point, "error=EIO", scene.get()))))
}

/// Pages for files and inodes for names, each as few as there can be.
fn in_the_cache_s_own_file_system() -> Vec<Row> {
    vec![
        row_if(mounting(), "a tmpfs with no page left", |way| {
            let scene = Scene::new();
            let disk = Disk::mount(way, &scene.cache(), "size=4k");
            disk.fill();
            disk.see(&scene, "remount,size=1m")
        }),
        row_if(mounting(), "a tmpfs with no inode left, or 1, or 2", |way| {
            let seen = (1..=3).map(|inodes| {
                let scene = Scene::new();
                let disk = Disk::mount(way, &scene.cache(), &format!("nr_inodes={inodes}"));
                disk.see(&scene, "remount,nr_inodes=100")
            });
            Seen::all(seen)
        }),
        row_if(mounting(), "an empty cache, mounted read-only", |way| {
            let scene = Scene::new();
            let disk = Disk::mount(way, &scene.cache(), "ro");
            disk.see(&scene, "remount,rw")
        }),
        row_if(mounting(), "a cache with a token, mounted read-only", |way| {
            let scene = Scene::new();
            let disk = Disk::mount(way, &scene.cache(), "size=1m");
            disk.enter(scene.get()).run().token();
            disk.run("remount,ro");
            disk.see(&scene, "remount,rw")
        }),
    ]
}

/// A file or a directory for the answer, in the place of stdout.
fn in_the_answer() -> Vec<Row> {
    let scene = Scene::new().warmed();
    let output = scene.path("output/token");
    fs::create_dir(scene.path("output")).expect("a directory");
    let written = || scene.get().args(["--quiet"]).args(["--output".as_ref(), output.as_os_str()]);
    let points = injected::points(&scene, written(), &scene.path("output"));
    let in_a_file = points.iter().map(|point| {
        fs::write(&output, "as it was").expect("it can be written");
        let (done, seen) = scene.see_hit_elsewhere(injected::at(point, "error=ENOSPC", written()));
        let names = fs::read_dir(scene.path("output")).expect("a directory").count();
        assert_eq!(names, 1, "nothing half-written: {point:?}");
        let content = fs::read_to_string(&output).expect("a file");
        assert_eq!(content == "as it was", done.code != 0, "{point:?}: {done:?}");
        seen
    });
    let in_a_file = Seen::all(in_a_file);
    let dir = scene.path("block");
    let bound = || scene.call("bind").args(["--quiet"]).args(["--dir".as_ref(), dir.as_os_str()]);
    let points = injected::points(&scene, bound(), &dir);
    let in_a_directory = points.iter().map(|point| {
        let _ = fs::remove_dir_all(&dir);
        let (done, seen) = scene.see_hit_elsewhere(injected::at(point, "error=ENOSPC", bound()));
        assert_eq!(dir.exists(), done.code == 0, "{point:?}: {done:?}");
        seen
    });
    let in_a_directory = Seen::all(in_a_directory);
    vec![
        row("no space left at each call of `get --output` to its file, in turn", in_a_file),
        row("no space left at each call of `bind` to its directory, in turn", in_a_directory),
    ]
}
