//! The server as a program, and its control over HTTP.

#![allow(missing_docs)]

mod client;

use client::{Answer, connect, exchange, request, token_request};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};

struct Program {
    child: Child,
    /// The line of JSON that it prints.
    urls: Value,
}

impl Program {
    fn start(args: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_loopback-login-server"))
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Self { child, urls: serde_json::from_str(&line).unwrap() }
    }

    fn send(&self, request: &str) -> Answer {
        exchange(connect(self.urls["login_url"].as_str().unwrap()).unwrap(), request).unwrap()
    }

    fn control(&self, change: &Value) -> Answer {
        self.send(&request("POST", "/_control", "", &change.to_string()))
    }

    fn stop(mut self) -> ExitStatus {
        drop(self.child.stdin.take());
        self.child.wait().unwrap()
    }
}

#[test]
fn the_program_serves_requests_until_its_input_is_closed() {
    let program = Program::start(&["--expires-in", "60"]);
    let token = program.send(&token_request()).json();
    assert_eq!(token["expires_in"], 60);
    let status = program.send(&request("GET", "/_control", "", "")).json();
    let logged = json!({"method": "POST", "path": "/oauth/token", "body": "grant_type=client_credentials"});
    assert_eq!(
        status,
        json!({
            "token_requests": 1,
            "verify_requests": 0,
            "tokens": 1,
            "handed_out": [token["access_token"]],
            "log": [logged],
        })
    );
    assert!(program.stop().success());
}

#[test]
fn a_control_request_changes_the_named_fields_and_no_others() {
    let program = Program::start(&[]);
    let change =
        json!({"answer": "fail_times", "times": 1, "status": 503, "expires_in": "60", "delay_ms": 1});
    assert_eq!(program.control(&change).status, 200);
    // Killing tokens does not restart the count of failures.
    assert_eq!(program.send(&token_request()).status, 503);
    assert_eq!(program.control(&json!({"kill_all_tokens": true})).status, 200);
    assert_eq!(program.send(&token_request()).json()["expires_in"], "60");

    program.control(&json!({"answer": "oauth_error", "status": 400, "error": "invalid_client"}));
    assert_eq!(program.send(&token_request()).status, 400);
    program.control(&json!({"answer": "token"}));
    assert_eq!(program.send(&token_request()).json()["expires_in"], "60");
    program.control(&json!({"reset": true}));
    assert_eq!(program.send(&token_request()).json()["expires_in"], 86_399);
    program.stop();
}

#[test]
fn an_invalid_control_request_names_the_field_and_changes_nothing() {
    let program = Program::start(&[]);
    let token = program.send(&token_request()).token();
    for (change, problem) in [
        (json!({"answr": "token"}), "answr: unknown field"),
        (json!({"answer": "tokens"}), "tokens: unknown answer"),
        (json!({"answer": "fail_times", "times": 1}), "status: must be a number"),
        (json!({"status": 500}), "status: unknown field"),
        (json!({"kill_all_tokens": true, "nonsense": 1}), "nonsense: unknown field"),
        (json!({"delay_ms": "1"}), "delay_ms: must be a number"),
    ] {
        let answer = program.control(&change);
        assert_eq!((answer.status, &answer.json()["message"]), (400, &json!(problem)));
    }
    let verify = request("HEAD", "/api/v2/tokens/me", &format!("authorization: Bearer {token}\r\n"), "");
    assert_eq!((program.send(&verify).status, program.send(&token_request()).status), (200, 200));
    program.stop();
}

#[test]
fn the_flag_tls_adds_a_ca_file() {
    let program = Program::start(&["--tls"]);
    assert!(program.urls["login_url"].as_str().unwrap().starts_with("https://localhost:"));
    assert!(Path::new(program.urls["ca_file"].as_str().unwrap()).exists());
    program.stop();
}

#[test]
fn a_port_file_has_the_line_and_stdout_has_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("port.json");
    let run = Command::new(env!("CARGO_BIN_EXE_loopback-login-server"))
        .arg("--port-file")
        .arg(&file)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert!(run.status.success() && run.stdout.is_empty());
    let urls: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    assert_eq!((&urls["login_url"], &urls["ca_file"]), (&urls["api_url"], &Value::Null));
}

#[test]
fn an_unknown_flag_is_a_usage_error() {
    let program = Command::new(env!("CARGO_BIN_EXE_loopback-login-server")).arg("--tsl").output().unwrap();
    assert_eq!(program.status.code(), Some(2));
    assert!(String::from_utf8(program.stderr).unwrap().starts_with("--tsl: unknown argument"));
}
