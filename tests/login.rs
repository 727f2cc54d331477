//! The login server: what it is asked, and everything that it can answer.

mod harness;

use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use genesys_token::error::{Category, Error};
use harness::refused::basic;
use harness::{Call, Done, PROGRAM, cached};
use loopback_login_server::{
    Answer, Behaviour, BlackHole, CLIENT_ID, CLIENT_SECRET, Certificate, ExpiresIn, LoginServer, Proxy,
    ProxyBehaviour, refused_url,
};
use tempfile::TempDir;

const JSON: &str = "application/json";
const HTML: &str = "text/html";
const PAGE: &str = "<!doctype html>\n<html><body>Sign in to the guest network</body></html>";
const CORRELATION: &str = "(ININ-Correlation-Id ";

fn cache() -> TempDir {
    tempfile::tempdir().expect("a temporary directory")
}

fn oauth(status: u16, error: &str, description: &str) -> Answer {
    Answer::OAuthError { status, error: error.to_owned(), description: description.to_owned() }
}

fn status(status: u16, body: &str, content_type: &str) -> Answer {
    Answer::Status(status, body.to_owned(), content_type.to_owned())
}

fn limited(retry_after: Option<&str>) -> Answer {
    Answer::TooManyRequests { retry_after: retry_after.map(str::to_owned) }
}

/// A call for a token whose error is to be read, with this deadline.
fn asking(server: &LoginServer, timeout: &str) -> Done {
    let cache = cache();
    let call = Call::new("get", server, cache.path()).args(["--error-format", "json", "--timeout", timeout]);
    let done = call.run();
    done.keeps_to_itself(server.tokens());
    done
}

/// What a call makes of a server that behaves like this, and how often it asks.
fn refusal(behaviour: Behaviour, timeout: &str) -> (Error, usize) {
    let server = LoginServer::start(behaviour);
    (asking(&server, timeout).refused(), server.token_requests())
}

/// Asserts that an answer is taken for what it is at once: the same question would get the same answer.
#[track_caller]
fn final_refusal(behaviour: Behaviour, category: Category, says: &str) -> Error {
    let (error, requests) = refusal(behaviour, "20s");
    assert_eq!(error.category, category, "{error:?}");
    assert!(error.message.contains(says), "{says} is not in {error:?}");
    assert_eq!(requests, 1, "{error:?}");
    error
}

#[track_caller]
fn assert_correlated(error: &Error) {
    let id = error.message.split_once(CORRELATION).and_then(|(_, rest)| rest.split_once(')'));
    assert!(id.is_some_and(|(id, _)| id.len() == 22), "no correlation id in {error:?}");
}

mod the_request {
    use super::*;

    fn record_of(call: Call, server: &LoginServer) -> loopback_login_server::Record {
        assert_eq!(call.run().token(), server.tokens()[0]);
        let mut log = server.log();
        assert_eq!(log.len(), 1, "{log:?}");
        log.remove(0)
    }

    #[test]
    fn is_the_client_credentials_grant_with_basic_authentication() {
        let (server, cache) = (LoginServer::start(Behaviour::default()), cache());
        let record = record_of(Call::new("get", &server, cache.path()), &server);
        assert_eq!((record.method.as_str(), record.path.as_str()), ("POST", "/oauth/token"));
        assert_eq!(record.body, "grant_type=client_credentials");
        let expected = [
            ("authorization", format!("Basic {}", basic())),
            ("content-type", "application/x-www-form-urlencoded".to_owned()),
            ("accept", "application/json".to_owned()),
            ("user-agent", concat!("genesys-token/", env!("CARGO_PKG_VERSION")).to_owned()),
            ("content-length", record.body.len().to_string()),
            ("host", server.login_url().trim_start_matches("http://").to_owned()),
        ];
        for (name, value) in &expected {
            let values: Vec<_> = record.headers.iter().filter(|(header, _)| header == name).collect();
            assert_eq!(values, [&((*name).to_owned(), value.clone())]);
        }
        assert_eq!(record.headers.len(), expected.len(), "nothing else goes along: {:?}", record.headers);
    }

    #[test]
    fn goes_below_the_prefix_of_the_login_url() {
        for url in ["/gateway/eu", "/gateway/eu/"] {
            let (server, cache) = (LoginServer::start(Behaviour::default()), cache());
            let call = Call::new("get", &server, cache.path()).login_url(&(server.login_url() + url));
            assert_eq!(record_of(call, &server).path, "/gateway/eu/oauth/token");
        }
    }

