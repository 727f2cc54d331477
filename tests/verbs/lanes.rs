//! `--lane`: a token of its own, under the limits of its client.

use genesys_token::error::Category;
use loopback_login_server::{Answer, Behaviour};

use super::status::rows;
use crate::harness::{Call, PROGRAM, Scene};

fn in_lane(scene: &Scene, lane: &str) -> Call {
    scene.get().args(["--lane", lane])
}

fn line(verb: &str, lane: &str, why: &str) -> String {
    format!("{verb} token of client 1111…5555 at HOST, lane {lane}, * left{why}")
}

#[test]
fn each_lane_has_a_token_of_its_own_and_reuses_it() {
    let scene = Scene::new();
    let shared = scene.get().fetched("no entry").success();
    let fetched = |lane| in_lane(&scene, lane).provided(&line("fetched", lane, " (no entry)")).success();
    let (export, import) = (fetched("export"), fetched("import"));
    assert_eq!(scene.server.token_requests(), 3);
    assert_eq!(
        in_lane(&scene, "export").provided(&line("reused", "export", "")).success().token(),
        export.token()
    );
    let by_variable = scene.get().env("GENESYS_TOKEN_LANE", "import");
    assert_eq!(by_variable.provided(&line("reused", "import", "")).success().token(), import.token());
    assert_eq!(scene.get().reused().success().token(), shared.token());
    assert_eq!(scene.server.token_requests(), 3);
}

#[test]
fn status_lists_every_lane() {
    let scene = Scene::new();
    scene.get().fetched("no entry").success();
    in_lane(&scene, "export").provided(&line("fetched", "export", " (no entry)")).success();
    let mut lanes: Vec<_> = rows(&scene.cache()).iter().map(|row| row["lane"].clone()).collect();
    lanes.sort_by_key(ToString::to_string);
    assert_eq!(lanes, ["export".into(), serde_json::Value::Null]);
}

#[test]
fn invalidate_and_revoke_mean_their_lane() {
    let scene = Scene::new();
    let shared = scene.get().fetched("no entry").success();
    let whose = "of client 1111…5555 at HOST, lane a";
    for (verb, done) in [
        ("invalidate", format!("dropped the cached token {whose}")),
        ("revoke", format!("revoked the token {whose}, and dropped it from the cache")),
    ] {
        in_lane(&scene, "a").provided(&line("fetched", "a", " (no entry)")).success();
        let call = scene.call(verb).args(["--lane", "a"]);
        call.stderr(format!("genesys-token: {done}\n")).success();
        assert_eq!(scene.get().reused().success().token(), shared.token());
    }
    in_lane(&scene, "a").provided(&line("fetched", "a", " (no entry)")).success();
}

#[test]
fn a_rate_limit_of_one_lane_is_that_of_all() {
    let scene = Scene::answering(Answer::TooManyRequests { retry_after: Some("100".to_owned()) });
    let limited = |lane| in_lane(&scene, lane).args(["--timeout", "2s"]).refused(Category::RateLimited);
    limited("a");
    let asked = scene.server.token_requests();
    limited("b");
    assert_eq!(scene.server.token_requests(), asked);
    scene.server.set(Behaviour::default());
    limited("c");
    assert_eq!(scene.server.token_requests(), asked);
}

#[test]
fn a_call_inside_of_exec_may_name_the_lane_that_it_has_and_no_other() {
    let scene = Scene::new();
    let script = format!("{PROGRAM} get --lane export -q >/dev/null && ! {PROGRAM} get --lane import 2>&1");
    let call = scene.exec(["sh", "-c", &script]).args(["--lane", "export"]).any_stderr().any_stdout();
    let said = call.success().stdout;
    assert!(said.contains("--lane needs the client secret, and this block has only a bound token"), "{said}");
    assert_eq!(scene.server.token_requests(), 1);
}

#[test]
fn a_text_that_is_no_lane_is_a_usage_error() {
    let scene = Scene::new();
    let error = in_lane(&scene, "a b").refused(Category::Usage);
    assert_eq!(error.message, "the value of --lane is not the name of a lane");
    let error = scene.get().env("GENESYS_TOKEN_LANE", "ü").refused(Category::Usage);
    assert_eq!(error.message, "the value of GENESYS_TOKEN_LANE is not the name of a lane");
}
