//! When a call says what it waits for.

use std::time::Duration;

use genesys_token::store::Lease;
use loopback_login_server::{Answer, Behaviour};

use crate::harness::clock::FakeClock;
use crate::harness::{Scene, entry};
use crate::limit_requests;
use crate::said::{Said, said, said_in_lines};

const WAITING: &str = "genesys-token: waiting for ";
/// No call is silent for longer.
const LONGEST_SILENCE: Duration = Duration::from_millis(2_500);

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// What the call waited for, by its words, and in which second it said so.
fn waits(said: &[Said]) -> Vec<(u64, &str)> {
    let waits = said.iter().filter_map(|said| {
        let text = said.text.strip_prefix(WAITING)?;
        Some((said.at.as_secs(), text.trim_end()))
    });
    waits.collect()
}

#[test]
fn a_call_before_a_rate_limit_speaks_after_two_seconds_and_then_every_ten() {
    let (scene, clock) = (Scene::new(), FakeClock::new());
    limit_requests(&scene, &clock, seconds(30));
    let said = said_in_lines(&scene.get(), &clock);
    let limit = |left| format!("the login server's rate limit, {left} left");
    let [first, second, third] = [limit("28s"), limit("18s"), limit("8s")];
    assert_eq!(waits(&said), [(2, first.as_str()), (12, &second), (22, &third)]);
    let last = said.last().expect("the line about the token");
    assert_eq!((said.len(), last.at.as_secs()), (4, 30));
    let line = "genesys-token: fetched token of client 1111…5555 at HOST, 23h 59m left (no entry), took 30.";
    assert!(last.text.starts_with(line), "{last:?}");
}

#[test]
fn a_call_that_waits_for_another_process_says_until_when() {
    let (scene, clock) = (Scene::new(), FakeClock::new());
    let store = entry::dir_store(&scene.cache());
    let cache = entry::cache(&store, &scene.server.login_url());
    let lock = cache.try_lock();
    assert!(matches!(lock, Lease::Held(_)), "{lock:?}");
    let said = said_in_lines(&scene.get(), &clock);
    let request = |left| format!("another process's request, {left} left");
    let [first, second, third] = [request("28s"), request("18s"), request("8s")];
    assert_eq!(waits(&said), [(2, first.as_str()), (12, &second), (22, &third)]);
}

/// Makes a call that starts now wait.
type Delay = fn(&Scene, &FakeClock);

fn answering(scene: &Scene, answer: Answer) {
    scene.server.set(Behaviour::answering(answer));
}

fn too_many_requests() -> Answer {
    Answer::TooManyRequests { retry_after: Some("5".to_owned()) }
}

#[test]
fn no_wait_is_silent_for_longer_than_two_and_a_half_seconds() {
    let delays: [(&str, Delay, i32); 4] = [
        ("the login server's rate limit, ", |scene, clock| limit_requests(scene, clock, seconds(5)), 0),
        ("the login server's rate limit, ", |scene, _| answering(scene, too_many_requests()), 5),
        ("the pause after a failed request, ", |scene, _| answering(scene, Answer::FailTimes(4, 503)), 0),
        ("the pause after a failed request, ", |scene, _| answering(scene, Answer::CloseAtOnce), 6),
    ];
    for (what, delay, code) in delays {
        let (scene, clock) = (Scene::new(), FakeClock::new());
        delay(&scene, &clock);
        let said = said(&scene.get().args(["--timeout", "40s"]), &clock, false, code);
        let first = said.first().expect("a line");
        assert!(first.at >= seconds(2) && first.at <= LONGEST_SILENCE, "{what}: {said:?}");
        assert!(first.text.starts_with(&[WAITING, what].concat()), "{what}: {said:?}");
    }
}

#[test]
fn a_call_that_waits_for_less_than_two_seconds_says_nothing_of_it() {
    let (scene, clock) = (Scene::new(), FakeClock::new());
    limit_requests(&scene, &clock, Duration::from_millis(1_900));
    let said = said_in_lines(&scene.get(), &clock);
    let line = "genesys-token: fetched token of client 1111…5555 at HOST, 23h 59m left (no entry)\n";
    assert_eq!(said.iter().map(|said| said.text.as_str()).collect::<Vec<_>>(), [line]);
}

#[test]
fn a_quiet_call_waits_in_silence_and_still_says_its_error() {
    let (scene, clock) = (Scene::new(), FakeClock::new());
    limit_requests(&scene, &clock, seconds(30));
    assert_eq!(said(&scene.get().arg("-q"), &clock, false, 0), []);
    let (scene, clock) = (Scene::answering(Answer::EmptyBody), FakeClock::new());
    limit_requests(&scene, &clock, seconds(30));
    let said = said(&scene.get().arg("-q"), &clock, false, 6);
    assert!(said.len() == 1 && said[0].text.starts_with("genesys-token: error: "), "{said:?}");
}

#[test]
fn bind_says_how_long_it_took_as_well() {
    let (scene, clock) = (Scene::new(), FakeClock::new());
    limit_requests(&scene, &clock, seconds(4));
    let said = said_in_lines(&scene.bind("block"), &clock);
    let last = &said.last().expect("a line").text;
    assert!(last.starts_with("genesys-token: fetched ") && last.contains(", took 4."), "{said:?}");
}
