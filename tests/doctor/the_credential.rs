//! A credential that can't be right.

use super::*;

fn with(id: &str, secret: &str, what: &[&str]) {
    let (server, cache) = (server(), dir());
    assert_first(&server, doctor(&server, cache.path()).credential(id, secret), "credential", 3, what);
    assert_eq!(server.token_requests(), 0, "it is not even sent");
}

#[test]
fn is_missing() {
    let (server, cache) = (server(), dir());
    let call = doctor(&server, cache.path()).without("GENESYSCLOUD_OAUTHCLIENT_SECRET");
    assert_first(&server, call, "credential", 3, &["no client secret", "set GENESYSCLOUD_OAUTHCLIENT_ID"]);
    let call = doctor(&server, cache.path()).without("GENESYSCLOUD_OAUTHCLIENT_SECRET");
    let call = call.env("JENKINS_URL", "https://ci.example.com/");
    assert_first(&server, call, "credential", 3, &["in Jenkins, Credentials, update the entry"]);
}

#[test]
fn is_in_a_file_that_is_not_there() {
    let (server, cache) = (server(), dir());
    let call = doctor(&server, cache.path()).args(["--client-secret-file", "/no/such/file"]);
    assert_first(&server, call, "credential", 3, &["cannot read the client secret from /no/such/file"]);
}

#[test]
fn is_swapped() {
    with(&CLIENT_SECRET.replace("loopback-s", "0oopback-s"), CLIENT_ID, &["look swapped"]);
}

#[test]
fn is_a_pasted_header() {
    with(CLIENT_ID, &format!("Basic {}", basic()), &["a space", "whole Authorization header"]);
}

#[test]
fn is_base64_of_both() {
    with(CLIENT_ID, &basic(), &["looks like base64 of id and secret"]);
}

#[test]
fn is_in_quotes() {
    with(CLIENT_ID, &format!("\"{CLIENT_SECRET}\""), &["is in quotes"]);
}

#[test]
fn has_a_line_break_of_base64() {
    let basic = basic();
    with(CLIENT_ID, &format!("{}\n{}", &basic[..76], &basic[76..]), &["broken output of base64"]);
}

#[test]
fn with_a_newline_at_its_end_is_a_warning_since_other_tools_send_it() {
    let (server, cache) = (server(), dir());
    let call = doctor(&server, cache.path()).credential(CLIENT_ID, &format!("{CLIENT_SECRET}\n"));
    let (done, json) = findings(&server, call);
    assert_eq!(done.code, 0);
    let warning =
        json["checks"].as_array().expect("a list").iter().find(|check| check["status"] == "warning");
    assert!(warning.expect("a warning").to_string().contains("trailing newline"), "{json}");
}
