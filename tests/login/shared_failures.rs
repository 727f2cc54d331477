//! Who learns from a failed refresh, and what a call does that has a token near its end.

use super::*;
use crate::harness::entry;

const DAY: Duration = Duration::from_hours(24);

/// Caches a token of a day with so much time left.
fn cache_token_with(left: Duration, scene: &Scene) {
    entry::put(&scene.cache(), &scene.server.login_url(), "current", DAY.saturating_sub(left), DAY);
}

/// Expects the current token, with the warning that it could not be refreshed.
fn not_refreshed(call: Call) -> Call {
    call.stdout("current\n")
        .provided("reused token of client 1111…5555 at HOST, * left")
        .warns("the token could not be refreshed, * left: *")
}

#[test]
fn a_proxy_that_refuses_pauses_the_refreshes_of_its_users_and_no_others() {
    let (scene, proxy) = (tls(Certificate::Good), Proxy::start(ProxyBehaviour::Refuse(407)));
    cache_token_with(Duration::from_mins(10), &scene);
    let call = scene.get().env("HTTPS_PROXY", proxy.url());
    for _ in 0..2 {
        not_refreshed(call.clone()).success();
        // The first call's request, and its question for the reason.
        assert_eq!(proxy.connects().len(), 2);
    }
    scene.get().fetched("expires in 9m *").success();
}

#[test]
fn a_ca_file_that_can_not_be_read_pauses_nobody() {
    let scene = tls(Certificate::Good);
    cache_token_with(Duration::from_mins(10), &scene);
    not_refreshed(scene.get().args(["--ca-cert", "/no/such/file"])).success();
    scene.get().fetched("expires in 9m *").success();
}

#[test]
fn an_answer_without_a_lifetime_pauses_no_refresh() {
    for left in [Duration::from_mins(10), Duration::from_secs(200)] {
        let scene = Scene::with(Behaviour { expires_in: ExpiresIn::Missing, ..Behaviour::default() });
        cache_token_with(left, &scene);
        let unknown = "fetched token of client 1111…5555 at HOST, of unknown lifetime (expires in *)";
        for _ in 0..2 {
            let call = scene.get().prints_token().provided(unknown);
            call.warns("the answer has no expires_in, so the token is not cached").success();
        }
        assert_eq!(scene.server.token_requests(), 2);
    }
}

#[test]
fn a_refused_address_is_no_dead_token() {
    let scene = Scene::new();
    let token = scene.get().fetched("no entry").success().token().to_owned();
    let verify_answer = VerifyAnswer::Code(401, "ip.not.authorized".to_owned());
    scene.server.set(Behaviour { verify_answer, ..Behaviour::default() });
    let warning = "the API host refuses this machine's address (ip.not.authorized)";
    assert_eq!(scene.get().arg("--verify").reused().warns(warning).success().token(), token);
    assert_eq!(scene.server.token_requests(), 1);
}
