//! Permission denied: to a user, since nothing is denied to root.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use crate::harness::Call;
use crate::scene::Scene;
use crate::seen::Seen;
use crate::table::{check, row};
use crate::user::{STRANGER, directory, root};

#[test]
fn that_are_missing_cost_the_cache_and_not_the_token() {
    check(
        "permissions",
        &[
            row("the cache's directory can't be entered", directory_of(0o000, "home/cache")),
            row("an empty cache can't be written to", directory_of(0o500, "home/cache")),
            row("the cache's directory can't be made", directory_of(0o500, "home/cache/below")),
            row("a cache with a token can't be written to", hit()),
            row("the entry can't be read", file("token", &[])),
            row("the lock can't be opened", file("lock", &["--force-refresh"])),
        ],
    );
}

/// A cache of whoever can be denied something: a stranger when we are root, else ourselves.
struct Stage {
    scene: Scene,
    stranger: bool,
}

impl Stage {
    fn new() -> Self {
        if let Ok(root) = root() {
            let scene = Scene::new().open_to_all(root);
            directory(root, &scene.path("home"), STRANGER, 0o700);
            directory(root, &scene.path("home/cache"), STRANGER, 0o700);
            return Self { scene, stranger: true };
        }
        let stage = Self { scene: Scene::new(), stranger: false };
        fs::create_dir_all(stage.scene.path("home/cache")).expect("a directory");
        stage.set_mode("home/cache", 0o700);
        stage
    }

    fn call(&self) -> Call {
        let call = self.scene.get().cache(&self.scene.path("home/cache"));
        if self.stranger { self.scene.run_as(STRANGER, call) } else { call }
    }

    fn set_mode(&self, path: &str, mode: u32) {
        fs::set_permissions(self.scene.path(path), fs::Permissions::from_mode(mode)).expect("it is ours");
    }

    /// What `call` does while `path` has this mode.
    fn see(&self, path: &str, mode: u32, call: Call) -> Seen {
        self.set_mode(path, mode);
        let seen = self.scene.see_before(call, self.call());
        self.set_mode(path, 0o700);
        seen
    }
}

/// A cache at `place`, in a directory of this mode.
fn directory_of(mode: u32, place: &str) -> Seen {
    let stage = Stage::new();
    stage.see("home/cache", mode, stage.call().cache(&stage.scene.path(place)))
}

fn hit() -> Seen {
    let stage = Stage::new();
    stage.call().run().token();
    stage.see("home/cache", 0o500, stage.call())
}

/// A file of the cache without any permission.
fn file(ending: &str, flags: &[&str]) -> Seen {
    let stage = Stage::new();
    stage.call().run().token();
    let files = fs::read_dir(stage.scene.path("home/cache")).expect("a directory").flatten();
    let name = files.map(|file| file.file_name()).find(|name| name.to_string_lossy().ends_with(ending));
    let path = format!("home/cache/{}", name.expect("such a file").to_string_lossy());
    stage.see(&path, 0o000, stage.call().args(flags))
}
