//! `clear`: emptying the cache.

use std::path::Path;

use super::names;
use crate::harness::{Call, Scene, genesys_token, temporary_dir, together};

/// `clear` without a credential and without a server.
pub(crate) fn clear(cache: &Path) -> Call {
    genesys_token().clear().cache(cache)
}

pub(crate) fn is_lock(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|extension| extension == "lock")
}

#[test]
fn clear_removes_the_token_and_leaves_its_lock() {
    let scene = Scene::new();
    let first = scene.get().fetched("no entry").success();
    let removed = format!("genesys-token: removed 1 file from {}\n", scene.cache().display());
    clear(&scene.cache()).stderr(removed).success();
    let left = names(scene.cache());
    assert!(left.len() == 1 && is_lock(&left[0]), "{left:?}");
    assert_ne!(scene.get().fetched("no entry").success().token(), first.token());
}

#[test]
fn clear_of_a_missing_cache_succeeds_and_creates_nothing() {
    let dir = temporary_dir();
    let cache = dir.path().join("nowhere");
    clear(&cache).stderr(format!("genesys-token: removed 0 files from {}\n", cache.display())).success();
    assert_eq!(names(dir.path()), [""; 0]);
}

#[test]
fn twenty_clears_beside_forty_gets_break_none_of_them() {
    let scene = Scene::new();
    let removed = format!("genesys-token: removed * from {}\n", scene.cache().display());
    let calls = (0..60).map(|number| match number % 3 {
        0 => clear(&scene.cache()).stderr(&removed),
        1 => scene.get().arg("--force-refresh").fetched_or_reused(),
        _ => scene.get().fetched_or_reused(),
    });
    together(calls);
    let done = scene.get().fetched_or_reused().success();
    assert!(scene.server.tokens().iter().any(|token| token == done.token()));
}