    #[test]
    fn names_each_scope_once_in_one_order_however_they_are_given() {
        let expected = "grant_type=client_credentials&scope=analytics+routing%3Areadonly";
        let spellings: [&[&str]; 3] = [
            &["--scope", "routing:readonly", "--scope", "analytics"],
            &["--scope", "analytics  routing:readonly analytics"],
            &["--scope=analytics", "--scope=routing:readonly"],
        ];
        for flags in spellings {
            let (server, cache) = (LoginServer::start(Behaviour::default()), cache());
            let call = Call::new("get", &server, cache.path()).args(flags);
            assert_eq!(record_of(call, &server).body, expected);
        }
        let (server, cache) = (LoginServer::start(Behaviour::default()), cache());
        let call = Call::new("get", &server, cache.path());
        let call = call.env("GENESYS_TOKEN_SCOPE", "routing:readonly analytics");
        assert_eq!(record_of(call, &server).body, expected);
    }

    #[test]
    fn has_no_scope_when_only_blanks_are_asked_for() {
        let (server, cache) = (LoginServer::start(Behaviour::default()), cache());
        let call = Call::new("get", &server, cache.path()).env("GENESYS_TOKEN_SCOPE", "  ");
        assert_eq!(record_of(call, &server).body, "grant_type=client_credentials");
    }
}

mod a_refusal {
    use super::*;

    #[test]
    fn of_the_client_names_region_default_and_usual_causes_for_either_status() {
        for code in [400, 401] {
            let answer = oauth(code, "invalid_client", "client not found: 4711");
            let error =
                final_refusal(Behaviour::answering(answer), Category::Rejected, "client not found: 4711");
            assert!(error.message.contains("invalid_client"), "{error:?}");
            assert!(error.message.contains("client 1111…5555"), "{error:?}");
            for words in ["us-east-1", "the default", "another region", "rotated", "swapped", "deleted"] {
                assert!(error.hint.contains(words), "{words} is not in {error:?}");
            }
            assert_correlated(&error);
        }
    }

    #[test]
    fn of_the_client_does_not_call_a_region_the_default_that_was_given() {
        let server = LoginServer::start(Behaviour::answering(oauth(401, "invalid_client", "")));
        let cache = cache();
        let call = Call::new("get", &server, cache.path()).args(["--region", "EU_CENTRAL_1"]);
        let error = call.args(["--error-format", "json"]).run().refused();
        assert!(error.hint.contains("eu-central-1, mypurecloud.de"), "{error:?}");
        assert!(!error.hint.contains("default"), "{error:?}");
    }

    #[test]
    fn says_what_else_looks_odd_about_the_credential() {
        let server = LoginServer::start(Behaviour::default());
        let cache = cache();
        let call = Call::new("get", &server, cache.path()).credential(CLIENT_SECRET, CLIENT_ID);
        let done = call.args(["--error-format", "json"]).run();
        done.keeps_to_itself([""; 0]);
        let error = done.refused();
        assert_eq!(error.category, Category::Rejected);
        assert!(error.hint.contains("look swapped"), "{error:?}");
    }

    #[test]
    fn in_oauth_json_is_rejected_with_a_remedy_of_its_own() {
        let rows = [
            (400, "invalid_scope", "leave the scope out"),
            (400, "unauthorized_client", "Client Credentials"),
            (403, "access_denied", "its roles"),
            (400, "invalid_request", "check the OAuth client"),
            (404, "unsupported_grant_type", "check the OAuth client"),
        ];
        for (code, error, remedy) in rows {
            let answer = oauth(code, error, "as told");
            let says = format!("{error}: as told");
            let error = final_refusal(Behaviour::answering(answer), Category::Rejected, &says);
            assert!(error.hint.contains(remedy), "{remedy} is not in {error:?}");
            assert_correlated(&error);
        }
    }

