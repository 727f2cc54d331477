//! A credential that can't be right, or that may be wrong.

use genesys_token::error::Category::Credentials;
use loopback_login_server::{CLIENT_ID, CLIENT_SECRET};

use crate::doctor;
use crate::findings::{Failure, assert_fails, findings, named};
use crate::harness::{Scene, basic_credentials};

const SET_AGAIN: &str = "set GENESYSCLOUD_OAUTHCLIENT_ID and GENESYSCLOUD_OAUTHCLIENT_SECRET again, from Genesys \
                         Cloud's Admin, Integrations, OAuth";
const SENT_AS_IT_IS: &str = "the login server gets the value as it is, and answers invalid_client";

fn failure<'a>(detail: &'a str, cause: &'a str, fix: &'a str) -> Failure<'a> {
    Failure { check: "credential", category: Credentials, detail, cause, fix }
}

/// Fails unless the doctor refuses this credential with this detail and cause, and does not send it.
#[track_caller]
fn assert_not_sent(id: &str, secret: &str, detail: &str, cause: &str) {
    let scene = Scene::new();
    assert_fails(&scene, doctor(&scene).credential(id, secret), &failure(detail, cause, SET_AGAIN));
    assert_eq!(scene.server.log().len(), 0, "it was sent");
}

#[test]
fn a_missing_secret_says_where_to_set_it_in_a_shell_and_in_jenkins() {
    let scene = Scene::new();
    let call = doctor(&scene).without("GENESYSCLOUD_OAUTHCLIENT_SECRET");
    let detail =
        "no client secret: neither --client-secret-file nor GENESYSCLOUD_OAUTHCLIENT_SECRET is given";
    let cause = "in a pipeline, run inside withGenesysToken or bind the credential with withCredentials";
    assert_fails(&scene, call.clone(), &failure(detail, cause, SET_AGAIN));
    let in_jenkins = call.env("JENKINS_URL", "https://ci.example.com/");
    let fix = "in Jenkins, Credentials, update the entry that the pipeline's credentialsId names, and paste id and \
               secret again from Genesys Cloud's Admin, Integrations, OAuth";
    assert_fails(&scene, in_jenkins, &failure(detail, cause, fix));
}

#[test]
fn a_secret_file_that_is_missing_is_named() {
    let scene = Scene::new();
    let call = doctor(&scene).args(["--client-secret-file", "/no/such/file"]);
    let expected = failure(
        "cannot read the client secret from /no/such/file: No such file or directory*",
        "--client-secret-file takes the path of a file that holds the secret and nothing else",
        "store id and secret again: the secret is read from /no/such/file",
    );
    assert_fails(&scene, call, &expected);
}

#[test]
fn a_swapped_id_and_secret_are_not_sent() {
    let secret = CLIENT_SECRET.replace("loopback-s", "0oopback-s");
    assert_not_sent(&secret, CLIENT_ID, "client id and client secret look swapped", SENT_AS_IT_IS);
}

#[test]
fn a_pasted_authorization_header_is_not_sent() {
    let detail = "the client secret has a space at character 6";
    let cause = "it looks like a whole Authorization header";
    assert_not_sent(CLIENT_ID, &format!("Basic {}", basic_credentials()), detail, cause);
}

#[test]
fn base64_of_id_and_secret_is_not_sent() {
    let detail = "the client secret looks like base64 of id and secret";
    assert_not_sent(CLIENT_ID, &basic_credentials(), detail, SENT_AS_IT_IS);
}

#[test]
fn a_secret_in_quotes_is_not_sent() {
    let detail = "the client secret is in quotes, which are sent along: Genesys' values have none";
    assert_not_sent(CLIENT_ID, &format!("\"{CLIENT_SECRET}\""), detail, SENT_AS_IT_IS);
}

#[test]
fn wrapped_base64_of_id_and_secret_is_not_sent() {
    let basic = basic_credentials();
    let (line, rest) = basic.split_at(76);
    let detail = "the client secret has a newline at character 77";
    let cause = "it looks like the wrapped output of base64";
    assert_not_sent(CLIENT_ID, &format!("{line}\n{rest}"), detail, cause);
}

#[test]
fn a_newline_at_the_end_of_the_secret_is_a_warning_since_other_tools_send_it() {
    let scene = Scene::new();
    let call = doctor(&scene).credential(CLIENT_ID, &format!("{CLIENT_SECRET}\n"));
    let checks = findings(&scene, call, 0);
    let warnings: Vec<_> = checks.iter().filter(|check| check["status"] == "warning").collect();
    let [warning] = warnings[..] else { panic!("not one warning: {checks:#?}") };
    assert_eq!(warning["name"], "credential");
    assert_eq!(
        warning["detail"],
        "trailing newline removed from the client secret in GENESYSCLOUD_OAUTHCLIENT_SECRET"
    );
    assert_eq!(
        warning["cause"],
        "this program removes the newline; other tools send it and get invalid_client"
    );
    assert_eq!(named(&checks, "token")["status"], "ok");
}
