//! The simulated fleet of `benches/fleet` with few agents: each way of sharing keeps what it promises.

#[path = "harness/mod.rs"]
mod harness;

#[path = "../benches/fleet/simulated/mod.rs"]
mod simulated;

use std::time::Duration;

use simulated::{Case, Figures, Sharing, Trouble};

const SHORT: Duration = Duration::from_mins(5);
const DAY: Duration = Duration::from_hours(24);
/// A token of five minutes is renewed when it has 90 s left, at the earliest.
const MAX_RENEWALS_AN_HOUR: usize = 18;

/// Two hours of the fleet, of which the first is its start.
fn run(agents: u32, sharing: Sharing, lives: Duration, trouble: Trouble) -> Figures {
    let figures = Case { agents, sharing, lives, hours: 1, trouble }.run();
    assert_eq!(figures.counts.wrong, 0, "{:?}", figures.case);
    assert!(figures.counts.calls > 0);
    figures
}

/// A fleet in which only agents die now and then.
fn run_as_usual(agents: u32, sharing: Sharing, lives: Duration) -> Figures {
    let figures = run(agents, sharing, lives, Trouble::Usual);
    assert_eq!((figures.counts.errors, figures.counts.not_shared), (0, 0), "{:?}", figures.case);
    figures
}

#[test]
fn a_build_asks_for_one_token_a_day_and_one_more_for_each_agent_that_dies_while_it_asks() {
    for agents in [10, 200] {
        let figures = run_as_usual(agents, Sharing::Build, DAY);
        let Figures { all_requests, counts, .. } = figures;
        assert_eq!(all_requests, counts.builds + counts.deaths, "{agents}");
        assert!(run_as_usual(agents, Sharing::Nothing, DAY).all_requests > 3 * all_requests, "{agents}");
    }
}

#[test]
fn a_fleet_asks_for_one_token_a_life_and_one_more_for_each_agent_that_dies_while_it_asks() {
    for agents in [10, 200] {
        let day = run_as_usual(agents, Sharing::SharedCache, DAY);
        assert_eq!(day.all_requests, 1 + day.counts.deaths, "{agents}");
        let short = run_as_usual(agents, Sharing::SharedCache, SHORT);
        assert!(short.all_requests <= 2 * MAX_RENEWALS_AN_HOUR + short.counts.deaths, "{agents}");
    }
}

#[test]
fn with_tokens_of_five_minutes_no_agent_is_given_a_wrong_one_whatever_is_shared() {
    for sharing in [Sharing::Nothing, Sharing::Build] {
        run_as_usual(200, sharing, SHORT);
    }
}

#[test]
fn agents_that_start_together_or_die_with_the_lease_cost_their_own_requests() {
    let together = run(200, Sharing::SharedCache, DAY, Trouble::StartTogether);
    assert_eq!(together.all_requests, 1 + together.counts.deaths);
    let deaths = run(200, Sharing::SharedCache, SHORT, Trouble::Deaths);
    assert!(deaths.counts.deaths > 5);
    assert!(deaths.all_requests <= 2 * MAX_RENEWALS_AN_HOUR + deaths.counts.deaths);
    assert_eq!((together.counts.errors, deaths.counts.errors), (0, 0));
}

#[test]
fn a_store_that_fails_costs_each_call_a_second_and_a_request_at_most() {
    let figures = run(200, Sharing::SharedCache, DAY, Trouble::StoreOutage);
    let Figures { all_requests, counts, .. } = figures;
    assert!(counts.not_shared > 50 && counts.errors == 0);
    // One at the start, and one when the store has lost everything.
    assert!(all_requests <= 2 + counts.not_shared + counts.deaths, "{all_requests} {}", counts.not_shared);
    assert!(counts.slowest < Duration::from_millis(1_200), "{:?}", counts.slowest);
}

#[test]
fn while_the_login_server_fails_one_agent_at_a_time_asks_it() {
    let figures = run(200, Sharing::SharedCache, SHORT, Trouble::LoginOutage);
    let alone = run(200, Sharing::Nothing, SHORT, Trouble::LoginOutage);
    assert!(figures.most_requests * 10 < alone.most_requests);
}
