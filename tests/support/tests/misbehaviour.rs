//! Every kind of failing answer, as a client sees it.

#![allow(missing_docs)]

mod client;

use client::{connect, request_token, token_request};
use flate2::read::GzDecoder;
use loopback_login_server::{Answer, Behaviour, LoginServer};
use serde_json::{Value, json};
use std::io::{ErrorKind, Read, Write};
use std::thread;
use std::time::{Duration, Instant};

fn answering(answer: Answer) -> LoginServer {
    LoginServer::start(Behaviour::answering(answer))
}

#[test]
fn a_rate_limit_starts_with_its_first_request_and_ends() {
    let limit = Duration::from_millis(400);
    let server = answering(Answer::RateLimitedFor(limit));
    thread::sleep(limit);
    let refused = request_token(&server).unwrap();
    assert_eq!((refused.status, &refused.json()["error"]), (400, &json!("invalid_request")));
    assert!(refused.json()["description"].as_str().unwrap().starts_with("rate limit exceeded;"));
    thread::sleep(limit);
    assert_eq!(request_token(&server).unwrap().status, 200);
}

#[test]
fn a_new_behaviour_counts_its_failures_from_zero() {
    let server = answering(Answer::FailTimes(2, 503));
    let statuses = || [(); 3].map(|()| request_token(&server).unwrap().status);
    assert_eq!(statuses(), [503, 503, 200]);
    server.set(Behaviour::answering(Answer::FailTimes(1, 502)));
    assert_eq!(statuses(), [502, 200, 200]);
    assert_eq!(server.token_requests(), 6);
}

#[test]
fn a_configured_error_page_or_redirect_is_the_answer() {
    let server = answering(Answer::TooManyRequests { retry_after: Some("7".to_owned()) });
    let answer = request_token(&server).unwrap();
    assert_eq!((answer.status, answer.header("retry-after")), (429, Some("7")));

    server.set(Behaviour::answering(Answer::TooManyRequests { retry_after: None }));
    assert_eq!(request_token(&server).unwrap().header("retry-after"), None);

    server.set(Behaviour::answering(Answer::OAuthError {
        status: 401,
        error: "invalid_client".to_owned(),
        description: "as configured".to_owned(),
    }));
    let answer = request_token(&server).unwrap();
    assert_eq!((answer.status, &answer.json()["error_description"]), (401, &json!("as configured")));

    server.set(Behaviour::answering(Answer::Status(403, "<p>no</p>".to_owned(), "text/html".to_owned())));
    let answer = request_token(&server).unwrap();
    assert_eq!((answer.status, answer.body.as_slice()), (403, b"<p>no</p>".as_slice()));
    assert_eq!(answer.header("content-type"), Some("text/html"));

    server.set(Behaviour::answering(Answer::Redirect("http://elsewhere.example/".to_owned())));
    let answer = request_token(&server).unwrap();
    assert_eq!((answer.status, answer.header("location")), (307, Some("http://elsewhere.example/")));
}

#[test]
fn a_body_can_be_empty_huge_compressed_or_invalid_utf8() {
    let server = answering(Answer::EmptyBody);
    assert!(request_token(&server).unwrap().body.is_empty());

    server.set(Behaviour::answering(Answer::HugeBody(300_000)));
    let answer = request_token(&server).unwrap();
    assert!(answer.body.len() > 300_000);
    assert_eq!(answer.header("content-length"), None);

    server.set(Behaviour::answering(Answer::Gzip));
    let answer = request_token(&server).unwrap();
    assert_eq!(answer.header("content-encoding"), Some("gzip"));
    let decompressed: Value = serde_json::from_reader(GzDecoder::new(answer.body.as_slice())).unwrap();
    assert_eq!(decompressed["access_token"].as_str(), server.tokens().last().map(String::as_str));

    server.set(Behaviour::answering(Answer::InvalidUtf8));
    assert!(std::str::from_utf8(&request_token(&server).unwrap().body).is_err());
}

#[test]
fn a_connection_can_be_closed_halfway_or_at_once() {
    let server = answering(Answer::ClosedHalfway);
    let answer = request_token(&server).unwrap();
    let announced: usize = answer.header("content-length").unwrap().parse().unwrap();
    assert_eq!(answer.body.len(), announced / 2);

    server.set(Behaviour::answering(Answer::CloseAtOnce));
    assert_eq!(request_token(&server).err().unwrap().kind(), ErrorKind::UnexpectedEof);
    assert_eq!((server.token_requests(), server.log()[1].status), (2, None));
}

/// The bytes that arrive within `time`. The connection must still be open then.
fn received_within(time: Duration, server: &LoginServer) -> String {
    let mut stream = connect(&server.login_url()).unwrap();
    stream.write_all(token_request().as_bytes()).unwrap();
    let end = Instant::now() + time;
    let mut received = Vec::new();
    while let Some(left) = end.checked_duration_since(Instant::now()).filter(|left| !left.is_zero()) {
        stream.set_read_timeout(Some(left)).unwrap();
        let mut piece = [0; 1024];
        match stream.read(&mut piece) {
            Ok(0) => panic!("the server closed the connection"),
            Ok(length) => received.extend_from_slice(&piece[..length]),
            Err(error) => {
                assert!(matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut), "{error}");
            }
        }
    }
    String::from_utf8(received).unwrap()
}

#[test]
fn a_slow_drip_sends_single_bytes_and_never_ends() {
    let received = received_within(Duration::from_millis(900), &answering(Answer::SlowDrip));
    let (_, body) = received.split_once("\r\n\r\n").expect("a head");
    let bytes = body.matches("1\r\n").count();
    assert!((2..=6).contains(&bytes), "{bytes} bytes: {body:?}");
}

#[test]
fn a_swallowed_request_is_in_flight_until_its_client_leaves() {
    let server = answering(Answer::Swallow);
    assert_eq!(received_within(Duration::from_millis(300), &server), "");
    assert_eq!((server.token_requests(), server.max_in_flight(), server.log()[0].status), (1, 1, None));

    let deadline = Instant::now() + Duration::from_secs(20);
    while server.log()[0].ended.is_none() {
        assert!(Instant::now() < deadline, "the server does not notice that its client has left");
        thread::yield_now();
    }
    server.set(Behaviour::default());
    request_token(&server).unwrap();
    assert_eq!(server.max_in_flight(), 1);
}

#[test]
fn two_hundred_simultaneous_clients_get_their_answers() {
    let server = LoginServer::start(Behaviour { delay: Duration::from_secs(2), ..Behaviour::default() });
    let start = Instant::now();
    thread::scope(|scope| {
        let clients: Vec<_> =
            (0..200).map(|_| scope.spawn(|| request_token(&server).unwrap().status)).collect();
        assert!(clients.into_iter().all(|client| client.join().unwrap() == 200));
    });
    assert!(start.elapsed() >= Duration::from_secs(2));
    assert_eq!((server.token_requests(), server.max_in_flight(), server.tokens().len()), (200, 200, 200));
}

#[test]
fn a_dropped_server_refuses_connections() {
    let server = LoginServer::start(Behaviour::default());
    let url = server.login_url();
    request_token(&server).unwrap();
    drop(server);
    assert_eq!(connect(&url).err().unwrap().kind(), ErrorKind::ConnectionRefused);
}
