//! The outcomes of the verbs that end a token: `invalidate` and `revoke`.

use loopback_login_server::{Behaviour, VerifyAnswer, refused_url};

use super::STDOUT;
use super::failures::WRONG_SETTINGS;
use crate::watched_scene::Seen::Nothing;
use crate::watched_scene::{SECRET, TOKEN, WatchedScene, fair};

pub(super) fn invalidate(scene: &WatchedScene) {
    let invalidate = |args: &[&str]| scene.call("invalidate").args(args);
    scene.watch(invalidate(&[]), 0, Nothing);
    for stdin in [TOKEN, "another-token", SECRET, ""] {
        scene.watch(scene.call("get"), 0, STDOUT);
        scene.watch_any(invalidate(&["--token-stdin"]).stdin(stdin), Nothing);
    }
    scene.watch(invalidate(&["--log-format", "json"]), 0, Nothing);
    for (variable, value, _) in WRONG_SETTINGS {
        scene.watch_any(invalidate(&[]).env(variable, value), Nothing);
    }
}

pub(super) fn revoke(scene: &WatchedScene) {
    let revoke = || scene.call("revoke");
    scene.watch(revoke().args(["--log-format", "json"]), 0, Nothing);
    for verify_answer in [
        VerifyAnswer::Normal,
        VerifyAnswer::Echo(401),
        VerifyAnswer::Echo(403),
        VerifyAnswer::Echo(500),
        VerifyAnswer::Swallow,
    ] {
        scene.server().set(Behaviour { verify_answer, ..fair() });
        scene.watch(scene.call("get"), 0, STDOUT);
        scene.watch_any(revoke().args(["--timeout", "1s"]), Nothing);
    }
    scene.watch(revoke().env("GENESYS_TOKEN_API_URL", refused_url()), 6, Nothing);
    for (variable, value, _) in WRONG_SETTINGS {
        scene.watch_any(revoke().env(variable, value), Nothing);
    }
}
