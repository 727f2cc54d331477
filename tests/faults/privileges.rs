//! Directories and files of other users.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::path::Path;

use crate::harness::skipped;
use crate::scene::Scene;
use crate::seen::Seen;
use crate::table::{Row, check, row, row_if};
use crate::unprivileged_user::{AsRoot, as_root, create_dir};

const ALICE: u32 = 54_331;
const BOB: u32 = 54_332;

#[test]
fn users_who_share_a_directory_use_nothing_of_each_other() {
    let mut rows = vec![row("a cache that other users can write to", writable_by_others())];
    rows.extend(caches_of_another_user());
    rows.extend(files_of_another_user());
    check("privileges", &rows);
}

#[test]
fn what_another_user_put_in_the_place_of_an_output_file_is_not_written_to() {
    let as_root = match as_root() {
        Ok(as_root) => as_root,
        Err(reason) => return skipped("another user's link or pipe in the place of an output file", reason),
    };
    let scene = Scene::new().warmed();
    create_dir(as_root, &scene.path("shared"), 0, 0o1777);
    fs::write(scene.path("precious"), "x").expect("a file");
    let (link, pipe) = (scene.path("shared/link"), scene.path("shared/pipe"));
    std::os::unix::fs::symlink(scene.path("precious"), &link).expect("a link");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().expect("mkfifo").success());
    for path in [link, pipe] {
        std::os::unix::fs::lchown(&path, Some(ALICE), None).expect("root may");
        let call = scene.get().args(["--quiet", "--output"]).arg(&path);
        let error = call.refused(genesys_token::error::Category::Internal);
        assert_eq!(error.message, format!("cannot write {}: another user put it there", path.display()));
    }
    assert_eq!(fs::read_to_string(scene.path("precious")).expect("a file"), "x");
}

fn file_count(dir: &Path) -> usize {
    fs::read_dir(dir).expect("a directory").count()
}

fn writable_by_others() -> Seen {
    Seen::all([0o770, 0o707, 0o1777].map(|mode| {
        let scene = Scene::new();
        fs::create_dir(scene.cache()).expect("a directory");
        fs::set_permissions(scene.cache(), fs::Permissions::from_mode(mode)).expect("it is ours");
        let seen = scene.see(scene.get());
        assert_eq!(file_count(&scene.cache()), 0);
        seen
    }))
}

/// Bob's cache is the one of Alice, or a directory that both can write to.
fn caches_of_another_user() -> Vec<Row> {
    vec![
        row_if(as_root(), "another user's cache with a token", |as_root| alices(as_root, 0o700)),
        row_if(as_root(), "another user's cache with a token, which all users can read", |as_root| {
            alices(as_root, 0o755)
        }),
        row_if(as_root(), "another user's cache, and the caller is root", |as_root| {
            let scene = Scene::new();
            create_dir(as_root, &scene.cache(), ALICE, 0o700);
            let seen = scene.see(scene.get());
            assert_eq!(file_count(&scene.cache()), 0);
            seen
        }),
        row_if(as_root(), "a sticky directory that all users can write to, such as `/tmp`", |as_root| {
            let scene = Scene::new().open_to_all(as_root);
            create_dir(as_root, &scene.cache(), 0, 0o1777);
            let seen = bob(&scene);
            assert_eq!(file_count(&scene.cache()), 0);
            seen
        }),
        row_if(as_root(), "a directory in a sticky one, which another user created before", |as_root| {
            let scene = Scene::new().open_to_all(as_root);
            create_dir(as_root, &scene.path("shared"), 0, 0o1777);
            let get = |uid| scene.run_as(uid, scene.get().cache(&scene.path("shared/cache")));
            get(ALICE).fetched("no entry").success();
            let seen = scene.see_before(get(BOB), get(ALICE));
            assert_eq!(file_count(&scene.path("shared/cache")), 2);
            seen
        }),
    ]
}

/// Alice has a cache with this mode, and a token in it.
fn alices(as_root: AsRoot, mode: u32) -> Seen {
    let scene = Scene::new().open_to_all(as_root);
    create_dir(as_root, &scene.cache(), ALICE, mode);
    scene.run_as(ALICE, scene.get()).fetched("no entry").success();
    bob(&scene)
}

/// What Bob gets, and then Alice, who may own the cache.
#[track_caller]
fn bob(scene: &Scene) -> Seen {
    scene.see_before(scene.run_as(BOB, scene.get()), scene.run_as(ALICE, scene.get()))
}

/// Files of another user in the caller's own directory, as `cp -p` or a restored backup leaves them.
fn files_of_another_user() -> Vec<Row> {
    vec![
        row_if(as_root(), "an entry of another user in the caller's own cache", |_| given_away("token", &[])),
        row_if(as_root(), "a lock file of another user in the caller's own cache", |_| {
            given_away("lock", &["--force-refresh"])
        }),
    ]
}

fn given_away(suffix: &str, flags: &[&str]) -> Seen {
    let scene = Scene::new().warmed();
    let files = fs::read_dir(scene.cache()).expect("a directory").flatten();
    let file = files.map(|file| file.path()).find(|path| path.to_string_lossy().ends_with(suffix));
    chown(file.expect("such a file"), Some(ALICE), None).expect("root may");
    scene.see(scene.get().args(flags))
}
