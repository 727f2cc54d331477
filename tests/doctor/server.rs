//! The answers of the login server, and what they mean.

use std::time::Duration;

use genesys_token::error::Category::{Lifetime, RateLimited, Rejected, Unavailable};
use loopback_login_server::{
    Answer, Behaviour, BlackHole, CLIENT_ID, CLIENT_SECRET, ExpiresIn, Proxy, ProxyBehaviour,
};

use crate::findings::{Failure, assert_fails};
use crate::harness::{Scene, genesys_token};
use crate::{doctor, tls_scene};

const OAUTH_CLIENT: &str = "make the grant type of this OAuth client Client Credentials, in Genesys Cloud's Admin, \
                            Integrations, OAuth; activate the OAuth client, in *";

fn refusing(error: &str, description: &str) -> Scene {
    let (error, description) = (error.to_owned(), description.to_owned());
    Scene::answering(Answer::OAuthError { status: 400, error, description })
}

fn html(status: u16, page: &str) -> Scene {
    Scene::answering(Answer::Status(status, page.to_owned(), "text/html".to_owned()))
}

#[test]
fn a_client_that_the_server_does_not_know_points_to_the_region_search() {
    let scene = Scene::new();
    let call = doctor(&scene)
        .credential("99999999-8888-7777-6666-555555555555", CLIENT_SECRET)
        .env("GENESYSCLOUD_REGION", "eu-west-1");
    let expected = Failure {
        check: "token",
        category: Rejected,
        detail: "the login server http://127.0.0.1:* refused client 9999…5555: invalid_client: client not found \
                 (ININ-Correlation-Id *)",
        cause: "the client lives in another region: this call asked eu-west-1, mypurecloud.ie, at the given login URL \
                http://127.0.0.1:*; the client was deleted, or its id is another one; the client's IP allow list \
                lacks this machine's address: it goes out from 127.0.0.1, unless a router changes that",
        fix: "genesys-token doctor --find-region tells which region knows the client; if it is this one, set *",
    };
    assert_fails(&scene, call, &expected);
}

#[test]
fn a_wrong_secret_says_to_set_it_again() {
    let scene = Scene::new();
    let expected = Failure {
        check: "token",
        category: Rejected,
        detail: "* refused client 1111…5555: invalid_client: authentication failed (ININ-Correlation-Id *)",
        cause: "the client lives in another region: *; the client's secret was replaced, or is another client's; *",
        fix: "genesys-token doctor --find-region *; if it is this one, set GENESYSCLOUD_OAUTHCLIENT_ID and \
              GENESYSCLOUD_OAUTHCLIENT_SECRET again, *",
    };
    assert_fails(&scene, doctor(&scene).credential(CLIENT_ID, &"x".repeat(43)), &expected);
}

#[test]
fn a_client_of_another_grant_type_is_reported() {
    let scene = refusing("unauthorized_client", "not this grant");
    let expected = Failure {
        check: "token",
        category: Rejected,
        detail: "* refused client 1111…5555: unauthorized_client: not this grant (ININ-Correlation-Id *)",
        cause: "this OAuth client is for another grant; it is disabled; the client's IP allow list lacks this machine's \
                address: it goes out from *",
        fix: OAUTH_CLIENT,
    };
    assert_fails(&scene, doctor(&scene), &expected);
}

#[test]
fn behind_a_proxy_an_allow_list_is_compared_with_the_address_of_the_proxy() {
    let (scene, proxy) = (tls_scene(), Proxy::start(ProxyBehaviour::Forward));
    scene.server.set(Behaviour::answering(Answer::OAuthError {
        status: 400,
        error: "unauthorized_client".to_owned(),
        description: String::new(),
    }));
    let expected = Failure {
        check: "token",
        category: Rejected,
        detail: "* unauthorized_client (ININ-Correlation-Id *)",
        cause: "*; the client's IP allow list lacks this machine's address: it goes out from 127.0.0.1 to the proxy, whose \
                own address counts",
        fix: OAUTH_CLIENT,
    };
    assert_fails(&scene, doctor(&scene).env("HTTPS_PROXY", proxy.url()), &expected);
}

