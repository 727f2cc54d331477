//! No home, no temporary directory, no line in the password file.

use std::fs;
use std::path::Path;

use crate::harness::Call;
use crate::scene::Scene;
use crate::seen::Seen;
use crate::table::{Row, check, row, row_if};
use crate::user::{STRANGER, directory, root};

#[test]
fn that_is_missing_costs_the_cache_at_most() {
    let mut rows = homes();
    rows.extend(users());
    rows.extend(temporary_directories());
    check("home", &rows);
}

impl Scene {
    /// A `get` that is told of no place for a cache.
    fn homeless(&self) -> Call {
        self.get().without("GENESYS_TOKEN_CACHE_DIR")
    }

    fn workspace(&self) -> Call {
        self.homeless().env("WORKSPACE_TMP", self.path("workspace"))
    }
}

fn homes() -> Vec<Row> {
    let scene = Scene::new();
    fs::create_dir(scene.path("workspace")).expect("a directory");
    fs::write(scene.path("file"), "").expect("a file");
    let file = scene.path("file");
    let homes = [
        ("empty", Path::new("")),
        ("`/`", Path::new("/")),
        ("a directory that is not there", Path::new("/nonexistent/home")),
        ("relative", Path::new("home")),
        ("a file", &file),
    ];
    let mut rows: Vec<Row> = homes
        .into_iter()
        .map(|(what, home)| {
            let at_home = |call: Call| call.inside(&scene.path("")).env("HOME", home);
            row(
                &format!("`HOME` is {what}"),
                scene.see_before(at_home(scene.homeless()), at_home(scene.homeless())),
            )
        })
        .collect();
    rows.insert(0, row("no `HOME`", scene.see_before(scene.homeless(), scene.homeless())));
    rows.push(row("any of these, with `WORKSPACE_TMP`", {
        let homes = homes
            .into_iter()
            .map(|(_, home)| home)
            .map(|home| scene.workspace().inside(&scene.path("")).env("HOME", home));
        let calls: Vec<Call> = [scene.workspace()].into_iter().chain(homes).collect();
        let seen = Seen::all(calls.into_iter().map(|call| {
            let _ = fs::remove_dir_all(scene.path("workspace/genesys-token-cache"));
            scene.see_before(call, scene.workspace())
        }));
        assert!(scene.path("workspace/genesys-token-cache").is_dir());
        seen
    }));
    assert!(!scene.path("home").exists(), "a relative home is not made");
    rows
}

fn users() -> Vec<Row> {
    vec![
        row_if(root(), "a user without a line in the password file, at home", |root| {
            let scene = Scene::new().open_to_all(root);
            directory(root, &scene.path("home"), STRANGER, 0o700);
            let call = || scene.run_as(STRANGER, scene.homeless()).env("HOME", scene.path("home"));
            let seen = scene.see_before(call(), call());
            assert!(scene.path("home/.cache/genesys-token").is_dir());
            seen
        }),
        row_if(root(), "the same, with another user's `HOME`", |root| {
            let scene = Scene::new().open_to_all(root);
            directory(root, &scene.path("home"), STRANGER + 1, 0o755);
            let call = || scene.run_as(STRANGER, scene.homeless()).env("HOME", scene.path("home"));
            scene.see_before(call(), call())
        }),
        row_if(root(), "root, with another user's `HOME`", |root| {
            let scene = Scene::new();
            directory(root, &scene.path("home"), STRANGER, 0o755);
            let call = || scene.homeless().env("HOME", scene.path("home"));
            let seen = scene.see_before(call(), call());
            assert_eq!(fs::read_dir(scene.path("home")).expect("a directory").count(), 0);
            seen
        }),
        row_if(root(), "the same, with `WORKSPACE_TMP`", |root| {
            let scene = Scene::new();
            directory(root, &scene.path("home"), STRANGER, 0o755);
            fs::create_dir(scene.path("workspace")).expect("a directory");
            let call = || scene.workspace().env("HOME", scene.path("home"));
            scene.see_before(call(), call())
        }),
        row_if(root(), "root, and the cache would lie in another user's directory", |root| {
            let scene = Scene::new();
            directory(root, &scene.path("home"), STRANGER, 0o755);
            fs::create_dir(scene.path("own")).expect("a directory");
            let xdg = || {
                let call = scene.homeless().env("HOME", scene.path("own"));
                call.env("XDG_CACHE_HOME", scene.path("home/.cache"))
            };
            let given = || scene.get().env("HOME", scene.path("own")).cache(&scene.path("home/a/b/c"));
            let seen = Seen::all([scene.see_before(xdg(), xdg()), scene.see_before(given(), given())]);
            assert_eq!(fs::read_dir(scene.path("home")).expect("a directory").count(), 0);
            seen
        }),
    ]
}

/// Nothing is written there: what is written goes through a file beside its place.
fn temporary_directories() -> Vec<Row> {
    let places = ["/nonexistent", "", "/proc"];
    let runs = places.map(|place| {
        let scene = Scene::new();
        scene.see(scene.get().env("TMPDIR", place))
    });
    vec![row("`TMPDIR` is missing, empty or not to be written to", Seen::all(runs))]
}
