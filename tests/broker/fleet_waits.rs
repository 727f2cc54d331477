//! How long a call waits for another machine, and how often it looks.

use std::time::Duration;

use crate::fleet::{first_is_suspended, run, tokens};
use crate::harness::fleet::{CallOptions, STORE_TAKES, Server};
use crate::setup::{DAY, seconds};

const AT_ONCE: Duration = Duration::ZERO;

fn with_timeout(timeout: Duration) -> CallOptions {
    CallOptions { timeout, ..CallOptions::default() }
}

#[test]
fn calls_whose_patience_is_shorter_than_a_lease_look_once_more_before_they_request() {
    let server = first_is_suspended();
    let others = (1..200).map(|machine| (AT_ONCE, machine, with_timeout(seconds(10))));
    let first = std::iter::once((AT_ONCE, 0, CallOptions::default()));
    let outcomes = run(&server, 200, |_| 0, first.chain(others));
    let others: Vec<_> = outcomes.into_iter().filter(|outcome| outcome.machine != 0).collect();
    // Spread over a second, of which the first request takes a tenth.
    let requests = server.requests().len();
    assert!(requests <= 40, "{requests}");
    assert_eq!(tokens(&others).len(), requests - 1);
}

#[test]
fn the_last_look_is_at_most_half_of_the_remaining_time_away() {
    for machine in 1..30 {
        let server = first_is_suspended();
        let first = (AT_ONCE, 0, CallOptions::default());
        let late = (seconds(1), machine, with_timeout(Duration::from_millis(1_500)));
        run(&server, 30, |_| 0, [first, late]);
        // Two fifths of its time for the other machine, and half of the rest.
        let latest = Duration::from_millis(1_000 + 600 + 450 + 20);
        assert!(server.requests()[1] <= latest, "{machine}: {:?}", server.requests());
    }
}

#[test]
fn a_waiting_call_sleeps_from_half_of_its_interval_to_the_whole_of_it() {
    let took = |machine, answer: Duration| {
        let server = Server::with_tokens(seconds(DAY)).taking(move |_| answer);
        let start = STORE_TAKES * 5 / 2;
        let calls = [(AT_ONCE, 0, CallOptions::default()), (start, machine, CallOptions::default())];
        let outcomes = run(&server, 30, |_| 0, calls);
        assert_eq!(server.requests().len(), 1);
        outcomes.last().expect("an outcome").time.saturating_sub(start)
    };
    for machine in 1..30 {
        let first_look = took(machine, Duration::from_millis(10));
        assert!(first_look >= Duration::from_millis(25), "{machine}: {first_look:?}");
        let late = took(machine, seconds(12));
        assert!(late <= seconds(12) + Duration::from_millis(1_020), "{machine}: {late:?}");
    }
}
