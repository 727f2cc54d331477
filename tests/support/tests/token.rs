//! Tokens: how they are asked for, handed out, verified and killed.

#![allow(missing_docs)]

mod client;

use client::{ask, ask_me, ask_token, request, token_request, token_request_as};
use loopback_login_server::{Behaviour, CLIENT_ID, CLIENT_SECRET, ExpiresIn, LoginServer, VerifyAnswer};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

#[test]
fn a_token_looks_like_a_real_one() {
    let server = LoginServer::start(Behaviour::default());
    let answer = ask_token(&server).unwrap();
    assert_eq!((answer.status, answer.token().len()), (200, 86));
    assert!(answer.token().bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)));
    assert_eq!(
        (&answer.json()["token_type"], &answer.json()["expires_in"]),
        (&json!("bearer"), &json!(86_399))
    );
    assert_ne!(ask_token(&server).unwrap().token(), answer.token());
}

#[test]
fn the_log_has_the_exact_request_and_its_answer() {
    let server = LoginServer::start(Behaviour::default());
    let token = ask(&server, &token_request().replace("/oauth", "/gateway/prefix/oauth")).unwrap().token();
    let log = server.log();
    let [record] = log.as_slice() else { panic!("one request, not {log:?}") };
    assert_eq!((record.method.as_str(), record.path.as_str()), ("POST", "/gateway/prefix/oauth/token"));
    assert_eq!(record.header("Content-Type"), Some("application/x-www-form-urlencoded"));
    assert_eq!(record.body, "grant_type=client_credentials");
    assert_eq!((record.status, record.token.as_ref()), (Some(200), Some(&token)));
    assert!(record.at.elapsed() < Duration::from_secs(20));
    assert_eq!((server.token_requests(), server.tokens()), (1, vec![token]));
}

#[test]
fn wrong_credentials_are_invalid_client_with_a_correlation_id() {
    let server = LoginServer::start(Behaviour::default());
    for (id, secret, description) in
        [("nobody", CLIENT_SECRET, "client not found"), (CLIENT_ID, "wrong", "authentication failed")]
    {
        let answer = ask(&server, &token_request_as(id, secret)).unwrap();
        assert_eq!(answer.status, 400);
        assert_eq!(
            answer.json(),
            json!({"error": "invalid_client", "description": description, "error_description": description})
        );
        assert!(answer.header("inin-correlation-id").is_some());
    }
    server.add_client("nobody", "now somebody:with a colon");
    assert_eq!(ask(&server, &token_request_as("nobody", "now somebody:with a colon")).unwrap().status, 200);
    assert_eq!(server.token_requests(), 3);
}

#[test]
fn credentials_in_the_body_are_refused() {
    let server = LoginServer::start(Behaviour::default());
    let body = format!("grant_type=client_credentials&client_id={CLIENT_ID}&client_secret={CLIENT_SECRET}");
    let form = "content-type: application/x-www-form-urlencoded\r\n";
    let answer = ask(&server, &request("POST", "/oauth/token", form, &body)).unwrap();
    assert_eq!((answer.status, &answer.json()["error"]), (400, &json!("invalid_client")));
}

#[test]
fn the_fields_of_a_token_answer_are_as_told() {
    let told = |expires_in| Behaviour {
        expires_in,
        token_type: "MAC".to_owned(),
        scope: Some("users".to_owned()),
        token: Some("two\nlines".to_owned()),
        ..Behaviour::default()
    };
    let server = LoginServer::start(Behaviour::default());
    for (expires_in, seen) in [
        (ExpiresIn::Seconds(-1), json!(-1)),
        (ExpiresIn::Text("3600".to_owned()), json!("3600")),
        (ExpiresIn::Missing, Value::Null),
        (ExpiresIn::Raw(json!(1.5)), json!(1.5)),
    ] {
        server.set(told(expires_in));
        let answer = ask_token(&server).unwrap().json();
        assert_eq!(answer["expires_in"], seen);
        assert_eq!(answer.get("expires_in").is_none(), seen.is_null());
        assert_eq!((&answer["token_type"], &answer["scope"]), (&json!("MAC"), &json!("users")));
        assert_eq!(answer["access_token"], "two\nlines");
    }
}

#[test]
fn a_killed_token_is_refused_by_the_api_host() {
    let server = LoginServer::start(Behaviour::default());
    let tokens: Vec<String> = (0..3).map(|_| ask_token(&server).unwrap().token()).collect();
    assert_eq!(ask_me(&server, "HEAD", &tokens[0]).status, 200);
    assert_eq!(ask_me(&server, "GET", &tokens[0]).json()["OAuthClient"]["id"], CLIENT_ID);

    server.kill_token(&tokens[0]);
    assert_eq!(ask_me(&server, "HEAD", &tokens[0]).status, 401);
    assert_eq!(ask_me(&server, "GET", &tokens[0]).json()["code"], "bad.credentials");

    assert_eq!(ask_me(&server, "DELETE", &tokens[1]).status, 200);
    assert_eq!(ask_me(&server, "HEAD", &tokens[1]).status, 401);

    server.kill_all_tokens();
    assert_eq!(ask_me(&server, "HEAD", &tokens[2]).status, 401);
    assert_eq!((server.verify_requests(), server.tokens()), (6, tokens));
}

#[test]
fn the_api_host_can_be_told_to_be_unwell_and_slow() {
    let verify_delay = Duration::from_millis(200);
    let verify_answer = VerifyAnswer::Status(503);
    let server = LoginServer::start(Behaviour { verify_answer, verify_delay, ..Behaviour::default() });
    let start = Instant::now();
    assert_eq!(ask_me(&server, "HEAD", "any").status, 503);
    assert!(start.elapsed() >= verify_delay);
    assert_eq!(ask_token(&server).unwrap().status, 200);
}
