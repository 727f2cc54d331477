//! No home directory, no temporary directory, or no line in the password file.

use std::fs;
use std::path::Path;

use crate::harness::Call;
use crate::scene::Scene;
use crate::seen::Seen;
use crate::table::{Row, check, row, row_if};
use crate::unprivileged_user::{STRANGER, as_root, create_dir};

#[test]
fn a_missing_home_costs_the_cache_at_most() {
    let mut rows = homes();
    rows.extend(homes_of_users());
    rows.push(row("`TMPDIR` is a missing directory, empty, or not writable", temporary_directories()));
    check("home", &rows);
}

impl Scene {
    /// A `get` whose environment names no directory for a cache.
    fn homeless(&self) -> Call {
        self.get().without("GENESYS_TOKEN_CACHE_DIR")
    }

    fn in_workspace(&self) -> Call {
        self.homeless().env("WORKSPACE_TMP", self.path("workspace"))
    }
}

/// Two calls in a row with the same environment.
fn twice(scene: &Scene, call: &Call) -> Seen {
    scene.see_before(call.clone(), call.clone())
}

fn homes() -> Vec<Row> {
    let scene = Scene::new();
    fs::create_dir(scene.path("workspace")).expect("a directory");
    fs::write(scene.path("file"), "").expect("a file");
    let file = scene.path("file");
    let homes = [
        ("empty", Path::new("")),
        ("`/`", Path::new("/")),
        ("a missing directory", Path::new("/nonexistent/home")),
        ("a relative path", Path::new("home")),
        ("a file", &file),
    ];
    let at = |home: &Path, call: Call| call.inside(scene.dir()).env("HOME", home);
    let mut rows = vec![row("no `HOME`", twice(&scene, &scene.homeless()))];
    rows.extend(
        homes.map(|(what, home)| {
            row(&format!("`HOME` is {what}"), twice(&scene, &at(home, scene.homeless())))
        }),
    );
    let calls = homes.map(|(_, home)| at(home, scene.in_workspace()));
    let seen = calls.into_iter().chain([scene.in_workspace()]).map(|call| {
        let _ = fs::remove_dir_all(scene.path("workspace/genesys-token-cache"));
        scene.see_before(call, scene.in_workspace())
    });
    rows.push(row("any of these, with `WORKSPACE_TMP` set", Seen::all(seen)));
    assert!(scene.path("workspace/genesys-token-cache").is_dir());
    assert!(!scene.path("home").exists(), "a relative home is not created");
    rows
}

fn homes_of_users() -> Vec<Row> {
    vec![
        row_if(as_root(), "a user without a line in the password file, with its own `HOME`", |as_root| {
            let scene = Scene::new().open_to_all(as_root);
            create_dir(as_root, &scene.path("home"), STRANGER, 0o700);
            let seen =
                twice(&scene, &scene.run_as(STRANGER, scene.homeless()).env("HOME", scene.path("home")));
            assert!(scene.path("home/.cache/genesys-token").is_dir());
            seen
        }),
        row_if(as_root(), "the same user, with another user's `HOME`", |as_root| {
            let scene = Scene::new().open_to_all(as_root);
            create_dir(as_root, &scene.path("home"), STRANGER + 1, 0o755);
            twice(&scene, &scene.run_as(STRANGER, scene.homeless()).env("HOME", scene.path("home")))
        }),
        row_if(as_root(), "root, with another user's `HOME`", |as_root| {
            let scene = Scene::new();
            create_dir(as_root, &scene.path("home"), STRANGER, 0o755);
            let seen = twice(&scene, &scene.homeless().env("HOME", scene.path("home")));
            assert!(is_empty(&scene.path("home")));
            seen
        }),
        row_if(as_root(), "root, with another user's `HOME`, and `WORKSPACE_TMP` set", |as_root| {
            let scene = Scene::new();
            create_dir(as_root, &scene.path("home"), STRANGER, 0o755);
            fs::create_dir(scene.path("workspace")).expect("a directory");
            twice(&scene, &scene.in_workspace().env("HOME", scene.path("home")))
        }),
        row_if(as_root(), "root, and the cache would be in another user's directory", |as_root| {
            let scene = Scene::new();
            create_dir(as_root, &scene.path("home"), STRANGER, 0o755);
            fs::create_dir(scene.path("own")).expect("a directory");
            let at_home = scene.homeless().env("HOME", scene.path("own"));
            let by_xdg = at_home.env("XDG_CACHE_HOME", scene.path("home/.cache"));
            let by_flag = scene.get().env("HOME", scene.path("own")).cache(&scene.path("home/a/b/c"));
            let seen = Seen::all([twice(&scene, &by_xdg), twice(&scene, &by_flag)]);
            assert!(is_empty(&scene.path("home")));
            seen
        }),
    ]
}

fn is_empty(dir: &Path) -> bool {
    fs::read_dir(dir).expect("a directory").next().is_none()
}

/// The program writes nothing there: a new file is written beside the one that it replaces.
fn temporary_directories() -> Seen {
    Seen::all(["/nonexistent", "", "/proc"].map(|dir| {
        let scene = Scene::new();
        scene.see(scene.get().env("TMPDIR", dir))
    }))
}
