//! Many processes at once: one request, and an answer for every process.

use std::collections::BTreeSet;
use std::thread;
use std::time::Duration;

use genesys_token::cache::{FailureRecord, RecordClass};
use genesys_token::error::{Category, Error};
use genesys_token::random::SystemRandom;
use genesys_token::store::Lease;
use loopback_login_server::{Answer, Behaviour, BlackHole, CLIENT_ID, CLIENT_SECRET, ExpiresIn, refused_url};

use super::DAY;
use crate::harness::{Call, Done, Scene, entry, genesys_token, temporary_dir, together, together_exit};

const HERD: usize = 200;
/// The age of a token of a day that has ten minutes left: the middle of its advisory refresh window.
const REFRESH_DUE: Duration = Duration::from_mins(24 * 60 - 10);

fn delayed(delay: Duration) -> Behaviour {
    Behaviour { delay, ..Behaviour::default() }
}

/// Expects the answer of a process that could not refresh its token.
fn reusing_current(call: Call) -> Call {
    call.stdout("current\n").stderr("genesys-token: reused token of client 1111…5555 at HOST, * left*\n")
}

fn copies(count: usize, call: &Call) -> impl Iterator<Item = Call> {
    std::iter::repeat_n(call, count).cloned()
}

fn distinct(done: &[Done]) -> BTreeSet<&str> {
    done.iter().map(Done::token).collect()
}

/// The number of processes that say that they fetched their token for this reason.
fn fetched(done: &[Done], reason: &str) -> usize {
    let reason = format!(" left ({reason})");
    let lines = done.iter().map(|done| &done.stderr);
    lines.filter(|line| line.starts_with("genesys-token: fetched ") && line.contains(&reason)).count()
}

/// The number of processes that say that they could not refresh their token.
fn warned(done: &[Done]) -> usize {
    done.iter().filter(|done| done.stderr.contains("; warning: the token could not be refreshed, ")).count()
}

#[test]
fn two_hundred_cold_processes_make_one_request_and_share_its_token() {
    let scene = Scene::with(delayed(Duration::from_millis(100)));
    let done = together(copies(HERD, &scene.get().fetched_or_reused()));
    assert_eq!(distinct(&done).len(), 1);
    assert_eq!(fetched(&done, "no entry"), 1);
    assert_eq!(scene.server.token_requests(), 1);
}

#[test]
fn two_hundred_processes_with_a_wrong_secret_make_one_request_and_one_more_for_late_starters() {
    let scene = Scene::with(delayed(Duration::from_secs(6)));
    let refused = "genesys-token: error: the login server HOST refused client 1111…5555: \
        invalid_client\n  …\n";
    let call = scene.get().credential(CLIENT_ID, &"x".repeat(43)).stderr(refused);
    let done = together_exit(copies(HERD, &call), 4);
    let errors: BTreeSet<&str> = done.iter().map(|done| done.stderr.as_str()).collect();
    // A refusal answers those that started with its request. By the time of the second one, all have started.
    assert!(errors.len() <= 2, "one correlation id each: {errors:?}");
    assert_eq!(scene.server.token_requests(), errors.len());
}

/// By one rule for tokens and refusals: the client may have been put right since.
#[test]
fn a_refusal_that_was_requested_before_a_process_started_does_not_answer_it() {
    let scene = Scene::new();
    let store = entry::dir_store(&scene.cache());
    let cache = entry::cache(&store, &scene.server.login_url());
    let lock = cache.try_lock();
    assert!(matches!(lock, Lease::Held(_)), "{lock:?}");
    let requested_at = entry::now().minus(Duration::from_secs(5));
    let call = scene.get().fetched_or_reused();
    let done = thread::scope(|scope| {
        let process = scope.spawn(|| call.success());
        // It sees at least one of these while it waits for the lock.
        for _ in 0..100 {
            let answered_at = entry::now();
            let refused = FailureRecord {
                class: RecordClass::Refused,
                requested_at: Some(requested_at),
                answered_at,
                transport_id: None,
                not_before: answered_at,
                streak: 1,
                error: Error::new(Category::Rejected, "refused before"),
            };
            cache.put_failure(&refused, &SystemRandom::default()).expect("it can be put");
            thread::yield_now();
        }
        drop(lock);
        process.join().expect("it gets a token")
    });
    assert!(done.stderr.contains("fetched"), "{done:?}");
}

#[test]
fn two_hundred_rate_limited_processes_all_succeed_with_a_handful_of_requests() {
    let scene = Scene::answering(Answer::RateLimitedFor(Duration::from_secs(5)));
    let done = together(copies(HERD, &scene.get().fetched_or_reused()));
    assert_eq!(distinct(&done).len(), 1);
    assert_eq!(fetched(&done, "no entry"), 1);
    assert!(scene.server.token_requests() <= 5, "{}", scene.server.token_requests());
    let waits: Vec<&String> = done.iter().flat_map(|done| &done.waited_for).collect();
    // A process says what it waits for at that moment: at times it is another process's request.
    let is_limit = |what: &&&String| what.starts_with("the login server's rate limit, ");
    assert!(waits.iter().any(|what| is_limit(&what)), "they say what they wait for: {waits:?}");
}

