//! What `-v` and `-vv` add: the end of each request, and every decision with its reason.

use std::time::Duration;

use loopback_login_server::{Answer, Behaviour, Certificate, LoginServer, Proxy, ProxyBehaviour};

use crate::harness::clock::FakeClock;
use crate::harness::{Scene, entry};
use crate::limit_requests;
use crate::said::{Said, said, said_in_lines};

const DAY: Duration = Duration::from_hours(24);

fn lines(words: &[&str]) -> String {
    words.iter().flat_map(|words| ["genesys-token: ", words, "\n"]).collect()
}

#[test]
fn a_verbose_call_says_how_each_request_ended_and_how_long_it_took() {
    let scene = Scene::answering(Answer::FailTimes(1, 503));
    let expected = lines(&[
        "attempt 1 failed after *s: the login server HOST answered HTTP 503*",
        "attempt 2 brought a token in *s",
        "fetched token of client 1111…5555 at HOST, * left (no entry)",
    ]);
    scene.get().arg("-v").prints_token().stderr(expected).success();
}

#[test]
fn a_call_that_says_everything_names_each_decision_with_its_reason() {
    let scene = Scene::new();
    let entry = "cache: entry */cache/*.token";
    let fetch = [
        "lock: this process holds that of the cache entry",
        "request: attempt 1 for a token (*), at most 30s",
        "host: HOST, without a proxy",
        "attempt 1 brought a token in *s",
        "fetched token of client 1111…5555 at HOST, * left (*)",
    ];
    let get = |args: &[&str], first: &[&str], rest: &[&str]| {
        let call = scene.get().arg("-vv").args(args).prints_token();
        call.stderr(lines(&[first, rest].concat())).success();
    };
    get(&[], &[entry, "cache: it has no token"], &fetch);
    let reused = ["reused token of client 1111…5555 at HOST, * left"];
    get(&[], &[entry, "cache: its token, which ends at *Z, is fresh"], &reused);
    let alive = ["host: HOST, without a proxy", "liveness: the API host takes the token"];
    let fresh = "cache: its token, which ends at *Z, is fresh";
    get(&["--verify"], &[&[entry], &alive[..], &[fresh]].concat(), &reused);
    let old = "cache: its token, which ends at *Z, is older than this call, which wants a new one";
    get(&["--force-refresh"], &[entry, old], &fetch);
    let [_, without_lock @ ..] = fetch;
    let none = ["cache: none is used", "lock: the request goes without"];
    get(&["--no-cache"], &none, &without_lock);
}

#[test]
fn each_refresh_window_is_a_reason() {
    let scene = Scene::new();
    let left = |minutes: u64, is: &str| {
        let age = DAY.saturating_sub(Duration::from_secs(minutes * 60));
        entry::put(&scene.cache(), &scene.server.login_url(), "old", age, DAY);
        let done = scene.get().arg("-vv").any_stdout().any_stderr().success();
        assert!(done.stderr.contains(&format!("Z, is {is}\n")), "{done:?}");
    };
    left(10, "in its advisory refresh window");
    left(3, "in its mandatory refresh window");
    left(0, "expired");
}

/// The texts of a call by a clock that stands still unless the call sleeps.
fn texts(said: &[Said]) -> Vec<&str> {
    said.iter().map(|said| said.text.trim_end()).collect()
}

#[test]
fn a_decision_that_stands_is_said_once_however_often_it_is_made() {
    let (scene, clock) = (Scene::new(), FakeClock::new());
    limit_requests(&scene, &clock, Duration::from_secs(30));
    let said = said_in_lines(&scene.get().arg("-vv"), &clock);
    let texts = texts(&said);
    let count = |part: &str| texts.iter().filter(|text| text.contains(part)).count();
    assert_eq!(count("cache: it has no token"), 1, "{texts:#?}");
    assert_eq!(
        count("failure: the last one is a rate limit until 2027-01-15T08:00:30.000Z: no"),
        1,
        "{texts:#?}"
    );
}

#[test]
fn a_limit_beyond_the_deadline_is_the_reason_of_the_end() {
    let (scene, clock) = (Scene::new(), FakeClock::new());
    limit_requests(&scene, &clock, Duration::from_secs(90));
    let said = said(&scene.get().arg("-vv"), &clock, false, 5);
    let texts = texts(&said);
    let reason = texts.iter().find(|text| text.contains("failure: ")).expect("a reason");
    assert!(reason.ends_with("it ends too late for this call"), "{texts:#?}");
}

#[test]
fn the_host_is_named_with_its_address_and_with_the_proxy_before_it() {
    let scene = Scene::of(LoginServer::start_tls(Behaviour::default(), Certificate::Good));
    let proxy = Proxy::start(ProxyBehaviour::Forward);
    let done = scene.get().arg("-vv").any_stderr().prints_token().success();
    assert!(done.stderr.contains("genesys-token: host: localhost:"), "{done:?}");
    assert!(done.stderr.contains("genesys-token: address: localhost is at "), "{done:?}");
    let host = proxy.url().replace("http://", "");
    let url = format!("http://user:open-sesame-0123456789@{host}");
    let call = scene.get().args(["-vv", "--force-refresh"]).env("HTTPS_PROXY", url);
    let done = call.any_stderr().prints_token().success();
    let through = format!(", through the proxy {host} (HTTPS_PROXY)\n");
    assert!(done.stderr.contains(&through), "{done:?}");
    done.leaks_nothing(["open-sesame-0123456789"]);
}
