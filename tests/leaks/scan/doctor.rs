//! The outcomes of `doctor`.

use loopback_login_server::{Behaviour, VerifyAnswer};

use super::failures::{WRONG_SETTINGS, failing_servers};
use crate::watched_scene::Seen::Nothing;
use crate::watched_scene::{WatchedScene, fair};

pub(super) fn outcomes(scene: &WatchedScene) {
    let doctor = |args: &[&str]| scene.call("doctor").args(args);
    scene.watch(doctor(&[]), 0, Nothing);
    scene.watch(doctor(&["--format", "json", "--log-format", "json"]), 0, Nothing);
    scene.watch(doctor(&["--min-ttl", "30h"]), 7, Nothing);
    for (variable, value, _) in WRONG_SETTINGS {
        scene.watch_any(doctor(&[]).env(variable, value), Nothing);
    }
    for verify_answer in [VerifyAnswer::Echo(200), VerifyAnswer::Echo(401), VerifyAnswer::Echo(500)] {
        scene.server().set(Behaviour { verify_answer, ..fair() });
        let done = scene.watch_any(doctor(&[]), Nothing);
        assert!(done.stdout.contains("token"), "{done:?}");
    }
    for server in failing_servers() {
        scene.server().set(server.behaviour);
        scene.watch(doctor(&["--timeout", server.timeout]), server.code, Nothing);
    }
}
