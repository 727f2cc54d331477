//! Answers of the login server that the cache has no room for, by a limit on file sizes.
//!
//! A call that can't record its answer leaves nothing: what it could leave on a full disk could be anybody's. So the
//! calls that wait for the answer take the lock in turn, and each sends a request of its own.

use std::fs;
use std::time::Duration;

use loopback_login_server::{Answer, Behaviour};

use crate::harness::{Call, entry, together_exit};
use crate::scene::Scene;
use crate::seen::Seen;
use crate::table::{check, row};

const CALLERS: usize = 20;
const DELAY: Duration = Duration::from_millis(50);

#[test]
fn an_answer_that_cannot_be_recorded_makes_every_call_send_its_own_request() {
    check(
        "unrecorded",
        &[
            row("twenty cold calls at once", with_a_token()),
            row("the same, and the login server refuses the client", refused()),
            row("the same, and the login server limits requests", rate_limited()),
            row("a call in the advisory refresh window, and the login server answers HTTP 503", refresh()),
        ],
    );
}

/// A `get` that can write no byte into a file.
fn get(scene: &Scene) -> Call {
    scene.get().json_errors().under(["prlimit", "--fsize=0:0"])
}

fn with_a_token() -> Seen {
    let scene = slow(Answer::Token);
    let warning = "the token could not be cached: File too large (os error 27)*";
    one_request_each(&scene, &get(&scene).fetched("no entry").warns(warning), 0)
}

fn refused() -> Seen {
    let scene = slow(Answer::OAuthError {
        status: 400,
        error: "invalid_client".to_owned(),
        description: "client not found".to_owned(),
    });
    one_request_each(&scene, &get(&scene).stderr("{\"category\":\"rejected\",*}\n"), 4)
}

fn rate_limited() -> Seen {
    let scene = slow(Answer::TooManyRequests { retry_after: Some("170".to_owned()) });
    one_request_each(&scene, &get(&scene).stderr("{\"category\":\"rate_limited\",*}\n"), 5)
}

fn slow(answer: Answer) -> Scene {
    Scene::with(Behaviour { delay: DELAY, ..Behaviour::answering(answer) })
}

/// Starts twenty calls at once, each of which must end with this exit code.
fn one_request_each(scene: &Scene, call: &Call, code: i32) -> Seen {
    let done = together_exit((0..CALLERS).map(|_| call.clone()), code);
    assert_eq!(scene.server.token_requests(), CALLERS);
    assert_eq!(scene.server.max_in_flight(), 1);
    assert!(!has_failure_record(scene));
    scene.server.set(Behaviour::default());
    scene.seen_together(&done, "1 each")
}

fn has_failure_record(scene: &Scene) -> bool {
    let mut files = fs::read_dir(scene.cache()).expect("the cache's directory").flatten();
    files.any(|file| file.path().extension().is_some_and(|suffix| suffix == "note"))
}

/// Without a record the next call tries to refresh the token again.
fn refresh() -> Seen {
    let scene = Scene::new();
    let token = scene.get().fetched("no entry").success().token().to_owned();
    let (age, lifetime) = (Duration::from_mins(23 * 60 + 45), Duration::from_hours(24));
    entry::put(&scene.cache(), &scene.server.login_url(), &token, age, lifetime);
    scene.server.set(Behaviour::answering(http_503()));
    let warning = "the token could not be refreshed, * left: ";
    let done =
        get(&scene).reused().warns([warning, "the login server HOST answered HTTP 503*"].concat()).success();
    let requests = scene.server.token_requests() - 1;
    assert!(!has_failure_record(&scene));
    scene.server.set(Behaviour::default());
    scene.seen(&done, requests, scene.get())
}

fn http_503() -> Answer {
    Answer::Status(503, String::new(), "text/plain".to_owned())
}

#[test]
fn a_token_near_its_end_is_replaced_although_an_earlier_answer_could_not_be_cached() {
    for left in [Duration::from_mins(10), Duration::from_secs(200)] {
        let scene = Scene::new();
        let lifetime = Duration::from_hours(24);
        let url = scene.server.login_url();
        entry::put(&scene.cache(), &url, "current", lifetime.saturating_sub(left), lifetime);
        get(&scene).fetched("expires in *").warns("the token could not be cached: *").success();
        scene.get().fetched("expires in *").success();
    }
}

#[test]
fn calls_that_cannot_record_a_temporary_failure_keep_to_their_own_backoff() {
    let scene =
        Scene::with(Behaviour { delay: Duration::from_millis(50), ..Behaviour::answering(http_503()) });
    let call = get(&scene).args(["--timeout", "2s"]).stderr("{\"category\":\"unavailable\",*}\n");
    together_exit((0..CALLERS).map(|_| call.clone()), 6);
    // After a fourth request the shortest wait ends after the deadline.
    let requests = scene.server.token_requests();
    assert!((CALLERS..=4 * CALLERS).contains(&requests), "{requests}");
}
