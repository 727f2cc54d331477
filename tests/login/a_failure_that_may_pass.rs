//! What is tried again.

use super::*;

#[test]
fn is_tried_again_until_there_is_a_token() {
    for code in [408, 425, 500, 502, 503, 504] {
        let server = LoginServer::start(Behaviour::answering(Answer::FailTimes(2, code)));
        let done = asking(&server, "20s");
        assert_eq!(done.stdout.trim_end(), server.tokens()[0], "{code}: {done:?}");
        assert_eq!(server.token_requests(), 3);
    }
}

#[test]
fn is_tried_again_until_the_deadline_and_then_told() {
    let long_page = format!("{PAGE}{}", "x".repeat(100_000));
    let rows = [
        (status(502, PAGE, HTML), "HTTP 502", true, true),
        (status(503, &long_page, HTML), "HTTP 503", true, true),
        (oauth(500, "server_error", "as told"), "HTTP 500: server_error: as told", true, true),
        (Answer::CloseAtOnce, "broke the connection", false, true),
        (Answer::ClosedHalfway, "", false, true),
        (Answer::SlowDrip, "in time", false, false),
        (Answer::Swallow, "did not answer in time", false, false),
    ];
    thread::scope(|scope| {
        for (answer, says, correlated, again) in rows {
            scope.spawn(move || {
                let (error, requests) = refusal(Behaviour::answering(answer.clone()), "2s");
                assert_eq!(error.category, Category::Unavailable, "{answer:?}: {error:?}");
                assert!(error.message.contains(says), "{says} is not in {error:?}");
                assert_eq!(requests > 1, again, "{answer:?}: {requests} requests");
                if correlated {
                    assert_correlated(&error);
                }
            });
        }
    });
}

#[test]
fn does_not_show_a_token_that_came_in_half() {
    let server = LoginServer::start(Behaviour::answering(Answer::ClosedHalfway));
    let done = asking(&server, "1s");
    for token in server.tokens() {
        assert!(!done.stderr.contains(&token[..20]), "{done:?}");
    }
}

#[test]
fn is_a_server_that_refuses_connections() {
    let error = elsewhere(&refused_url());
    assert!(error.message.contains("cannot reach the login server"), "{error:?}");
    assert!(error.hint.contains("HTTPS_PROXY"), "{error:?}");
}

#[test]
fn is_a_host_that_swallows_everything() {
    let hole = BlackHole::start();
    let error = elsewhere(&hole.url());
    assert!(error.message.contains("did not answer in time"), "{error:?}");
    assert_eq!(hole.connections(), 1);
}

#[test]
fn is_a_host_that_never_shakes_hands() {
    let hole = BlackHole::start();
    let error = elsewhere(&hole.url().replace("http:", "https:"));
    assert!(error.message.contains("did not answer in time"), "{error:?}");
}

#[cfg(target_os = "linux")]
#[test]
fn is_a_name_that_the_name_server_never_answers() {
    let login = "https://login.example.com";
    let call = Call::bare("get").credential(CLIENT_ID, CLIENT_SECRET).login_url(login);
    let before = Instant::now();
    let Some(done) = without_a_name_server("127.0.0.77", call.args(["--timeout", "1s", "--no-cache"])) else {
        return;
    };
    assert_eq!(done.code, 6, "{done:?}");
    assert!(done.stderr.contains("did not answer in time"), "{done:?}");
    // Not a measure of speed: the resolver itself would go on for minutes.
    assert!(before.elapsed() < Duration::from_secs(20), "{:?}", before.elapsed());
}

#[test]
fn is_none_of_the_login_server_s_when_the_name_of_the_api_host_is_never_answered() {
    let (server, cache) = (LoginServer::start(Behaviour::default()), cache());
    // In its soft margin: it is asked about, and then renewed.
    let whole = Duration::from_secs(86_400);
    let age = whole.saturating_sub(Duration::from_secs(600));
    cached::put(&cached::store(cache.path(), &server.login_url()), "old-token", age, whole);
    let call = Call::new("get", &server, cache.path());
    let call = call.env("GENESYS_TOKEN_API_URL", "https://api.example.com").args(["--verify"]);
    let Some(done) = without_a_name_server("127.0.0.78", call) else { return };
    assert_eq!(done.token(), server.tokens()[0], "{done:?}");
    assert!(done.stderr.contains("cannot tell whether the token is alive"), "{done:?}");
}

/// Runs the call where the name server, at `address`, never answers: as root alone, and in a mount namespace of
/// its own, since the name server is in a file that no variable moves.
fn without_a_name_server(address: &str, call: Call) -> Option<Done> {
    let _silent = std::net::UdpSocket::bind((address, 53)).ok()?;
    let dir = cache();
    let resolver = dir.path().join("resolv.conf");
    std::fs::write(&resolver, format!("nameserver {address}\noptions timeout:30 attempts:5\n")).unwrap();
    let script = "mount --bind \"$RESOLVER\" /etc/resolv.conf && exec \"$@\"";
    let call = call.env("RESOLVER", &resolver).under(["unshare", "--mount", "sh", "-c", script, "sh"]);
    Some(call.run())
}

/// The error of a call that goes to this URL.
fn elsewhere(url: &str) -> Error {
    let cache = cache();
    let call = Call::bare("get").credential(CLIENT_ID, CLIENT_SECRET).cache(cache.path()).login_url(url);
    let done = call.args(["--timeout", "1s", "--error-format", "json"]).run();
    done.keeps_to_itself([""; 0]);
    let error = done.refused();
    assert_eq!(error.category, Category::Unavailable);
    error
}
