//! Failures that may pass: they are retried.

use super::*;

#[test]
fn a_failure_that_passes_is_retried_until_there_is_a_token() {
    for code in [408, 425, 500, 502, 503, 504] {
        let scene = Scene::answering(Answer::FailTimes(2, code));
        let done = scene.get().args(["--timeout", "20s"]).fetched("no entry").success();
        assert_eq!(done.token(), scene.server.tokens()[0], "{code}");
        done.leaks_nothing(scene.server.tokens());
        assert_eq!(scene.server.token_requests(), 3);
    }
}

#[test]
fn a_failure_that_does_not_pass_is_an_error_at_the_deadline() {
    let long_page = format!("{PAGE}{}", "x".repeat(100_000));
    let rows = [
        (status(502, PAGE, HTML), "HTTP 502", true, true),
        (status(503, &long_page, HTML), "HTTP 503", true, true),
        (oauth(500, "server_error", "a reason"), "HTTP 500: server_error: a reason", true, true),
        (Answer::CloseAtOnce, "broke the connection", false, true),
        (Answer::ClosedHalfway, "broke the connection", false, true),
        (Answer::SlowDrip, "did not finish its answer in time", false, false),
        (Answer::Swallow, "did not answer in time", false, false),
    ];
    thread::scope(|scope| {
        for (answer, says, is_correlated, is_retried) in rows {
            scope.spawn(move || {
                let behaviour = Behaviour::answering(answer.clone());
                let (error, requests) = failed_within("2s", behaviour, Category::Unavailable);
                assert!(error.message.contains(says), "{says} is not in {error:?}");
                assert_eq!(requests > 1, is_retried, "{answer:?}: {requests} requests");
                if is_correlated {
                    assert_correlated(&error);
                }
            });
        }
    });
}

#[test]
fn a_token_of_which_half_arrived_is_not_shown() {
    let scene = Scene::answering(Answer::ClosedHalfway);
    let error = failed(&scene, scene.get().args(["--timeout", "1s"]), Category::Unavailable);
    assert!(!scene.server.tokens().is_empty());
    for token in scene.server.tokens() {
        assert!(!error.to_json().contains(&token[..20]), "{error:?}");
    }
}

/// The error of a call at this URL.
#[track_caller]
fn unavailable_at(url: &str) -> Error {
    let dir = temporary_dir();
    let call = genesys_token().get().credential(CLIENT_ID, CLIENT_SECRET).cache(dir.path());
    call.login_url(url).args(["--timeout", "1s"]).refused(Category::Unavailable)
}

#[test]
fn a_server_that_refuses_connections_is_an_error_that_names_what_to_check() {
    let error = unavailable_at(&refused_url());
    assert!(error.message.starts_with("cannot reach the login server http://127.0.0.1:"), "{error:?}");
    assert!(error.hint().contains("HTTPS_PROXY"), "{error:?}");
}

#[test]
fn a_server_that_never_answers_is_an_error_at_the_deadline() {
    let hole = BlackHole::start();
    let error = unavailable_at(&hole.url());
    assert_eq!(error.message, format!("the login server {} did not answer in time", hole.url()));
    assert_eq!(hole.connections(), 1);
}

#[test]
fn a_server_that_never_shakes_hands_is_an_error_at_the_deadline() {
    let hole = BlackHole::start();
    let error = unavailable_at(&hole.url().replace("http:", "https:"));
    let host = hole.url().replace("http://", "");
    assert_eq!(error.message, format!("the login server {host} did not answer in time"));
}

#[test]
fn a_server_that_answers_in_plain_http_on_its_tls_port_is_asked_again() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("https://localhost:{}", listener.local_addr().expect("an address").port());
    let connections = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let counter = std::sync::Arc::clone(&connections);
    // Ends with the process of the tests.
    thread::spawn(move || {
        for stream in listener.incoming() {
            use std::io::Write as _;
            counter.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            let _ =
                stream.and_then(|mut stream| stream.write_all(b"HTTP/1.1 503 Service Unavailable\r\n\r\n"));
        }
    });
    let call = genesys_token().verb("get").credential(CLIENT_ID, CLIENT_SECRET).login_url(&url);
    let error = call.args(["--timeout", "2s", "--no-cache"]).refused(Category::Unavailable);
    assert!(error.message.starts_with("TLS with the login server "), "{error:?}");
    assert!(connections.load(std::sync::atomic::Ordering::Relaxed) > 1, "it was not asked again");
}
