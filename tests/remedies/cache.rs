//! No place for the cache. The token is provided all the same.

use crate::harness::Scene;
use crate::harness::mounted::{Disk, namespace};
use crate::row::{Row, warns};
use crate::table::{check, row_if};

#[test]
fn a_cache_without_a_place_says_how_to_make_one() {
    check("cache", &[row_if(namespace(), FULL_DISK, full_disk), no_home()]);
}

const FULL_DISK: &str = "a full disk";

fn full_disk(namespace: crate::harness::mounted::Namespace) -> Row {
    let scene = Scene::new();
    let disk = Disk::mount(namespace, &scene.cache(), "size=4k");
    disk.fill();
    let call = || disk.enter(scene.get());
    let warning = "the token could not be cached: No space left on device (os error 28)";
    let wrong = warns(FULL_DISK, call(), warning, "make room on the cache's disk");
    disk.remount("size=1m");
    let row = wrong.after_it(&scene, call());
    call().reused().success();
    row
}

fn no_home() -> Row {
    let scene = Scene::new();
    let call = scene.get().without("GENESYS_TOKEN_CACHE_DIR");
    let warning = "no cache: HOME is not usable and WORKSPACE_TMP is not set";
    let fix = "name a directory of your own with --cache-dir or GENESYS_TOKEN_CACHE_DIR";
    let wrong = warns("no `HOME`", call.clone(), warning, fix);
    let row = wrong.after_it(&scene, call.cache(&scene.path("own")));
    scene.get().cache(&scene.path("own")).reused().success();
    row
}
