//! A directory that several users share.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::path::Path;

use crate::scene::Scene;
use crate::seen::Seen;
use crate::table::{Row, check, row, row_if};
use crate::user::{Root, directory, root};

const ALICE: u32 = 54_331;
const BOB: u32 = 54_332;

#[test]
fn that_share_a_directory_use_nothing_of_each_other() {
    let mut rows = vec![row("a cache that others can write to", writable_by_others())];
    rows.extend(of_another());
    rows.extend(planted());
    check("users", &rows);
}

fn names(dir: &Path) -> usize {
    fs::read_dir(dir).expect("a directory").count()
}

fn writable_by_others() -> Seen {
    Seen::all([0o770, 0o707, 0o1777].map(|mode| {
        let scene = Scene::new();
        fs::create_dir(scene.cache()).expect("a directory");
        fs::set_permissions(scene.cache(), fs::Permissions::from_mode(mode)).expect("it is ours");
        let seen = scene.see(scene.get());
        assert_eq!(names(&scene.cache()), 0);
        seen
    }))
}

/// Bob is given a cache where Alice has hers, or the directory that both may write to.
fn of_another() -> Vec<Row> {
    vec![
        row_if(root(), "another user's cache, with a token", |root| {
            let scene = Scene::new().open_to_all(root);
            directory(root, &scene.cache(), ALICE, 0o700);
            scene.run_as(ALICE, scene.get()).run().token();
            bob(&scene)
        }),
        row_if(root(), "another user's cache that everybody may read", |root| {
            let scene = Scene::new().open_to_all(root);
            directory(root, &scene.cache(), ALICE, 0o755);
            scene.run_as(ALICE, scene.get()).run().token();
            bob(&scene)
        }),
        row_if(root(), "another user's cache, and the caller is root", |root| {
            let scene = Scene::new();
            directory(root, &scene.cache(), ALICE, 0o700);
            let seen = scene.see(scene.get());
            assert_eq!(names(&scene.cache()), 0);
            seen
        }),
        row_if(root(), "a sticky directory that everybody may write to, as `/tmp` is", |root| {
            let scene = Scene::new().open_to_all(root);
            directory(root, &scene.cache(), 0, 0o1777);
            let seen = bob(&scene);
            assert_eq!(names(&scene.cache()), 0);
            seen
        }),
        row_if(root(), "a directory within such a one, made by another user before", |root| {
            let scene = Scene::new().open_to_all(root);
            directory(root, &scene.path("shared"), 0, 0o1777);
            let call = |user| scene.run_as(user, scene.get().cache(&scene.path("shared/cache")));
            call(ALICE).run().token();
            let seen = scene.see_before(call(BOB), call(ALICE));
            assert_eq!(names(&scene.path("shared/cache")), 2);
            seen
        }),
    ]
}

/// What Bob gets, and then Alice, whose cache it may be.
#[track_caller]
fn bob(scene: &Scene) -> Seen {
    scene.see_before(scene.run_as(BOB, scene.get()), scene.run_as(ALICE, scene.get()))
}

/// Files of another user in a directory of one's own, as `cp -p` or a restored backup leaves them.
fn planted() -> Vec<Row> {
    vec![
        row_if(root(), "an entry of another user in one's own cache", |root| given_away(root, "token", &[])),
        row_if(root(), "a lock of another user in one's own cache", |root| {
            given_away(root, "lock", &["--force-refresh"])
        }),
    ]
}

fn given_away(_: Root, ending: &str, flags: &[&str]) -> Seen {
    let scene = Scene::new().warmed();
    let files = fs::read_dir(scene.cache()).expect("a directory").flatten();
    let file = files.map(|file| file.path()).find(|path| path.to_string_lossy().ends_with(ending));
    chown(file.expect("such a file"), Some(ALICE), None).expect("root may");
    scene.see(scene.get().args(flags))
}
