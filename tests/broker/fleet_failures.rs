//! What a machine does with the failures of others.

use std::time::Duration;

use genesys_token::cache::{FailureRecord, RecordClass};
use genesys_token::error::{Category, Error};
use genesys_token::store::MemorySharedStore;
use genesys_token::time::Clock as _;
use loopback_login_server::CLIENT_SECRET;

use crate::fleet::{names, run, tell};
use crate::harness::entry::{cache_key, secret};
use crate::harness::fleet::{CallOptions, Fleet, LOGIN_URL, Machine, Server, refused};
use crate::harness::simulation::{Simulation, WatchClock};
use crate::setup::{DAY, Half, seconds};

fn at(time: Duration, machine: usize) -> (Duration, usize, CallOptions) {
    (time, machine, CallOptions::default())
}

#[test]
fn a_refusal_of_a_moment_ago_answers_a_machine_that_starts_after_it() {
    let server = Server::new(|_, _| Err(refused()));
    let outcomes = run(&server, 2, |_| 0, [at(seconds(0), 0), at(Duration::from_millis(500), 1)]);
    assert!(outcomes.iter().all(|outcome| outcome.provided.is_err()));
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn after_an_answer_that_could_not_be_shared_later_calls_wait_for_each_other_again() {
    let server = Server::new(|server, _| {
        let lives = (server.requests().len() > 1).then_some(seconds(DAY));
        Ok(server.grant(lives))
    });
    run(&server, 3, |_| 0, [at(seconds(0), 0), at(seconds(2), 1), at(seconds(2), 2)]);
    assert_eq!(server.requests().len(), 2);
}

/// The server refuses machine 0 after ten seconds, and machine 1 waits for that. Meanwhile the disk of machine 1 gets a record
/// of this class, answered after two seconds. The class of the record that lies there at last.
fn kept_while_waiting(class: RecordClass, not_before: Duration) -> RecordClass {
    let server = Server::new(|_, _| Err(refused())).taking(|_| seconds(10));
    let clock = WatchClock::default();
    let store = MemorySharedStore::new(&clock);
    let machines = [Machine::new(&clock, 0, 0), Machine::new(&clock, 1, 0)];
    let (key, secret) = (cache_key(LOGIN_URL), secret(CLIENT_SECRET));
    let mut simulation = Simulation::new(&clock);
    for (number, machine) in (0..).zip(&machines) {
        let (server, store) = (&server, &store);
        simulation.at(Duration::from_millis(100) * number, move |task| {
            let answer = Fleet { server, store }.call(machine, task, &CallOptions::default());
            assert_eq!(answer.expect_err("it is refused").category, Category::Rejected);
        });
    }
    let (machine, key, secret) = (&machines[1], &key, &secret);
    simulation.at(seconds(2), move |task| {
        let now = task.now();
        let record = FailureRecord {
            class,
            requested_at: Some(now),
            answered_at: now,
            transport_id: None,
            not_before: now.plus(not_before),
            streak: 1,
            error: Error::internal("its own"),
        };
        machine.cache(key, secret).put_failure(&record, &Half).expect("it can be put");
    });
    simulation.run();
    assert_eq!(server.requests().len(), 1);
    machine.cache(key, secret).failure().expect("a record").class
}

#[test]
fn what_others_learn_replaces_what_a_machine_learned_before_but_a_rate_limit_in_force() {
    assert_eq!(kept_while_waiting(RecordClass::Transient, seconds(1)), RecordClass::Refused);
    assert_eq!(kept_while_waiting(RecordClass::RateLimited, seconds(40)), RecordClass::RateLimited);
}

/// The process was suspended, and nothing else is wrong.
#[test]
fn that_a_token_had_expired_when_it_arrived_concerns_no_other_machine() {
    let server = Server::with_tokens(seconds(100)).taking(|_| seconds(110));
    tell(&server, 1, 0, |story| {
        let [_, _, failure, _] = names();
        // There is no time for another attempt.
        let options = CallOptions { timeout: Duration::from_millis(110_300), ..CallOptions::default() };
        assert!(story.try_call(0, &options).is_err());
        assert!(story.fleet.store.dump().iter().all(|(name, _)| *name != failure));
    });
}
