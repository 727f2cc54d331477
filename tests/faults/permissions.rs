//! Permission denied. Root is denied nothing, so a test that runs as root starts its calls as another user.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use crate::harness::Call;
use crate::injected;
use crate::scene::Scene;
use crate::seen::Seen;
use crate::table::{check, row};
use crate::unprivileged_user::{STRANGER, as_root, create_dir};

#[test]
fn a_missing_permission_costs_the_cache_and_never_the_token() {
    check(
        "permissions",
        &[
            row("the caller can't enter the cache's directory", with_mode(0o000, "home/cache")),
            row("the caller can't write to an empty cache", with_mode(0o500, "home/cache")),
            row("the caller can't create the cache's directory", with_mode(0o500, "home/cache/below")),
            row("the caller can't write to a cache with a token", hit()),
            row("the caller can't read the entry", without_file("token", &[])),
            row("the caller can't open the lock file", without_file("lock", &["--force-refresh"])),
        ],
    );
}

/// Another user who may rename the directory after the check gains nothing by it.
#[test]
fn all_work_goes_through_the_directory_that_was_checked() {
    let scene = Scene::new();
    let cold = scene.get().fetched("no entry");
    let forced = scene.get().arg("--force-refresh").fetched("forced");
    let output = scene.get().arg("--output").arg(scene.path("out/token")).reused();
    let lines = "GENESYS_TOKEN_FILE=*\nGENESYS_HEADERS_FILE=*\nGENESYS_CURL_CONFIG=*\nGENESYS_TOKEN_EXPIRES_AT=*\n\
                 GENESYSCLOUD_REGION=us-east-1\nGENESYSCLOUD_API_REGION=*\nGENESYS_TOKEN_OF=*\n";
    let bind = scene.bind("tmp/block").arg("--carry-helper").stdout(lines).reused();
    fs::create_dir(scene.path("out")).expect("a directory");
    for (call, path, opened) in
        [(cold, "cache", 1), (forced, "cache", 1), (output, "out", 1), (bind, "tmp", 1)]
    {
        let calls = injected::calls_by_path(&scene, call, &scene.path(path));
        let is_open = |line: &&String| line.starts_with("openat(") && line.contains("O_DIRECTORY");
        let others: Vec<_> = calls.iter().filter(|line| !is_open(line)).collect();
        assert_eq!((calls.len(), others), (opened, vec![]), "{calls:#?}");
    }
}

/// A cache of a user who is subject to permissions.
struct UserCache {
    scene: Scene,
    is_strangers: bool,
}

impl UserCache {
    fn new() -> Self {
        if let Ok(as_root) = as_root() {
            let scene = Scene::new().open_to_all(as_root);
            create_dir(as_root, &scene.path("home"), STRANGER, 0o700);
            create_dir(as_root, &scene.path("home/cache"), STRANGER, 0o700);
            return Self { scene, is_strangers: true };
        }
        let cache = Self { scene: Scene::new(), is_strangers: false };
        fs::create_dir_all(cache.scene.path("home/cache")).expect("a directory");
        cache.set_mode("home/cache", 0o700);
        cache
    }

    fn warmed() -> Self {
        let cache = Self::new();
        cache.get().fetched("no entry").success();
        cache
    }

    fn get(&self) -> Call {
        let call = self.scene.get().cache(&self.scene.path("home/cache"));
        if self.is_strangers { self.scene.run_as(STRANGER, call) } else { call }
    }

    fn set_mode(&self, path: &str, mode: u32) {
        fs::set_permissions(self.scene.path(path), fs::Permissions::from_mode(mode)).expect("it is ours");
    }

    /// What `call` does while `path` has this mode.
    fn see(&self, path: &str, mode: u32, call: Call) -> Seen {
        self.set_mode(path, mode);
        let seen = self.scene.see_before(call, self.get());
        self.set_mode(path, 0o700);
        seen
    }
}

/// What a call with its cache at `path` does while `home/cache` has this mode.
fn with_mode(mode: u32, path: &str) -> Seen {
    let cache = UserCache::new();
    cache.see("home/cache", mode, cache.get().cache(&cache.scene.path(path)))
}

fn hit() -> Seen {
    let cache = UserCache::warmed();
    cache.see("home/cache", 0o500, cache.get())
}

/// What a call does while nobody may open the cache's file with this suffix.
fn without_file(suffix: &str, flags: &[&str]) -> Seen {
    let cache = UserCache::warmed();
    let files = fs::read_dir(cache.scene.path("home/cache")).expect("a directory").flatten();
    let name = files.map(|file| file.file_name()).find(|name| name.to_string_lossy().ends_with(suffix));
    let path = format!("home/cache/{}", name.expect("such a file").to_string_lossy());
    cache.see(&path, 0o000, cache.get().args(flags))
}
