//! Many processes at once: one request, and everybody has his answer.

mod harness;

use std::collections::BTreeSet;
use std::time::Duration;

use harness::{Call, Done, cached, together};
use loopback_login_server::{Answer, Behaviour, BlackHole, CLIENT_ID, LoginServer, refused_url};
use tempfile::TempDir;

const HERD: usize = 200;
const DAY: Duration = Duration::from_secs(86_400);
/// The age of a token of a day that has ten minutes left: the middle of its soft margin.
const BEFORE_SOFT: Duration = Duration::from_secs(86_400 - 600);

fn taking(delay: Duration) -> Behaviour {
    Behaviour { delay, ..Behaviour::default() }
}

fn cache() -> TempDir {
    tempfile::tempdir().expect("a temporary directory")
}

fn distinct(done: &[Done]) -> BTreeSet<&str> {
    done.iter().map(Done::token).collect()
}

#[test]
fn two_hundred_cold_processes_make_one_request_and_share_its_token() {
    let (server, cache) = (LoginServer::start(taking(Duration::from_millis(100))), cache());
    let done = together((0..HERD).map(|_| Call::new("get", &server, cache.path())));
    assert_eq!(distinct(&done).len(), 1);
    assert_eq!(server.token_requests(), 1);
}

#[test]
fn two_hundred_processes_with_a_wrong_secret_make_one_request_and_share_its_refusal() {
    let (server, cache) = (LoginServer::start(taking(Duration::from_secs(6))), cache());
    let wrong = "x".repeat(43);
    let call = |_| Call::new("get", &server, cache.path()).credential(CLIENT_ID, &wrong);
    let done = together((0..HERD).map(call));
    assert!(done.iter().all(|done| done.code == 4), "{:?}", done.iter().find(|done| done.code != 4));
    assert_eq!(server.token_requests(), 1);
}

#[test]
fn two_hundred_rate_limited_processes_all_succeed_with_a_handful_of_requests() {
    let limited = Behaviour::answering(Answer::RateLimitedFor(Duration::from_secs(2)));
    let (server, cache) = (LoginServer::start(limited), cache());
    let done = together((0..HERD).map(|_| Call::new("get", &server, cache.path())));
    assert_eq!(distinct(&done).len(), 1);
    assert!(server.token_requests() <= 5, "{}", server.token_requests());
}

#[test]
fn forty_forced_processes_share_one_fresh_token() {
    let (server, cache) = (LoginServer::start(Behaviour::default()), cache());
    let old = Call::new("get", &server, cache.path()).run();
    server.set(taking(Duration::from_secs(3)));
    let done = together((0..40).map(|_| Call::new("get", &server, cache.path()).args(["--force-refresh"])));
    assert_eq!(distinct(&done).len(), 1);
    assert!(!distinct(&done).contains(old.token()));
    assert_eq!(server.token_requests(), 2);
}

#[test]
fn forced_calls_one_after_the_other_each_fetch() {
    let (server, cache) = (LoginServer::start(Behaviour::default()), cache());
    let forced = || Call::new("get", &server, cache.path()).args(["--force-refresh"]).run();
    let done = [forced(), forced(), forced()];
    assert_eq!(distinct(&done).len(), 3);
    assert_eq!(server.token_requests(), 3);
}

#[test]
fn forty_processes_that_find_the_token_dead_share_one_new_one() {
    let (server, cache) = (LoginServer::start(Behaviour::default()), cache());
    let old = Call::new("get", &server, cache.path()).run();
    server.kill_all_tokens();
    server.set(taking(Duration::from_secs(3)));
    let done = together((0..40).map(|_| Call::new("get", &server, cache.path()).args(["--verify"])));
    assert_eq!(distinct(&done).len(), 1);
    assert!(!distinct(&done).contains(old.token()));
    assert_eq!(server.token_requests(), 2);
}

#[test]
fn in_the_soft_margin_a_server_that_hangs_up_is_asked_once_and_stops_nobody() {
    let (server, cache) = (LoginServer::start(Behaviour::answering(Answer::CloseAtOnce)), cache());
    cached::put(&cached::store(cache.path(), &server.login_url()), "current", BEFORE_SOFT, DAY);
    let done = together((0..HERD).map(|_| Call::new("get", &server, cache.path())));
    assert_eq!(distinct(&done), BTreeSet::from(["current"]));
    assert_eq!(server.token_requests(), 1);
    let warned =
        done.iter().filter(|done| done.stderr.contains("warning: no new token could be had")).count();
    assert!(warned >= 1, "who tried says so");
}

#[test]
fn in_the_soft_margin_a_server_that_is_gone_stops_nobody() {
    let (url, cache) = (refused_url(), cache());
    cached::put(&cached::store(cache.path(), &url), "current", BEFORE_SOFT, DAY);
    let call = || Call::bare("get").credential(CLIENT_ID, loopback_login_server::CLIENT_SECRET);
    let done = together((0..HERD).map(|_| call().cache(cache.path()).login_url(&url)));
    assert_eq!(distinct(&done), BTreeSet::from(["current"]));
}

#[test]
fn in_the_soft_margin_swallowed_packets_delay_one_process_only() {
    let (hole, cache) = (BlackHole::start(), cache());
    cached::put(&cached::store(cache.path(), &hole.url()), "current", BEFORE_SOFT, DAY);
    let call = || Call::bare("get").credential(CLIENT_ID, loopback_login_server::CLIENT_SECRET);
    let done = together((0..HERD).map(|_| call().cache(cache.path()).login_url(&hole.url())));
    assert_eq!(distinct(&done), BTreeSet::from(["current"]));
    assert_eq!(hole.connections(), 1);
}

#[test]
fn in_the_soft_margin_one_process_renews_for_all_who_come_later() {
    let (server, cache) = (LoginServer::start(Behaviour::default()), cache());
    cached::put(&cached::store(cache.path(), &server.login_url()), "current", BEFORE_SOFT, DAY);
    let done = together((0..40).map(|_| Call::new("get", &server, cache.path())));
    assert!(distinct(&done).len() <= 2);
    assert_eq!(server.token_requests(), 1);
    let later = Call::new("get", &server, cache.path()).run();
    assert_eq!(server.tokens(), [later.token()]);
}

#[test]
fn two_secrets_in_turn_each_keep_their_own_token() {
    let (server, cache) = (LoginServer::start(Behaviour::default()), cache());
    let secrets = ["a".repeat(43), "b".repeat(43)];
    let ask = |secret: &str| {
        server.add_client(CLIENT_ID, secret);
        Call::new("get", &server, cache.path()).credential(CLIENT_ID, secret).run().token().to_owned()
    };
    let tokens: Vec<String> = (0..6).map(|turn| ask(&secrets[turn % 2])).collect();
    assert_eq!(tokens.iter().collect::<BTreeSet<_>>().len(), 2);
    assert_eq!((&tokens[0], &tokens[1]), (&tokens[4], &tokens[5]));
    assert_eq!(server.token_requests(), 2);
}

#[test]
fn answers_that_can_not_be_cached_release_the_waiters() {
    let behaviour = Behaviour {
        expires_in: loopback_login_server::ExpiresIn::Missing,
        ..taking(Duration::from_millis(500))
    };
    let (server, cache) = (LoginServer::start(behaviour), cache());
    let done = together((0..20).map(|_| Call::new("get", &server, cache.path())));
    assert_eq!(distinct(&done).len(), 20);
    assert!(server.max_in_flight() > 10, "they do not queue: {}", server.max_in_flight());
}