#[test]
fn a_scope_that_the_server_refuses_is_explained() {
    for (scope, cause) in [
        (
            "login:read routing:write",
            "Genesys does not know the scope: *; the scope login:read has a suffix that Genesys does not know: the only one is \
             :readonly; the scope routing:write has a suffix that Genesys does not know: the only one is :readonly",
        ),
        (
            "routing:queue:edit",
            "Genesys does not know the scope: *; the scope routing:queue:edit looks like a role permission: permissions belong \
             to the roles of the OAuth client and are not scopes",
        ),
    ] {
        let scene = refusing("invalid_scope", "unknown scope");
        let expected = Failure {
            check: "token",
            category: Rejected,
            detail: "* refused client 1111…5555: invalid_scope: unknown scope (ININ-Correlation-Id *)",
            cause,
            fix: "leave the scope out: --scope, GENESYS_TOKEN_SCOPE, or scope: of the step",
        };
        assert_fails(&scene, doctor(&scene).env("GENESYS_TOKEN_SCOPE", scope), &expected);
    }
}

#[test]
fn a_rate_limit_says_to_share_one_cache() {
    let scene = Scene::answering(Answer::RateLimitedFor(Duration::from_mins(1)));
    let expected = Failure {
        check: "token",
        category: RateLimited,
        detail: "the login server http://127.0.0.1:* limits token requests: invalid_request: rate limit exceeded; *",
        cause: "something fetches one token after another for this organisation",
        fix: "wait some minutes, and let all callers share one cache",
    };
    assert_fails(&scene, doctor(&scene), &expected);
}

#[test]
fn an_http_503_says_to_try_again_later() {
    let scene = html(503, "<html>");
    let expected = Failure {
        check: "token",
        category: Unavailable,
        detail: "the login server http://127.0.0.1:* answered HTTP 503 (ININ-Correlation-Id *)",
        cause: "the login server, or a gateway in front of it, has a problem",
        fix: "try again later",
    };
    assert_fails(&scene, doctor(&scene), &expected);
}

#[test]
fn a_web_page_is_not_mistaken_for_a_login_server() {
    let scene = html(200, "<html>log in</html>");
    let expected = Failure {
        check: "token",
        category: Unavailable,
        detail: "the login server http://127.0.0.1:* answered HTTP 200, but not with a token: it is an HTML \
                 page (ININ-Correlation-Id *)",
        cause: "that is a web page: a proxy, a captive portal or the wrong host answered",
        fix: "correct --login-url, HTTPS_PROXY or NO_PROXY, whichever leads to that page",
    };
    assert_fails(&scene, doctor(&scene), &expected);
}

#[test]
fn a_silent_server_is_reported_at_the_deadline() {
    let (scene, hole) = (Scene::new(), BlackHole::start());
    let call = genesys_token().doctor().credential(CLIENT_ID, CLIENT_SECRET).cache(&scene.cache());
    let expected = Failure {
        check: "token",
        category: Unavailable,
        detail: "the login server http://127.0.0.1:* did not answer in time",
        cause: "this network reaches it through a proxy only; a firewall is in the way",
        fix: "if there is a proxy, set HTTPS_PROXY, and leave the host out of NO_PROXY; have the firewall let this machine \
              reach 127.0.0.1",
    };
    assert_fails(&scene, call.login_url(&hole.url()).args(["--timeout", "1s"]), &expected);
}

#[test]
fn a_clock_that_differs_from_the_servers_is_reported() {
    for (clock_ahead, how) in [(3_600, "behind"), (-3_600, "ahead of")] {
        let scene = Scene::with(Behaviour { clock_ahead, ..Behaviour::default() });
        let expected = Failure {
            check: "clock",
            category: Unavailable,
            detail: &format!("this machine's clock is * {how} the login server's"),
            cause: "cached tokens seem younger or older than they are, and certificates may seem invalid",
            fix: "let NTP set this machine's clock",
        };
        assert_fails(&scene, doctor(&scene), &expected);
    }
}

#[test]
fn tokens_that_live_shorter_than_required_are_reported() {
    let scene = Scene::with(Behaviour { expires_in: ExpiresIn::Seconds(300), ..Behaviour::default() });
    let expected = Failure {
        check: "lifetime",
        category: Lifetime,
        detail: "tokens live 5m 0s, and --min-ttl requires 20m 0s",
        cause: "no token can live longer than the client's token duration",
        fix: "raise the token duration of the OAuth client in Genesys Cloud's Admin, or require less",
    };
    assert_fails(&scene, doctor(&scene).args(["--min-ttl", "20m"]), &expected);
}
