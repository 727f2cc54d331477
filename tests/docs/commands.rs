//! Blocks of commands. `sh` runs each of them as it is, except for what a check substitutes.

use std::fs;

use loopback_login_server::{CLIENT_ID, CLIENT_SECRET};

use crate::harness::PROGRAM;
use crate::pages::Block;
use crate::scene::{Scene, substituted};

/// The line of a call that fetched a token into an empty cache.
const FETCHED: &str = "genesys-token: fetched token of client 1111…5555 at HOST, * left (no entry)\n";
const REUSED: &str = "genesys-token: reused token of client 1111…5555 at HOST, * left\n";

/// Fails unless `text` contains all of `parts`, in this order.
#[track_caller]
fn assert_in_order(text: &str, parts: &[&str]) {
    let mut rest = text;
    for part in parts {
        let (_, after) =
            rest.split_once(part).unwrap_or_else(|| panic!("{part:?} is missing or too early: {text}"));
        rest = after;
    }
}

/// Runs all verbs in a row, from an empty cache to an empty cache.
pub(crate) fn the_tour_of_the_readme_works(block: &Block) {
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
    let lines = format!(
        "{FETCHED}{REUSED}{REUSED}{REUSED}\
         genesys-token: dropped the cached token of client 1111…5555 at HOST\n\
         genesys-token: there is no cached token of client 1111…5555 at HOST\n\
         genesys-token: removed * from *\n"
    );
    let call = scene.script(&script).without_credential().env("TMP", scene.dir());
    // The doctor's findings depend on the machine.
    let done = call.any_stdout().stderr(lines).success();
    let token = &scene.server.tokens()[0];
    assert_eq!(done.stdout.matches(token.as_str()).count(), 1, "only get prints it: {done:?}");
    let answers = [
        token,
        "terraform plan: ****",
        "GENESYS_TOKEN_FILE=",
        "\"OAuthClient\":",
        "✓ token",
        "organisation  ",
        "fresh",
    ];
    assert_in_order(&done.stdout, &answers);
    for (verb, line) in [
        ("invalidate", "dropped the cached token of client 1111…5555 at HOST"),
        ("revoke", "revoked the token of client 1111…5555 at HOST, and dropped it from the cache"),
        ("clear", "removed 1 file from *"),
    ] {
        assert_no_token_is_cached_after(block, verb, line);
    }
}

/// Runs the line of the tour with this verb on a full cache.
fn assert_no_token_is_cached_after(block: &Block, verb: &str, line: &str) {
    let scene = Scene::new();
    scene.get().fetched("no entry").success();
    let call = format!("genesys-token {verb} ");
    let command = block.text.lines().find(|line| line.starts_with(&call)).expect("the tour has every verb");
    scene.script(command).provided(line).success();
    scene.call("status").stderr("genesys-token: nothing is cached in *\n").exit(8);
    assert_eq!(scene.server.log().iter().any(|record| record.method == "DELETE"), verb == "revoke");
}

/// Nothing is installed whose checksum is wrong.
pub(crate) fn a_downloaded_program_is_checked_and_installed(block: &Block) {
    let scene = Scene::new();
    let installed = scene.path("home/.local/bin/genesys-token");
    let version = env!("CARGO_PKG_VERSION");
    let file = format!("genesys-token-{version}-x86_64-unknown-linux-musl");
    fs::copy(PROGRAM, scene.path(&file)).expect("a download");
    let install = || scene.script(&block.text).env("HOME", scene.path("home"));

    fs::write(scene.path("SHA256SUMS"), format!("{}  {file}\n", "0".repeat(64))).expect("a list");
    let warning = "sha256sum: WARNING: 1 *did NOT match\nsha256sum: SHA256SUMS: no file was verified\n";
    install().stdout(format!("{file}: FAILED\n")).stderr(warning).exit(1);
    assert!(!installed.exists());

    let absent = format!("{}  {file}.tar.gz\n", "0".repeat(64));
    scene.script(&format!("sha256sum {file} >SHA256SUMS; printf '{absent}' >>SHA256SUMS")).success();
    install().stdout(format!("{file}: OK\ngenesys-token {version}\n")).success();
    assert!(installed.exists());
}

/// The command downloads once, and never keeps a file with another checksum.
pub(crate) fn the_custom_tool_installs_only_the_file_with_its_checksum(block: &Block) {
    let scene = Scene::new();
    scene.stand_in("release", "echo released");
    // Called as `curl … -o FILE URL`.
    scene.stand_in("curl", &format!("echo \"curl $*\"; cp '{}' \"$5\"", scene.path("bin/release").display()));
    let sum = scene.script("sha256sum bin/release").stdout("*\n").success().stdout;
    let right = substituted(block, &[(&"0".repeat(64), &sum[..64])]);
    let downloaded = "curl -fsSL --proto =https -o download https://*\n";

    let mismatch = "sha256sum: WARNING: 1 *did NOT match\n";
    scene.script(&block.text).stdout(format!("{downloaded}download: FAILED\n")).stderr(mismatch).exit(1);
    assert!(!scene.path("0.2.0/genesys-token").exists());
    scene.script(&right).stdout(format!("{downloaded}download: OK\n")).success();
    scene.script("0.2.0/genesys-token").stdout("released\n").success();
    scene.script(&right).success();
}

/// The token of a block can end itself.
pub(crate) fn a_leaked_token_ends_itself(block: &Block) {
    let scene = Scene::new();
    scene.bound(&block.text).stdout("{}").stderr(FETCHED).success();
    let last = scene.server.log().pop().expect("a request");
    assert_eq!((last.method.as_str(), last.status), ("DELETE", Some(200)), "{last:?}");
    scene.get().arg("--verify").fetched("not alive").success();
}

/// The page warns of a real leak.
pub(crate) fn the_mistake_to_avoid_shows_the_token_in_the_trace(block: &Block) {
    let scene = Scene::new();
    let lines = format!(
        "{FETCHED}+* cat */block/token\n+ curl -fsS -H *Authorization: Bearer * HOST/api/v2/tokens/me\n"
    );
    let done = scene.bound(&format!("set -x\n{}", block.text)).stdout("{*}").stderr(lines).success();
    let token = fs::read_to_string(scene.path("block/token")).expect("the block's token");
    assert!(done.stderr.contains(&format!("Bearer {}", token.trim_end())), "{done:?}");
}
