//! The outcomes of `whoami`, and of an expected organisation.

use loopback_login_server::{Behaviour, ORGANIZATION, VerifyAnswer, refused_url};

use super::STDOUT;
use super::failures::WRONG_SETTINGS;
use crate::watched_scene::Seen::Nothing;
use crate::watched_scene::{WatchedScene, fair};

pub(super) fn outcomes(scene: &WatchedScene) {
    let whoami = |args: &[&str]| scene.call("whoami").args(args);
    let get = |organization: &str| scene.call("get").args(["--expect-org", organization]);
    for format in ["table", "json"] {
        scene.watch(whoami(&["--format", format]), 0, Nothing);
        scene.watch(whoami(&["--format", format, "-vv", "--expect-org", ORGANIZATION]), 0, Nothing);
    }
    scene.watch(get(ORGANIZATION), 0, STDOUT);
    scene.watch(get("another"), 9, Nothing);
    for verify_answer in
        [VerifyAnswer::Echo(200), VerifyAnswer::Echo(403), VerifyAnswer::Echo(500), VerifyAnswer::Swallow]
    {
        scene.server().set(Behaviour { verify_answer, ..fair() });
        scene.watch_any(whoami(&["--timeout", "1s"]), Nothing);
        scene.watch_any(get("another").args(["--force-refresh", "--timeout", "1s"]), Nothing);
    }
    scene.server().set(fair());
    scene.watch(whoami(&["--api-url", &refused_url()]), 6, Nothing);
    for (variable, value, _) in WRONG_SETTINGS {
        scene.watch_any(whoami(&[]).env(variable, value), Nothing);
    }
}
