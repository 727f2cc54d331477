//! A minimal HTTP client: one request on one connection, so that tests see every byte of the answer.

#![allow(dead_code, reason = "each test file uses its part of the client")]

use base64::prelude::{BASE64_STANDARD, Engine};
use loopback_login_server::{CLIENT_ID, CLIENT_SECRET, LoginServer};
use serde_json::Value;
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// Longer than any answer takes, so that a missing answer fails the test instead of hanging it.
const READ_TIMEOUT: Duration = Duration::from_secs(20);

/// An answer, byte for byte.
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("JSON")
    }

    pub fn token(&self) -> String {
        self.json()["access_token"].as_str().expect("a token").to_owned()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.head
            .lines()
            .filter_map(|line| line.split_once(": "))
            .find(|(key, _)| *key == name)
            .map(|(_, value)| value)
    }
}

pub fn connect(url: &str) -> io::Result<TcpStream> {
    let port = url.rsplit(':').next().expect("a port");
    let stream = TcpStream::connect(format!("127.0.0.1:{port}"))?;
    stream.set_read_timeout(Some(READ_TIMEOUT))?;
    Ok(stream)
}

/// Sends a request and reads until the server closes the connection.
pub fn exchange(mut stream: impl Read + Write, request: &str) -> io::Result<Answer> {
    stream.write_all(request.as_bytes())?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes)?;
    let end =
        bytes.windows(4).position(|window| window == b"\r\n\r\n").ok_or(io::ErrorKind::UnexpectedEof)?;
    let body = bytes.split_off(end + 4);
    let head = String::from_utf8(bytes).expect("a head is text");
    Ok(Answer { status: head[9..12].parse().expect("a status"), head, body })
}

pub fn request(method: &str, path: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "{method} {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n{headers}content-length: {length}\r\n\r\n{body}"
    )
}

pub fn token_request_as(id: &str, secret: &str) -> String {
    let credentials = BASE64_STANDARD.encode(format!("{id}:{secret}"));
    let headers =
        format!("authorization: Basic {credentials}\r\ncontent-type: application/x-www-form-urlencoded\r\n");
    request("POST", "/oauth/token", &headers, "grant_type=client_credentials")
}

pub fn token_request() -> String {
    token_request_as(CLIENT_ID, CLIENT_SECRET)
}

pub fn send(server: &LoginServer, request: &str) -> io::Result<Answer> {
    exchange(connect(&server.login_url())?, request)
}

pub fn request_token(server: &LoginServer) -> io::Result<Answer> {
    send(server, &token_request())
}

pub fn request_tokens_me(server: &LoginServer, method: &str, token: &str) -> Answer {
    send(server, &request(method, "/api/v2/tokens/me", &format!("authorization: Bearer {token}\r\n"), ""))
        .expect("an answer")
}
