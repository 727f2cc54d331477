//! The one line on stderr, and the two of an error.

use std::time::Duration;

use loopback_login_server::{Behaviour, VerifyAnswer};

use super::DAY;
use crate::harness::{Scene, entry, genesys_token};

#[test]
fn the_line_says_where_the_token_came_from_and_why() {
    let scene = Scene::new();
    let fetched = |reason| format!("fetched token of client 1111…5555 at HOST, 23h 59m left ({reason})");
    scene.get().provided(&fetched("no entry")).success();
    scene.get().provided("reused token of client 1111…5555 at HOST, 23h 59m left").success();
    scene.get().arg("--force-refresh").provided(&fetched("forced")).success();
    scene.server.kill_all_tokens();
    scene.get().arg("--verify").provided(&fetched("not alive")).success();
    scene
        .get()
        .args(["--min-ttl", "23h59m58s"])
        .provided(&fetched("expires in 23h 59m"))
        .warns("tokens live 23h 59m, so with this --min-ttl every call fetches one")
        .success();
}

#[cfg(unix)]
#[test]
fn a_token_that_is_larger_than_a_file_may_be_is_a_warning_with_its_remedy() {
    let scene = Scene::new();
    let call = super::script(&scene, r#"ulimit -f 0; exec "$GENESYS_TOKEN" get"#).any_stdout().any_stderr();
    let said = call.success().stderr;
    let warning =
        "; warning: the token could not be cached: File too large (os error 27); fix: raise ulimit -f";
    assert!(said.trim_end().ends_with(warning), "{said}");
}

#[test]
fn the_line_says_how_long_the_old_token_had_left() {
    let scene = Scene::new();
    let put = |age| entry::put(&scene.cache(), &scene.server.login_url(), "old", age, DAY);
    put(DAY.saturating_sub(Duration::from_secs(270)));
    scene.get().fetched("expires in 4m *s").success();
    put(DAY);
    scene.get().fetched("expired").success();
}

#[test]
fn an_api_host_that_does_not_say_whether_the_token_is_alive_is_a_warning() {
    let scene = Scene::new();
    scene.get().fetched("no entry").success();
    scene.server.set(Behaviour { verify_answer: VerifyAnswer::Status(503), ..Behaviour::default() });
    let warning = "cannot tell whether the token is alive: the API host answered HTTP 503";
    scene.get().arg("--verify").reused().warns(warning).success();
}

#[test]
fn an_error_is_followed_by_its_hint() {
    genesys_token()
        .get()
        .stderr(
            "genesys-token: error: no client id: neither --client-id nor GENESYSCLOUD_OAUTHCLIENT_ID is given\n  \
             fix: in a pipeline, run inside withGenesysToken or bind the credential with withCredentials\n",
        )
        .exit(3);
}
