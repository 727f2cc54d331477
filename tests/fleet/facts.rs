//! What one machine has learned about a token.

use std::io::ErrorKind;
use std::net::TcpListener;

use loopback_login_server::ORGANIZATION;

use crate::fleet::Fleet;
use crate::harness::Call;

fn expecting(fleet: &Fleet, machine: usize) -> Call {
    fleet.on(machine, "get").args(["--expect-org", ORGANIZATION]).any_stdout().any_stderr()
}

/// The number of questions which organisation a token is of.
fn questions(fleet: &Fleet) -> usize {
    fleet.scene.server.log().iter().filter(|request| request.method == "GET").count()
}

#[test]
fn the_organisation_is_asked_for_once_in_the_fleet() {
    let fleet = Fleet::new();
    for machine in 0..3 {
        expecting(&fleet, machine).success();
    }
    assert_eq!((fleet.scene.server.token_requests(), questions(&fleet)), (1, 1));
}

#[test]
fn in_an_outage_what_is_learned_stays_on_the_machine() {
    let mut fleet = Fleet::new();
    fleet.redis.kill();
    fleet.get(0).success();
    // Nobody may come to the store's address, although it would be answered again.
    let store = TcpListener::bind(("127.0.0.1", fleet.redis.port())).expect("the store's port is free");
    store.set_nonblocking(true).expect("a listener");
    for _ in 0..2 {
        expecting(&fleet, 0).success();
    }
    assert_eq!(questions(&fleet), 1);
    assert_eq!(store.accept().expect_err("nobody comes").kind(), ErrorKind::WouldBlock);
}
