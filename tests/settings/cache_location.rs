//! The cache's directory: the one that was set, the user's own, or one that Jenkins names.

use super::*;

#[cfg(unix)]
fn without_cache_dir(scene: &Scene) -> Call {
    scene.get().without("GENESYS_TOKEN_CACHE_DIR").inside(scene.dir())
}

/// Asserts that two calls share the token of a cache at `location`, which the first one creates.
#[cfg(unix)]
#[track_caller]
fn assert_cached_at(scene: &Scene, call: &Call, location: &Path) {
    assert!(!location.exists(), "{} already exists", location.display());
    let first = call.clone().fetched("no entry").success();
    assert_eq!(first.token(), scene.server.tokens()[0]);
    assert!(location.is_dir(), "{} was not created", location.display());
    assert_eq!(call.clone().reused().success().token(), first.token());
}

#[cfg(unix)]
#[test]
fn the_default_cache_is_in_the_user_s_home() {
    let scene = Scene::new();
    let location = if cfg!(target_vendor = "apple") { "Library/Caches" } else { ".cache" };
    let location = scene.dir().join(location).join("genesys-token");
    assert_cached_at(&scene, &without_cache_dir(&scene).env("HOME", scene.dir()), &location);
}

#[cfg(unix)]
#[test]
fn the_default_cache_is_below_workspace_tmp_when_there_is_no_usable_home() {
    for home in [None, Some(""), Some("/"), Some("/nonexistent")] {
        let scene = Scene::new();
        let call = without_cache_dir(&scene).env("WORKSPACE_TMP", scene.dir());
        let call = home.into_iter().fold(call, |call, home| call.env("HOME", home));
        assert_cached_at(&scene, &call, &scene.path("genesys-token-cache"));
    }
}

#[cfg(all(unix, not(target_vendor = "apple")))]
#[test]
fn an_absolute_xdg_cache_home_decides_with_and_without_a_home() {
    let xdg = |scene: &Scene| {
        let call = without_cache_dir(scene).env("WORKSPACE_TMP", scene.path("tmp"));
        call.env("XDG_CACHE_HOME", scene.path("xdg"))
    };
    let scene = Scene::new();
    assert_cached_at(&scene, &xdg(&scene), &scene.path("xdg/genesys-token"));

    let scene = Scene::new();
    assert_cached_at(&scene, &xdg(&scene).env("HOME", scene.dir()), &scene.path("xdg/genesys-token"));
    assert!(!scene.path(".cache").exists());
}

#[cfg(all(unix, not(target_vendor = "apple")))]
#[test]
fn a_relative_xdg_cache_home_does_not_count() {
    for relative in ["xdg", "./xdg"] {
        let scene = Scene::new();
        fs::create_dir(scene.path("home")).expect("a directory");
        let call = without_cache_dir(&scene).env("XDG_CACHE_HOME", relative);
        let nowhere = "no cache: XDG_CACHE_HOME is not an absolute path, HOME is not usable and WORKSPACE_TMP is not set; fix: *";
        call.clone().fetched("no entry").warns(nowhere).success();
        assert!(!scene.path(relative).exists(), "{relative}");

        let call = call.env("HOME", scene.path("home"));
        call.clone().fetched("no entry").success();
        call.reused().success();
        assert!(scene.path("home/.cache/genesys-token").is_dir());
        assert!(!scene.path(relative).exists(), "{relative}");
    }
}

#[cfg(unix)]
#[test]
fn a_cache_directory_that_can_not_be_used_is_a_warning_that_names_it() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let dir = temporary_dir();
    let open = dir.path().join("open");
    fs::create_dir(&open).expect("a directory");
    fs::set_permissions(&open, fs::Permissions::from_mode(0o777)).expect("it is ours");
    let link = dir.path().join("link");
    fs::create_dir(dir.path().join("target")).expect("a directory");
    symlink(dir.path().join("target"), &link).expect("a link");
    let file = dir.path().join("file");
    fs::write(&file, "").expect("a file");
    for (path, why) in [
        (open, "it is writable by other users"),
        (link, "it is a link, or no directory"),
        (file, "it is a link, or no directory"),
    ] {
        let scene = Scene::new();
        let warning = format!("no cache: {}: {why}; fix: *", path.display());
        let done = scene.get().cache(&path).fetched("no entry").warns(warning).success();
        assert_eq!(done.token(), scene.server.tokens()[0]);
    }
    assert_eq!(fs::read_dir(dir.path().join("target")).expect("a directory").count(), 0);
}

#[test]
fn a_call_without_a_cache_leaves_the_cache_directory_alone() {
    let scene = Scene::new();
    for _ in 0..2 {
        let done = scene.get().cache(scene.dir()).args(["--no-cache"]).fetched("no entry").success();
        assert_eq!(Some(done.token()), scene.server.tokens().last().map(String::as_str));
    }
    assert_eq!(scene.server.token_requests(), 2);
    assert_eq!(fs::read_dir(scene.dir()).expect("a directory").count(), 0);
}