    #[test]
    fn without_an_oauth_error_in_json_is_no_refusal_of_the_client() {
        let rows = [
            status(401, PAGE, HTML),
            status(403, "", "text/plain"),
            status(404, r#"{"message":"not found","status":404}"#, JSON),
            status(400, r#"{"error":{"code":"invalid_client"}}"#, JSON),
            status(418, r#"["error"]"#, JSON),
        ];
        for answer in rows {
            let behaviour = Behaviour::answering(answer);
            let error = final_refusal(behaviour, Category::Unavailable, "without an OAuth error");
            assert_correlated(&error);
        }
    }

    #[test]
    fn is_cut_and_has_no_control_characters() {
        let text = format!("line one\nline two\u{1b}[31m {}", "x".repeat(2_000));
        let behaviour = Behaviour::answering(oauth(400, "invalid_grant", &text));
        let error = final_refusal(behaviour, Category::Rejected, "line one line two");
        assert!(!error.message.contains(char::is_control), "{error:?}");
        assert!(!error.message.contains(&"x".repeat(300)), "{error:?}");
    }
}

mod a_redirect {
    use super::*;

    #[test]
    fn is_not_followed_and_its_target_never_asked() {
        let target = LoginServer::start(Behaviour::default());
        let location = format!("{}/oauth/token?jsessionid=4711", target.login_url());
        let behaviour = Behaviour::answering(Answer::Redirect(location));
        let error =
            final_refusal(behaviour, Category::Unavailable, "HTTP 307, a redirect to http://127.0.0.1");
        assert!(!error.message.contains("4711"), "{error:?}");
        assert_eq!(target.log().len(), 0);
    }

    #[test]
    fn of_any_kind_and_without_a_target_is_an_error() {
        for code in [301, 302, 303, 308] {
            let behaviour = Behaviour::answering(status(code, "", HTML));
            let error = final_refusal(behaviour, Category::Unavailable, &format!("HTTP {code}, a redirect"));
            assert_correlated(&error);
        }
    }
}

mod an_answer_that_is_no_token {
    use super::*;

    #[test]
    fn is_told_by_what_it_is_and_not_asked_for_again() {
        let token = |token: &str| Behaviour { token: Some(token.to_owned()), ..Behaviour::default() };
        let rows = [
            (Behaviour::answering(status(200, PAGE, HTML)), "it is an HTML page"),
            (Behaviour::answering(status(200, "  \n", JSON)), "it is not JSON"),
            (Behaviour::answering(Answer::EmptyBody), "it is empty"),
            (Behaviour::answering(status(200, "{}", JSON)), "without an access_token"),
            (Behaviour::answering(status(200, r#"{"access_token":17}"#, JSON)), "without an access_token"),
            (Behaviour::answering(Answer::HugeBody(10_000_000)), "longer than 65536 bytes"),
            (Behaviour::answering(Answer::Gzip), "Content-Encoding gzip"),
            (Behaviour::answering(Answer::InvalidUtf8), "it is not JSON"),
            (token(""), "the access_token is empty"),
            (token("half-a-token\nother-half"), "at position 13"),
            (token("two tokens"), "at position 4"),
            (token("tökén"), "at position 2"),
            (token(&"x".repeat(17_000)), "longer than 16384 bytes"),
            (Behaviour { token_type: "mac".to_owned(), ..Behaviour::default() }, "'mac', not bearer"),
            (Behaviour { token_type: String::new(), ..Behaviour::default() }, "not bearer"),
        ];
        for (behaviour, says) in rows {
            final_refusal(behaviour, Category::Unavailable, says);
        }
    }

    #[test]
    fn carries_its_correlation_id_and_says_that_a_page_is_a_page() {
        let behaviour = Behaviour::answering(status(200, PAGE, HTML));
        let error = final_refusal(behaviour, Category::Unavailable, "HTTP 200, but not with a token");
        assert!(error.hint.contains("captive portal"), "{error:?}");
        assert_correlated(&error);
    }

    #[test]
    fn does_not_leave_the_refused_token_behind() {
        let token = "half-a-token\nother-half".to_owned();
        let (server, cache) =
            (LoginServer::start(Behaviour { token: Some(token), ..Behaviour::default() }), cache());
        let done = Call::new("get", &server, cache.path()).args(["-vv"]).run();
        assert_eq!((done.code, done.stdout.as_str()), (6, ""));
        done.keeps_to_itself(["half-a-token", "other-half"]);
    }

    #[test]
    fn is_not_one_whose_token_type_is_bearer_in_another_case() {
        for kind in ["Bearer", "BEARER", "bearer"] {
            let behaviour = Behaviour { token_type: kind.to_owned(), ..Behaviour::default() };
            let server = LoginServer::start(behaviour);
            assert_eq!(asking(&server, "20s").token(), server.tokens()[0]);
        }
    }
}

mod the_life_of_a_token {
    use super::*;

    /// Two calls, one after the other, of a server whose tokens live like this.
    fn twice(expires_in: ExpiresIn) -> (LoginServer, [Done; 2]) {
        let server = LoginServer::start(Behaviour { expires_in, ..Behaviour::default() });
        let cache = cache();
        let done = [(); 2].map(|()| Call::new("get", &server, cache.path()).args(["--format", "json"]).run());
        (server, done)
    }

    #[test]
    fn that_nobody_can_tell_is_no_reason_to_keep_the_token_back_but_to_cache_it_never() {
        let raw = |text: &str| ExpiresIn::Raw(serde_json::from_str(text).expect("JSON"));
        let rows = [
            (ExpiresIn::Missing, "the answer has no expires_in"),
            (raw("null"), "the answer has no expires_in"),
            (ExpiresIn::Seconds(0), "expires_in makes no sense"),
            (ExpiresIn::Seconds(-5), "expires_in makes no sense"),
            (ExpiresIn::Seconds(i64::MAX), "expires_in makes no sense"),
            (ExpiresIn::Text("tomorrow".to_owned()), "expires_in makes no sense"),
            (raw("[3600]"), "expires_in makes no sense"),
            (raw("1e300"), "expires_in makes no sense"),
        ];
        for (expires_in, says) in rows {
            let (server, done) = twice(expires_in);
            assert_eq!(server.token_requests(), 2, "{says}");
            for (done, token) in done.iter().zip(server.tokens()) {
                let json: serde_json::Value = serde_json::from_str(done.token()).expect("JSON");
                assert_eq!(json["access_token"], token.as_str());
                assert_eq!((&json["expires_in"], &json["expires_at"]), (&().into(), &().into()));
                assert!(done.stderr.contains(says), "{done:?}");
                assert!(done.stderr.contains("not cached"), "{done:?}");
                assert_eq!(done.stderr.lines().count(), 1, "{done:?}");
            }
        }
    }

    #[test]
    fn may_be_a_number_in_a_string() {
        let (server, done) = twice(ExpiresIn::Text("3600".to_owned()));
        assert_eq!(server.token_requests(), 1);
        let json: serde_json::Value = serde_json::from_str(done[0].token()).expect("JSON");
        assert!(json["expires_in"].as_u64().is_some_and(|left| (3_500..=3_600).contains(&left)), "{json}");
        assert!(!done[0].stderr.contains("expires_in"), "{done:?}");
    }

    #[test]
    fn shorter_than_asked_for_is_an_error_of_its_own_with_both_numbers() {
        let server =
            LoginServer::start(Behaviour { expires_in: ExpiresIn::Seconds(600), ..Behaviour::default() });
        let cache = cache();
        let call = Call::new("get", &server, cache.path()).args(["--min-ttl", "20m"]);
        let done = call.args(["--error-format", "json"]).run();
        done.keeps_to_itself(server.tokens());
        let error = done.refused();
        assert_eq!(error.category, Category::Lifetime);
        assert!(error.message.contains("20m 0s") && error.message.contains("10m 0s"), "{error:?}");
        assert_eq!(server.token_requests(), 1);
    }
}

mod granted_scopes {
    use super::*;

    fn granting(scope: &str) -> (LoginServer, Done) {
        let server = LoginServer::start(Behaviour { scope: Some(scope.to_owned()), ..Behaviour::default() });
        let cache = cache();
        let call = Call::new("get", &server, cache.path()).args(["--scope", "analytics routing:readonly"]);
        let done = call.args(["--format", "json"]).run();
        (server, done)
    }

    #[test]
    fn narrower_than_asked_for_are_a_warning_with_the_difference() {
        let (_server, done) = granting("analytics");
        let json: serde_json::Value = serde_json::from_str(done.token()).expect("JSON");
        assert_eq!(json["scope"], "analytics");
        assert!(done.stderr.contains("not granted of the scopes asked for: routing:readonly"), "{done:?}");
        assert_eq!(done.stderr.lines().count(), 1, "{done:?}");
    }

    #[test]
    fn that_cover_what_was_asked_for_are_no_warning() {
        let (_server, done) = granting("routing architect analytics");
        assert_eq!(done.code, 0);
        assert!(!done.stderr.contains("granted"), "{done:?}");
    }

    #[test]
    fn too_long_for_the_cache_are_left_out_and_the_token_is_cached() {
        let scope = Some("a".repeat(65_200));
        let (server, cache) = (LoginServer::start(Behaviour { scope, ..Behaviour::default() }), cache());
        let done = Call::new("get", &server, cache.path()).run();
        assert_eq!(done.token(), server.tokens()[0]);
        assert!(done.stderr.contains("the answer's scope makes no sense, so it is left out"), "{done:?}");
        assert!(done.stderr.len() < 500, "{done:?}");
        let again = Call::new("get", &server, cache.path()).run();
        assert_eq!((again.token(), server.token_requests()), (server.tokens()[0].as_str(), 1));
    }
}

mod a_rate_limit {
    use super::*;

    /// The error of a call whose deadline comes before the end of this limit.
    #[track_caller]
    fn ended_by(answer: Answer, timeout: &str) -> (Error, usize) {
        let (error, requests) = refusal(Behaviour::answering(answer), timeout);
        assert_eq!(error.category, Category::RateLimited, "{error:?}");
        assert!(error.message.contains("asked too often"), "{error:?}");
        assert_correlated(&error);
        (error, requests)
    }

    #[test]
    fn beyond_the_deadline_is_an_error_at_once_with_the_time_to_wait() {
        let (error, requests) = ended_by(limited(Some("90")), "20s");
        assert!(error.retry_after.is_some_and(|wait| (60..=90).contains(&wait)), "{error:?}");
        assert_eq!(requests, 1);
    }

    #[test]
    fn may_be_told_as_a_date() {
        let date = httpdate::fmt_http_date(SystemTime::now() + Duration::from_secs(90));
        let (error, requests) = ended_by(limited(Some(&date)), "20s");
        assert!(error.retry_after.is_some_and(|wait| (60..=90).contains(&wait)), "{error:?}");
        assert_eq!(requests, 1);
    }

    #[test]
    fn of_an_absurd_length_counts_as_three_minutes() {
        for absurd in ["86400", "99999999999999999999999", "Fri, 31 Dec 9999 23:59:59 GMT"] {
            let (error, requests) = ended_by(limited(Some(absurd)), "20s");
            assert!(error.retry_after.is_some_and(|wait| (150..=180).contains(&wait)), "{absurd}: {error:?}");
            assert_eq!(requests, 1);
        }
    }

    #[test]
    fn without_a_readable_time_is_waited_for_until_the_deadline() {
        let rows = [None, Some("soon"), Some("-5"), Some("0"), Some("Thu, 01 Jan 1970 00:00:00 GMT")];
        thread::scope(|scope| {
            for retry_after in rows {
                scope.spawn(move || {
                    let (error, _) = ended_by(limited(retry_after), "1s");
                    assert!(error.retry_after.is_some_and(|wait| wait <= 5), "{retry_after:?}: {error:?}");
                });
            }
        });
    }

    #[test]
    fn is_also_genesys_own_invalid_request_and_nothing_else_of_that_name() {
        let description = "Rate limit exceeded; too many token requests, try again in a minute";
        ended_by(oauth(400, "invalid_request", description), "1s");
        for (error, description) in
            [("invalid_request", "no rate limit exceeded"), ("invalid_client", "rate limit exceeded")]
        {
            let answer = oauth(400, error, description);
            final_refusal(Behaviour::answering(answer), Category::Rejected, description);
        }
    }

    #[test]
    fn that_ends_before_the_deadline_is_waited_for() {
        let server = LoginServer::start(Behaviour::answering(limited(Some("1"))));
        let cache = cache();
        let child = Call::new("get", &server, cache.path()).start();
        while server.log().last().is_none_or(|record| record.status.is_none()) {
            thread::yield_now();
        }
        server.set(Behaviour::default());
        let done = Done::from(child.wait_with_output().expect("the program ends"));
        assert_eq!(done.token(), server.tokens()[0]);
        assert_eq!(server.token_requests(), 2);
    }
}

mod a_failure_that_may_pass {
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
        let Some(done) = without_a_name_server("127.0.0.77", call.args(["--timeout", "1s", "--no-cache"]))
        else {
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
}

mod a_certificate {
    use super::*;

    fn call(server: &LoginServer, ca_file: Option<PathBuf>) -> Done {
        let cache = cache();
        let mut call = Call::new("get", server, cache.path()).without("GENESYS_TOKEN_CA_CERT");
        if let Some(file) = ca_file {
            call = call.env("GENESYS_TOKEN_CA_CERT", file);
        }
        let done = call.args(["--error-format", "json"]).run();
        done.keeps_to_itself(server.tokens());
        done
    }

    #[test]
    fn of_the_given_authority_is_trusted() {
        let server = LoginServer::start_tls(Behaviour::default(), Certificate::Good);
        assert_eq!(call(&server, Some(server.ca_file())).token(), server.tokens()[0]);
    }

    #[test]
    fn may_be_trusted_by_flag_or_by_the_variable_that_curl_reads() {
        let server = LoginServer::start_tls(Behaviour::default(), Certificate::Good);
        let cache = cache();
        let new = || {
            Call::new("get", &server, cache.path()).without("GENESYS_TOKEN_CA_CERT").args(["--force-refresh"])
        };
        let flag = new().args(["--ca-cert".into(), server.ca_file().into_os_string()]).run();
        let variable = new().env("SSL_CERT_FILE", server.ca_file()).run();
        assert_eq!([flag.token(), variable.token()], server.tokens()[..]);
    }

    #[test]
    fn that_does_not_hold_is_final_and_the_credential_never_sent() {
        let stranger = LoginServer::start_tls(Behaviour::default(), Certificate::Good);
        let start = |certificate| LoginServer::start_tls(Behaviour::default(), certificate);
        let own = |server: LoginServer| (Some(server.ca_file()), server);
        let rows = [
            ("expired", own(start(Certificate::Expired))),
            ("UnknownIssuer", own(start(Certificate::SelfSigned))),
            ("not valid for name", own(start(Certificate::WrongHost))),
            ("BadSignature", (Some(stranger.ca_file()), start(Certificate::Good))),
        ];
        for (says, (ca_file, server)) in rows {
            let error = call(&server, ca_file).refused();
            assert_eq!(error.category, Category::Unavailable);
            assert!(error.message.contains("cannot trust the login server"), "{error:?}");
            assert!(error.message.contains(says), "{says} is not in {error:?}");
            assert!(error.hint.contains("--ca-cert"), "{error:?}");
            assert_eq!(server.log().len(), 0);
        }
    }

    #[test]
    fn of_an_authority_that_the_system_does_not_know_is_not_trusted() {
        let server = LoginServer::start_tls(Behaviour::default(), Certificate::Good);
        let error = call(&server, None).refused();
        assert_eq!(error.category, Category::Unavailable);
        assert!(error.hint.contains("--ca-cert"), "{error:?}");
        assert_eq!(server.log().len(), 0);
    }

    #[test]
    fn is_not_expected_of_a_server_that_speaks_plain_http() {
        let server = LoginServer::start(Behaviour::default());
        let stranger = LoginServer::start_tls(Behaviour::default(), Certificate::Good);
        let cache = cache();
        let call = Call::new("get", &server, cache.path());
        let call = call.login_url(&server.login_url().replace("http:", "https:"));
        let done =
            call.env("GENESYS_TOKEN_CA_CERT", stranger.ca_file()).args(["--error-format", "json"]).run();
        let error = done.refused();
        assert_eq!(error.category, Category::Unavailable);
        assert!(error.hint.contains("does not speak TLS"), "{error:?}");
    }

    #[test]
    fn file_that_is_none_is_a_usage_error() {
        let server = LoginServer::start_tls(Behaviour::default(), Certificate::Good);
        for path in ["/nonexistent/ca.pem", PROGRAM] {
            let error = call(&server, Some(path.into())).refused();
            assert_eq!(error.category, Category::Usage);
            assert!(error.message.contains(path), "{error:?}");
        }
    }
}

mod a_proxy {
    use super::*;

    fn tls() -> LoginServer {
        LoginServer::start_tls(Behaviour::default(), Certificate::Good)
    }

    fn through(proxy: &str, server: &LoginServer, except: &str) -> Done {
        let cache = cache();
        let call = Call::new("get", server, cache.path()).env("HTTPS_PROXY", proxy).env("NO_PROXY", except);
        let done = call.args(["--error-format", "json"]).run();
        done.keeps_to_itself(server.tokens());
        done
    }

    fn host(server: &LoginServer) -> String {
        server.login_url().split("://").nth(1).expect("a URL has a host").to_owned()
    }

    #[test]
    fn is_a_tunnel_to_the_login_server() {
        let (server, proxy) = (tls(), Proxy::start(ProxyBehaviour::Forward));
        assert_eq!(through(&proxy.url(), &server, "").token(), server.tokens()[0]);
        assert_eq!(proxy.connects(), [host(&server)]);
    }

    #[test]
    fn that_wants_a_login_is_an_error_that_says_so_at_once() {
        let (server, proxy) = (tls(), Proxy::start(ProxyBehaviour::Refuse407));
        let error = through(&proxy.url(), &server, "").refused();
        assert_eq!(error.category, Category::Unavailable);
        assert!(error.message.contains("HTTP 407"), "{error:?}");
        assert!(error.hint.contains("HTTPS_PROXY"), "{error:?}");
        assert_eq!((proxy.connects().len(), server.log().len()), (1, 0));
    }

    #[test]
    fn gets_the_login_of_its_url_and_no_error_ever_does() {
        let (server, proxy) = (tls(), Proxy::start(ProxyBehaviour::Forward));
        let with_login = |proxy: &Proxy| proxy.url().replace("://", "://user:proxy-pass@");
        assert_eq!(through(&with_login(&proxy), &server, "").token(), server.tokens()[0]);
        assert_eq!(proxy.authorizations(), [Some("Basic dXNlcjpwcm94eS1wYXNz".to_owned())]);

        let refusing = Proxy::start(ProxyBehaviour::Refuse407);
        let dead = refused_url().replace("://", "://user:proxy-pass@");
        for (proxy, timeout) in
            [(with_login(&refusing), "20s"), (dead, "1s"), ("http://[:proxy-pass@".to_owned(), "1s")]
        {
            let cache = cache();
            let call = Call::new("get", &server, cache.path()).env("HTTPS_PROXY", proxy);
            let done = call.args(["--error-format", "json", "--timeout", timeout]).run();
            done.keeps_to_itself(["proxy-pass", "user:proxy-pass"]);
            done.refused();
        }
    }

    #[test]
    fn that_is_not_spoken_is_an_error_and_never_gone_around() {
        for proxy in ["socks5://127.0.0.1:1080", "nonsense://x", "ftp://proxy.example"] {
            let server = tls();
            let error = through(proxy, &server, "").refused();
            assert_eq!(error.category, Category::Usage, "{proxy}");
            assert!(error.message.contains("HTTPS_PROXY is not the URL of an HTTP proxy"), "{error:?}");
            assert_eq!(server.log().len(), 0, "{proxy}");
        }
    }

    #[test]
    fn may_be_named_without_a_scheme() {
        let (server, proxy) = (tls(), Proxy::start(ProxyBehaviour::Forward));
        let bare = proxy.url().replace("http://", "");
        assert_eq!(through(&bare, &server, "").token(), server.tokens()[0]);
        assert_eq!(proxy.connects(), [host(&server)]);
    }

    #[test]
    fn is_left_out_for_the_hosts_of_no_proxy() {
        for except in ["localhost", "example.com, localhost", "*"] {
            let (server, proxy) = (tls(), Proxy::start(ProxyBehaviour::Refuse407));
            assert_eq!(through(&proxy.url(), &server, except).token(), server.tokens()[0], "{except}");
            assert_eq!(proxy.connects().len(), 0);
        }
        let (server, proxy) = (tls(), Proxy::start(ProxyBehaviour::Forward));
        assert_eq!(through(&proxy.url(), &server, "elsewhere.example").token(), server.tokens()[0]);
        assert_eq!(proxy.connects().len(), 1);
    }

    #[test]
    fn is_read_as_curl_does_and_never_for_plain_http() {
        let (https, http) = (tls(), LoginServer::start(Behaviour::default()));
        let rows = [
            (&https, "https_proxy", true),
            (&https, "ALL_PROXY", true),
            (&https, "all_proxy", true),
            (&https, "http_proxy", false),
            (&http, "http_proxy", false),
            (&http, "all_proxy", false),
            (&http, "HTTP_PROXY", false),
            (&http, "HTTPS_PROXY", false),
        ];
        for (server, variable, used) in rows {
            let (proxy, cache) = (Proxy::start(ProxyBehaviour::Forward), cache());
            let call = Call::new("get", server, cache.path()).env(variable, proxy.url());
            assert_eq!(Some(call.run().token()), server.tokens().last().map(String::as_str), "{variable}");
            assert_eq!(proxy.connects().len(), usize::from(used), "{variable}");
        }
    }
}
