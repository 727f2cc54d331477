//! Tokens: how they are requested, issued, verified and killed.

#![allow(missing_docs)]

mod client;

use client::{request, request_token, request_tokens_me, send, token_request, token_request_as};
use loopback_login_server::{
    Answer, Behaviour, CLIENT_ID, CLIENT_SECRET, ExpiresIn, LoginServer, VerifyAnswer,
};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

#[test]
fn a_token_has_the_form_of_a_genesys_token() {
    let server = LoginServer::start(Behaviour::default());
    let answer = request_token(&server).unwrap();
    assert_eq!((answer.status, answer.token().len()), (200, 86));
    assert!(answer.token().bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)));
    assert_eq!(
        (&answer.json()["token_type"], &answer.json()["expires_in"]),
        (&json!("bearer"), &json!(86_399))
    );
    assert_ne!(request_token(&server).unwrap().token(), answer.token());
}

#[test]
fn the_log_has_each_request_with_its_answer() {
    let server = LoginServer::start(Behaviour::default());
    let token = send(&server, &token_request().replace("/oauth", "/gateway/prefix/oauth")).unwrap().token();
    let log = server.log();
    let [record] = log.as_slice() else { panic!("expected one request: {log:?}") };
    assert_eq!((record.method.as_str(), record.path.as_str()), ("POST", "/gateway/prefix/oauth/token"));
    assert_eq!(record.header("Content-Type"), Some("application/x-www-form-urlencoded"));
    assert_eq!(record.body, "grant_type=client_credentials");
    assert_eq!((record.status, record.token.as_ref()), (Some(200), Some(&token)));
    assert!(record.at.elapsed() < Duration::from_secs(20));
    assert_eq!((server.token_requests(), server.tokens()), (1, vec![token]));
}

#[test]
fn wrong_credentials_get_invalid_client_and_a_correlation_id() {
    let server = LoginServer::start(Behaviour::default());
    for (id, secret, description) in
        [("unknown", CLIENT_SECRET, "client not found"), (CLIENT_ID, "wrong", "authentication failed")]
    {
        let answer = send(&server, &token_request_as(id, secret)).unwrap();
        assert_eq!(answer.status, 400);
        assert_eq!(
            answer.json(),
            json!({"error": "invalid_client", "description": description, "error_description": description})
        );
        assert!(answer.header("inin-correlation-id").is_some());
    }
    server.add_client("unknown", "a secret:with a colon");
    assert_eq!(send(&server, &token_request_as("unknown", "a secret:with a colon")).unwrap().status, 200);
    assert_eq!(server.token_requests(), 3);
}

#[test]
fn credentials_in_the_body_are_refused() {
    let server = LoginServer::start(Behaviour::default());
    let body = format!("grant_type=client_credentials&client_id={CLIENT_ID}&client_secret={CLIENT_SECRET}");
    let form = "content-type: application/x-www-form-urlencoded\r\n";
    let answer = send(&server, &request("POST", "/oauth/token", form, &body)).unwrap();
    assert_eq!((answer.status, &answer.json()["error"]), (400, &json!("invalid_client")));
}

#[test]
fn a_token_answer_has_the_configured_fields() {
    let behaviour = |expires_in| Behaviour {
        expires_in,
        token_type: "MAC".to_owned(),
        scope: Some("users".to_owned()),
        token: Some("two\nlines".to_owned()),
        ..Behaviour::default()
    };
    let server = LoginServer::start(Behaviour::default());
    for (expires_in, expected) in [
        (ExpiresIn::Seconds(-1), json!(-1)),
        (ExpiresIn::Text("3600".to_owned()), json!("3600")),
        (ExpiresIn::Missing, Value::Null),
        (ExpiresIn::Raw(json!(1.5)), json!(1.5)),
    ] {
        server.set(behaviour(expires_in));
        let answer = request_token(&server).unwrap().json();
        assert_eq!(answer["expires_in"], expected);
        assert_eq!(answer.get("expires_in").is_none(), expected.is_null());
        assert_eq!((&answer["token_type"], &answer["scope"]), (&json!("MAC"), &json!("users")));
        assert_eq!(answer["access_token"], "two\nlines");
    }
}

#[test]
fn a_killed_token_is_refused_by_the_api_host() {
    let server = LoginServer::start(Behaviour::default());
    let tokens: Vec<String> = (0..3).map(|_| request_token(&server).unwrap().token()).collect();
    assert_eq!(request_tokens_me(&server, "HEAD", &tokens[0]).status, 200);
    assert_eq!(request_tokens_me(&server, "GET", &tokens[0]).json()["OAuthClient"]["id"], CLIENT_ID);

    server.kill_token(&tokens[0]);
    assert_eq!(request_tokens_me(&server, "HEAD", &tokens[0]).status, 401);
    assert_eq!(request_tokens_me(&server, "GET", &tokens[0]).json()["code"], "bad.credentials");

    assert_eq!(request_tokens_me(&server, "DELETE", &tokens[1]).status, 200);
    assert_eq!(request_tokens_me(&server, "HEAD", &tokens[1]).status, 401);

    server.kill_all_tokens();
    assert_eq!(request_tokens_me(&server, "HEAD", &tokens[2]).status, 401);
    assert_eq!((server.verify_requests(), server.tokens()), (6, tokens));
}

#[test]
fn the_api_host_can_fail_and_be_slow_while_the_login_host_answers() {
    let verify_delay = Duration::from_millis(200);
    let verify_answer = VerifyAnswer::Status(503);
    let server = LoginServer::start(Behaviour { verify_answer, verify_delay, ..Behaviour::default() });
    let start = Instant::now();
    assert_eq!(request_tokens_me(&server, "HEAD", "any").status, 503);
    assert!(start.elapsed() >= verify_delay);
    assert_eq!(request_token(&server).unwrap().status, 200);
}

#[test]
fn the_api_host_answers_by_method_and_by_count() {
    let refused = |status| Box::new(VerifyAnswer::Status(status));
    let answering = |verify_answer| LoginServer::start(Behaviour { verify_answer, ..Behaviour::default() });
    let server = answering(VerifyAnswer::ByMethod { head: refused(401), others: refused(503) });
    let statuses = ["HEAD", "GET"].map(|method| request_tokens_me(&server, method, "any").status);
    assert_eq!(statuses, [401, 503]);
    let server = answering(VerifyAnswer::FirstTimes(1, refused(503)));
    let token = request_token(&server).unwrap().token();
    let statuses = ["HEAD", "GET", "HEAD"].map(|method| request_tokens_me(&server, method, &token).status);
    assert_eq!(statuses, [503, 200, 200]);
}

#[test]
fn a_client_of_another_organisation_gets_tokens_of_it() {
    let server = LoginServer::start(Behaviour::default());
    server.add_client_of("other", "a secret", ("an id", "Other"));
    let token = send(&server, &token_request_as("other", "a secret")).unwrap().token();
    let organization = json!({"id": "an id", "name": "Other"});
    assert_eq!(request_tokens_me(&server, "GET", &token).json()["organization"], organization);
}

#[test]
fn a_scope_can_be_refused() {
    let server = LoginServer::start(Behaviour::answering(Answer::TokenWithoutScope));
    assert_eq!(request_token(&server).unwrap().status, 200);
    let body = "grant_type=client_credentials";
    let scoped = token_request().replace(body, &format!("{body}&scope=x"));
    let scoped = scoped.replace("content-length: 29", "content-length: 37");
    let answer = send(&server, &scoped).unwrap();
    assert_eq!((answer.status, &answer.json()["error"]), (400, &json!("invalid_scope")));
}