#[test]
fn forty_forced_processes_share_one_fresh_token() {
    let scene = Scene::new();
    let old = scene.get().fetched("no entry").success();
    scene.server.set(delayed(Duration::from_secs(3)));
    let done = together(copies(40, &scene.get().args(["--force-refresh"]).fetched_or_reused()));
    assert_eq!(distinct(&done).len(), 1);
    assert!(!distinct(&done).contains(old.token()));
    assert_eq!(fetched(&done, "forced"), 1);
    assert_eq!(scene.server.token_requests(), 2);
}

#[test]
fn forced_calls_one_after_the_other_each_fetch() {
    let scene = Scene::new();
    let done = [(); 3].map(|()| scene.get().args(["--force-refresh"]).fetched("forced").success());
    assert_eq!(distinct(&done).len(), 3);
    assert_eq!(scene.server.token_requests(), 3);
}

#[test]
fn forty_processes_that_find_the_token_dead_share_one_new_one() {
    let scene = Scene::new();
    let old = scene.get().fetched("no entry").success();
    scene.server.kill_all_tokens();
    scene.server.set(delayed(Duration::from_secs(3)));
    let done = together(copies(40, &scene.get().args(["--verify"]).fetched_or_reused()));
    assert_eq!(distinct(&done).len(), 1);
    assert!(!distinct(&done).contains(old.token()));
    // A process that looked after the dead token was dropped found no entry.
    assert_eq!(fetched(&done, "not alive") + fetched(&done, "no entry"), 1);
    assert_eq!(scene.server.token_requests(), 2);
}

#[test]
fn a_server_that_hangs_up_in_the_advisory_window_gets_one_request_and_stops_no_process() {
    let scene = Scene::answering(Answer::CloseAtOnce);
    entry::put(&scene.cache(), &scene.server.login_url(), "current", REFRESH_DUE, DAY);
    let done = together(copies(HERD, &reusing_current(scene.get())));
    assert_eq!(scene.server.token_requests(), 1);
    assert!(warned(&done) >= 1, "the process that sent the request says so");
}

#[test]
fn an_unreachable_server_in_the_advisory_window_stops_no_process() {
    let (url, dir) = (refused_url(), temporary_dir());
    entry::put(dir.path(), &url, "current", REFRESH_DUE, DAY);
    let call = genesys_token().get().credential(CLIENT_ID, CLIENT_SECRET).cache(dir.path()).login_url(&url);
    let done = together(copies(HERD, &reusing_current(call)));
    assert!(warned(&done) >= 1, "the process that tried to connect says so");
}

#[test]
fn swallowed_packets_in_the_advisory_window_delay_one_process_only() {
    let (hole, dir) = (BlackHole::start(), temporary_dir());
    entry::put(dir.path(), &hole.url(), "current", REFRESH_DUE, DAY);
    let call = genesys_token().get().credential(CLIENT_ID, CLIENT_SECRET).cache(dir.path());
    let call = call.login_url(&hole.url());
    let done = together(copies(HERD, &reusing_current(call)));
    assert_eq!(hole.connections(), 1);
    assert!(warned(&done) >= 1, "the process that waited for an answer says so");
}

#[test]
fn one_process_in_the_advisory_window_refreshes_the_token_for_all_later_ones() {
    let scene = Scene::new();
    entry::put(&scene.cache(), &scene.server.login_url(), "current", REFRESH_DUE, DAY);
    let done = together(copies(40, &scene.get().fetched_or_reused()));
    let new = scene.server.tokens();
    assert_eq!(new.len(), 1);
    assert!(distinct(&done).is_subset(&BTreeSet::from(["current", &new[0]])));
    assert_eq!(scene.server.token_requests(), 1);
    assert_eq!(scene.get().reused().success().token(), new[0]);
}

#[test]
fn two_secrets_in_turn_each_keep_their_own_token() {
    let scene = Scene::new();
    let secrets = ["a".repeat(43), "b".repeat(43)];
    let get = |turn: usize| {
        let secret = &secrets[turn % 2];
        scene.server.add_client(CLIENT_ID, secret);
        let call = scene.get().credential(CLIENT_ID, secret);
        let call = if turn < 2 { call.fetched("no entry") } else { call.reused() };
        call.success().token().to_owned()
    };
    let tokens: Vec<String> = (0..6).map(get).collect();
    assert_eq!(tokens.iter().collect::<BTreeSet<_>>().len(), 2);
    assert_eq!((&tokens[0], &tokens[1]), (&tokens[4], &tokens[5]));
    assert_eq!(scene.server.token_requests(), 2);
}

#[test]
fn waiting_processes_do_not_queue_for_answers_that_can_not_be_cached() {
    let behaviour = Behaviour { expires_in: ExpiresIn::Missing, ..delayed(Duration::from_millis(500)) };
    let scene = Scene::with(behaviour);
    let call =
        scene.get().provided("fetched token of client 1111…5555 at HOST, of unknown lifetime (no entry)");
    let call = call.warns("the answer has no expires_in, so the token is not cached");
    let done = together(copies(20, &call));
    assert_eq!(distinct(&done).len(), 20);
    assert!(scene.server.max_in_flight() > 10, "they queue: {}", scene.server.max_in_flight());
}
