//! A cache that machines share, in a real redis-server.

use std::env;

use crate::harness::{Scene, skipped};

#[test]
fn two_machines_share_one_token() {
    let Ok(address) = env::var("REDIS_ADDRESS") else {
        return skipped("a shared cache", "REDIS_ADDRESS is not set");
    };
    let scene = Scene::new();
    let get = |machine: &str| {
        scene
            .get()
            .cache(&scene.path(machine))
            .args(["--shared-cache", &address])
            .prints_token()
            .any_stderr()
            .success()
    };
    let (one, other) = (get("one"), get("other"));
    assert_eq!(one.token(), other.token());
    assert_eq!(scene.server.token_requests(), 1);
    assert!(!other.stderr.contains("not shared"), "{other:?}");
}
