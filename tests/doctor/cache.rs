//! A cache that can't be used.

use std::fs;
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _, symlink};
use std::path::Path;

use genesys_token::error::Category::Internal;

use crate::doctor;
use crate::findings::{Failure, assert_fails, assert_only_failure, findings, parse};
use crate::harness::{Scene, genesys_token};

const WITHOUT_CACHE: &str = "every call then fetches a token of its own, until the login server limits them";
const OWN_DIRECTORY: &str =
    "name a directory of the caller's own, closed to others, with --cache-dir or GENESYS_TOKEN_CACHE_DIR";

fn create_private_dir(path: &Path) {
    fs::DirBuilder::new().mode(0o700).create(path).expect("it can be created");
}

fn unusable(detail: &str) -> Failure<'_> {
    Failure { check: "cache", category: Internal, detail, cause: WITHOUT_CACHE, fix: OWN_DIRECTORY }
}

#[test]
fn a_cache_that_is_writable_by_others_is_refused() {
    let scene = Scene::new();
    create_private_dir(&scene.cache());
    fs::set_permissions(scene.cache(), fs::Permissions::from_mode(0o777)).expect("it is ours");
    let detail = format!("no cache: {}: it is writable by other users", scene.cache().display());
    assert_fails(&scene, doctor(&scene), &unusable(&detail));
}

#[test]
fn a_link_in_the_place_of_the_cache_is_refused() {
    let scene = Scene::new();
    create_private_dir(&scene.path("elsewhere"));
    symlink(scene.path("elsewhere"), scene.cache()).expect("a link");
    let detail = format!("no cache: {}: *", scene.cache().display());
    assert_fails(&scene, doctor(&scene), &unusable(&detail));
    fs::remove_file(scene.cache()).expect("it is ours");
    create_private_dir(&scene.cache());
    findings(&scene, doctor(&scene), 0);
}

#[test]
fn a_cache_that_can_not_be_written_is_reported() {
    let scene = Scene::new();
    // Like a full disk: no file may grow at all.
    let script = r#"ulimit -f 0; exec "$GENESYS_TOKEN" doctor --format json --timeout 3s | cat"#;
    let call = genesys_token().script(script).at(&scene.server).cache(&scene.cache());
    let json = parse(&call.any_stdout().success());
    let expected = Failure {
        check: "cache",
        category: Internal,
        detail: &format!("cannot write into {}: *", scene.cache().display()),
        cause: WITHOUT_CACHE,
        fix: "make room, or make it writable, or name another directory with --cache-dir",
    };
    assert_only_failure(json["checks"].as_array().expect("a list"), &expected);
}

#[test]
fn a_cache_without_a_location_is_reported() {
    let scene = Scene::new();
    let call = doctor(&scene).without("GENESYS_TOKEN_CACHE_DIR").env("HOME", "/");
    assert_fails(&scene, call, &unusable("no cache: HOME is not usable and WORKSPACE_TMP is not set"));
}
