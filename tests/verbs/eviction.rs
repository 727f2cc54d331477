//! What `invalidate`, `revoke` and `clear` have in common.

use std::time::Duration;

use genesys_token::error::Category;
use genesys_token::store::Lease;
use loopback_login_server::{Behaviour, VerifyAnswer};

use super::DAY;
use super::status::rows;
use crate::harness::{Scene, entry};

#[test]
fn a_bad_setting_is_refused_before_anything_is_dropped() {
    let scene = Scene::new();
    scene.get().fetched("no entry").success();
    for verb in ["invalidate", "revoke", "clear"] {
        let error = scene.call(verb).env("GENESYS_TOKEN_LOG", "maybe").refused(Category::Usage);
        assert_eq!(error.message, "the value of GENESYS_TOKEN_LOG is not a level");
        assert_eq!(rows(&scene.cache()).len(), 1, "{verb} dropped it");
    }
    assert_eq!(scene.server.log().len(), 1, "nothing was revoked");
}

#[cfg(unix)]
#[test]
fn an_environment_without_a_place_for_a_cache_has_nothing_cached() {
    use crate::harness::genesys_token;
    use loopback_login_server::{CLIENT_ID, CLIENT_SECRET};
    let nothing = "there is no cached token of client 1111…5555 at mypurecloud.com";
    let nowhere = "HOME is not usable and WORKSPACE_TMP is not set";
    for (verb, code, line) in [
        ("invalidate", 0, nothing.to_owned()),
        ("revoke", 0, nothing.to_owned()),
        ("clear", 0, format!("there is no cache: {nowhere}")),
        ("status", 8, format!("there is no cache: {nowhere}")),
    ] {
        let call = genesys_token().verb(verb).credential(CLIENT_ID, CLIENT_SECRET).env("HOME", "/");
        let call = call.env("GENESYS_TOKEN_CACHE_DIR", "");
        call.stderr(format!("genesys-token: {line}\n")).exit(code);
    }
}

#[test]
fn a_lock_that_another_process_holds_stops_nobody() {
    let scene = Scene::new();
    let url = scene.server.login_url();
    let store = entry::dir_store(&scene.cache());
    let cache = entry::cache(&store, &url);
    let lock = cache.try_lock();
    assert!(matches!(lock, Lease::Held(_)), "{lock:?}");
    for (verb, line) in [("invalidate", "dropped the cached token"), ("revoke", "revoked the token")] {
        entry::put(&scene.cache(), &url, verb, Duration::ZERO, DAY);
        scene.server.set(Behaviour { verify_answer: VerifyAnswer::Status(200), ..Behaviour::default() });
        scene.call(verb).stderr(format!("genesys-token: {line} of client 1111…5555 at HOST*\n")).success();
        assert!(cache.token().is_none(), "{verb} did not drop it");
    }
}
