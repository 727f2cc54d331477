//! Many processes on many machines at once.

#[cfg(unix)]
use std::process::Child;
#[cfg(unix)]
use std::thread;
use std::time::Duration;

use loopback_login_server::{Answer, Behaviour, CLIENT_ID};

use crate::fleet::{ACL, Fleet, distinct};
use crate::harness::{Call, together, together_exit};

const MACHINES: usize = 20;

fn delayed(delay: Duration) -> Behaviour {
    Behaviour { delay, ..Behaviour::default() }
}

/// So many calls on each machine.
fn calls(fleet: &Fleet, each: usize) -> Vec<Call> {
    (0..MACHINES * each).map(|call| fleet.get(call % MACHINES)).collect()
}

#[test]
fn twenty_machines_with_ten_processes_each_make_one_request() {
    let fleet = Fleet::with(delayed(Duration::from_millis(100)));
    let done = together(calls(&fleet, 10));
    assert_eq!((done.len(), distinct(&done).len(), fleet.scene.server.token_requests()), (200, 1, 1));
}

#[test]
fn the_rights_of_the_page_are_enough() {
    let fleet = Fleet::configured(ACL);
    let with_login = |call: Call| {
        let call = call.env("GENESYS_TOKEN_SHARED_CACHE_USERNAME", "genesys");
        call.env("GENESYS_TOKEN_SHARED_CACHE_PASSWORD", "store-password")
    };
    let done = together(calls(&fleet, 1).into_iter().map(with_login));
    assert_eq!((distinct(&done).len(), fleet.scene.server.token_requests()), (1, 1));
    let line = "reused token of client 1111…5555 at HOST, * left (from the shared cache)";
    with_login(fleet.on(99, "get")).provided(line).success();
    assert!(done.iter().all(|done| !done.stderr.contains("not shared")));
}

#[test]
fn a_machine_without_a_disk_cache_shares_as_well() {
    let fleet = Fleet::new();
    let done = together(
        (0..MACHINES).map(|machine| fleet.get(machine).without("GENESYS_TOKEN_CACHE_DIR").arg("--no-cache")),
    );
    assert_eq!((distinct(&done).len(), fleet.scene.server.token_requests()), (1, 1));
}

/// Those that look more than a second after the request for the refusal make another one.
#[test]
fn a_wrong_secret_is_refused_once_or_twice() {
    let fleet = Fleet::with(delayed(Duration::from_secs(4)));
    let refused = "genesys-token: error: the login server HOST refused client 1111…5555: \
        invalid_client\n  …\n";
    let call = |machine| fleet.on(machine, "get").credential(CLIENT_ID, &"x".repeat(43)).stderr(refused);
    together_exit((0..MACHINES).map(call), 4);
    let requests = fleet.scene.server.token_requests();
    assert!((1..=2).contains(&requests), "{requests}");
}

#[test]
fn a_rate_limit_is_one_for_the_fleet() {
    let limited = Answer::RateLimitedFor(Duration::from_secs(2));
    let fleet = Fleet::with(Behaviour::answering(limited));
    let done = together(calls(&fleet, 1));
    let requests = fleet.scene.server.token_requests();
    assert!(distinct(&done).len() == 1 && requests <= 5, "{requests}");
}

#[test]
fn a_rate_limit_is_one_for_ten_lanes() {
    let limited = Answer::RateLimitedFor(Duration::from_secs(2));
    let fleet = Fleet::with(Behaviour::answering(limited));
    let lane = |machine: usize| fleet.get(machine).args(["--lane", &format!("lane-{}", machine % 10)]);
    let expected = "* token of client 1111…5555 at HOST, lane *, * left*";
    let done = together((0..MACHINES).map(|machine| lane(machine).provided(expected)));
    let requests = fleet.scene.server.token_requests();
    // Each lane has a token of its own, of which one request each; the rest met the limit.
    assert!(distinct(&done).len() == 10 && requests <= 20, "{requests}");
}

#[test]
fn forced_calls_on_twenty_machines_make_one_request_or_two() {
    let fleet = Fleet::with(delayed(Duration::from_secs(4)));
    let done = together((0..MACHINES).map(|machine| fleet.get(machine).arg("--force-refresh")));
    let requests = fleet.scene.server.token_requests();
    assert!(distinct(&done).len() == requests && requests <= 2, "{requests}");
}

#[cfg(unix)]
#[test]
fn a_suspended_holder_costs_one_request_more() {
    let fleet = Fleet::with(delayed(Duration::from_mins(1)));
    let holder = fleet.get(0).spawn();
    while fleet.scene.server.token_requests() == 0 {
        thread::sleep(Duration::from_millis(5));
    }
    signal(&holder, "STOP");
    fleet.scene.server.set(Behaviour::default());
    let done = together((1..MACHINES).map(|machine| fleet.get(machine)));
    // One beside the holder's own.
    assert_eq!((distinct(&done).len(), fleet.scene.server.token_requests()), (1, 2));
    signal(&holder, "KILL");
    holder.wait_with_output().expect("it ends");
}

#[cfg(unix)]
fn signal(child: &Child, name: &str) {
    let status =
        std::process::Command::new("kill").args([&format!("-{name}"), &child.id().to_string()]).status();
    assert!(status.expect("kill runs").success());
}
