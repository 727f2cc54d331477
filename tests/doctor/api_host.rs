//! The answers of the API host, and what they mean.

use genesys_token::error::Category::Unavailable;
use loopback_login_server::{Behaviour, Certificate, LoginServer, VerifyAnswer, refused_url};

use crate::doctor;
use crate::findings::{Failure, assert_fails, findings, shows_none_of};
use crate::harness::Scene;

fn api_host_answering(verify_answer: VerifyAnswer) -> Scene {
    Scene::with(Behaviour { verify_answer, ..Behaviour::default() })
}

#[test]
fn an_api_host_that_is_down_is_not_mistaken_for_the_login_host() {
    let scene = Scene::new();
    let call = doctor(&scene).env("GENESYS_TOKEN_API_URL", refused_url());
    let expected = Failure {
        check: "api",
        category: Unavailable,
        detail: "cannot reach the API host http://127.0.0.1:*: Connection refused*",
        cause: "nothing listens there, or 127.0.0.1 is not its name; this network reaches it through a proxy only; a firewall \
                is in the way",
        fix: "allow the API host as well as the login host, or correct GENESYS_TOKEN_API_URL",
    };
    assert_fails(&scene, call, &expected);
}

#[test]
fn a_token_that_the_api_host_refuses_is_of_another_region() {
    let (scene, other) = (Scene::new(), Scene::new());
    let call = doctor(&scene).env("GENESYS_TOKEN_API_URL", other.server.api_url());
    let expected = Failure {
        check: "api",
        category: Unavailable,
        detail: "the API host does not accept the token (bad.credentials)",
        cause: "login and API host are of different regions, or the client was disabled at this very moment",
        fix: "name one region, and leave GENESYS_TOKEN_LOGIN_URL and GENESYS_TOKEN_API_URL out",
    };
    assert_fails(&scene, call, &expected);
}

#[test]
fn an_answer_that_is_not_about_the_token_comes_from_another_server() {
    let scene = api_host_answering(VerifyAnswer::Status(200));
    let expected = Failure {
        check: "api",
        category: Unavailable,
        detail: "http://127.0.0.1:* answered HTTP 200, but not about the token",
        cause: "another server stands in the API host's place, such as a web page or a captive portal",
        fix: "correct GENESYS_TOKEN_API_URL, or leave it out",
    };
    assert_fails(&scene, doctor(&scene), &expected);
}

#[test]
fn an_api_host_with_an_untrusted_certificate_is_named() {
    let scene = Scene::new();
    let other = LoginServer::start_tls(Behaviour::default(), Certificate::SelfSigned);
    let call = doctor(&scene)
        .env("GENESYS_TOKEN_API_URL", other.api_url())
        .env("GENESYS_TOKEN_CA_CERT", other.ca_file());
    let expected = Failure {
        check: "api",
        category: Unavailable,
        detail: "cannot trust the API host localhost:*: its certificate is self-signed, by *",
        cause: "a private server or a proxy that intercepts TLS has made it for itself",
        fix: "allow the API host as well as the login host, or correct GENESYS_TOKEN_API_URL",
    };
    assert_fails(&scene, call, &expected);
}

#[test]
fn a_token_that_the_api_host_echoes_is_not_shown() {
    for (status, code) in [(200, 0), (401, 6), (403, 0), (500, 6)] {
        let scene = api_host_answering(VerifyAnswer::Echo(status));
        findings(&scene, doctor(&scene), code);
        let table = doctor(&scene).any_stdout().exit(code);
        shows_none_of(&table, &scene.server.tokens());
    }
}

#[test]
fn an_address_that_the_organisation_does_not_allow_is_the_cause() {
    let scene = api_host_answering(VerifyAnswer::Code(401, "ip.not.authorized".to_owned()));
    let expected = Failure {
        check: "api",
        category: Unavailable,
        detail: "the API host refuses this machine's address (ip.not.authorized)",
        cause: "the organisation's allow list lacks this machine's address: it goes out from 127.0.0.1, unless a router \
                changes that",
        fix: "have the address that this machine leaves your network with allowed in Genesys Cloud",
    };
    assert_fails(&scene, doctor(&scene), &expected);
}
