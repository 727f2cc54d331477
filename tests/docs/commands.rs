//! Blocks of commands. Each is run by `sh` as it stands, but for what is substituted.

use std::fs;

use loopback_login_server::{CLIENT_ID, CLIENT_SECRET};

use crate::pages::Block;
use crate::scene::{Scene, substituted};

/// Each part of `parts` is in `text`, in this order.
#[track_caller]
fn assert_in_order(text: &str, parts: &[&str]) {
    let mut rest = text;
    for part in parts {
        let (_, after) =
            rest.split_once(part).unwrap_or_else(|| panic!("{part:?} is not in its place: {text}"));
        rest = after;
    }
}

/// All verbs in a row, from an empty cache to an empty cache.
pub fn the_readme_s_tour_goes_well(block: &Block) {
    let scene = Scene::new();
    scene.stand_in("terraform", "echo \"terraform $*: $GENESYSCLOUD_ACCESS_TOKEN\"");
    let script = substituted(
        block,
        &[
            ("OAUTHCLIENT_ID=…", &format!("OAUTHCLIENT_ID={CLIENT_ID}")),
            ("OAUTHCLIENT_SECRET=…", &format!("OAUTHCLIENT_SECRET={CLIENT_SECRET}")),
            ("https://api.mypurecloud.de", &scene.server.api_url()),
        ],
    );
    let call = scene.script(&script).env("TMP", scene.path(""));
    let done = call.without("GENESYSCLOUD_OAUTHCLIENT_ID").without("GENESYSCLOUD_OAUTHCLIENT_SECRET").run();
    assert_eq!(done.code, 0, "{done:?}");
    let token = &scene.server.tokens()[0];
    assert_eq!(done.stdout.matches(token.as_str()).count(), 1, "only get prints it: {done:?}");
    let answers =
        [token, "terraform plan: ****", "GENESYS_TOKEN_FILE=", "\"OAuthClient\":", "✓ token", "fresh"];
    assert_in_order(&done.stdout, &answers);
    let deeds =
        ["fetched token", "reused token", "dropped the cached token", "there is no cached token", "removed"];
    assert_in_order(&done.stderr, &deeds);
    for (verb, deed) in [
        ("invalidate", "dropped the cached token"),
        ("revoke", "revoked the token"),
        ("clear", "removed 1 files"),
    ] {
        the_cached_token_is_gone_after(block, verb, deed);
    }
}

/// What the tour did to an empty cache, done to a full one.
fn the_cached_token_is_gone_after(block: &Block, verb: &str, deed: &str) {
    let scene = Scene::new();
    scene.call("get").run();
    let call = format!("genesys-token {verb} ");
    let line = block.text.lines().find(|line| line.starts_with(&call)).expect("the tour has every verb");
    let done = scene.script(line).run();
    assert_eq!(done.code, 0, "{done:?}");
    assert!(done.stderr.contains(deed), "{done:?}");
    assert_eq!(scene.call("status").run().code, 8, "after {line}");
    assert_eq!(scene.server.log().iter().any(|record| record.method == "DELETE"), verb == "revoke");
}

/// Downloads once, and never keeps what has another checksum.
pub fn the_custom_tool_installs_what_its_checksum_names(block: &Block) {
    let scene = Scene::new();
    scene.stand_in("release", "echo released");
    // Called as `curl … -o FILE URL`.
    scene.stand_in("curl", &format!("echo \"curl $*\"; cp '{}' \"$5\"", scene.path("bin/release").display()));
    let sum = scene.script("sha256sum bin/release").run().stdout;
    let right = substituted(block, &[(&"0".repeat(64), &sum[..64])]);

    let wrong = scene.script(&block.text).run();
    assert_ne!(wrong.code, 0, "{wrong:?}");
    assert!(!scene.path("0.1.0/genesys-token").exists(), "{wrong:?}");
    let first = scene.script(&right).run();
    assert_eq!(first.code, 0, "{first:?}");
    assert!(first.stdout.starts_with("curl -fsSL --proto =https -o download https://"), "{first:?}");
    assert_eq!(scene.script("0.1.0/genesys-token").run().stdout, "released\n");
    let second = scene.script(&right).run();
    assert_eq!((second.code, second.stdout.as_str()), (0, ""), "{second:?}");
}

/// The token of a block ends itself.
pub fn a_leaked_token_is_ended_with_itself(block: &Block) {
    let scene = Scene::new();
    let done = scene.bound(&block.text);
    assert_eq!(done.code, 0, "{done:?}");
    let last = scene.server.log().pop().expect("it was asked");
    assert_eq!((last.method.as_str(), last.status), ("DELETE", Some(200)), "{last:?}");
    let next = scene.call("get").args(["--verify"]).run();
    assert!(next.stderr.contains("(not alive)"), "{next:?}");
}

/// Were it not so, the page would warn of nothing.
pub fn the_mistake_to_avoid_shows_the_token_in_the_trace(block: &Block) {
    let scene = Scene::new();
    let done = scene.bound(&format!("set -x\n{}", block.text));
    assert_eq!(done.code, 0, "{done:?}");
    let token = fs::read_to_string(scene.path("block/token")).expect("the block's token");
    assert!(done.stderr.contains(&format!("Bearer {}", token.trim_end())), "{done:?}");
}
