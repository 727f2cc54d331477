//! One token over a fleet, in simulated time: machines with a disk and a clock of their own, and a shared store.

use std::sync::Mutex;
use std::time::Duration;

use genesys_token::broker::{Provided, Source};
use genesys_token::cache::{CacheKey, DerivedKeys, DropReason, SharedCache, SharedLocation, TokenFacts};
use genesys_token::error::{Category, Error, Result};
use genesys_token::login::{Failure, FailureClass};
use genesys_token::random::SystemRandom;
use genesys_token::store::{MemorySharedStore, MemoryStore, SharedName, StoreFault};
use genesys_token::time::Clock as _;
use loopback_login_server::CLIENT_SECRET;

use crate::harness::entry::{access_token, cache, cache_key, secret};
use crate::harness::fleet::{CallOptions, Fleet, LOGIN_URL, Machine, PREFIX, Server, rate_limited, refused};
use crate::harness::simulation::{Simulation, Skewed, TaskClock, WatchClock};
use crate::setup::{DAY, Half, seconds, value};

/// What a call came to: at which time of the simulation, on which machine.
pub(crate) struct Outcome {
    pub(crate) time: Duration,
    pub(crate) machine: usize,
    pub(crate) provided: Result<Provided>,
}

/// Runs `calls` on so many machines, whose clocks are ahead by `clock_skew`, and says what each came to, in the order of their
/// ends.
pub(crate) fn run(
    server: &Server,
    machines: usize,
    clock_skew: impl Fn(usize) -> i64,
    calls: impl IntoIterator<Item = (Duration, usize, CallOptions)>,
) -> Vec<Outcome> {
    let clock = WatchClock::default();
    let store = MemorySharedStore::new(&clock);
    let fleet = Fleet { server, store: &store };
    let machines: Vec<Machine> =
        (0..machines).map(|number| Machine::new(&clock, number as u64, clock_skew(number))).collect();
    let outcomes = Mutex::new(Vec::new());
    let mut simulation = Simulation::new(&clock);
    for (time, machine, options) in calls {
        let (fleet, machines, outcomes) = (&fleet, &machines, &outcomes);
        simulation.at(time, move |task| {
            let provided = fleet.call(&machines[machine], task, &options);
            outcomes.lock().expect("no call panics here").push(Outcome {
                time: task.time(),
                machine,
                provided,
            });
        });
    }
    simulation.run();
    outcomes.into_inner().expect("no call panics here")
}

/// A number of calls on each machine, spread evenly over `within`.
pub(crate) fn calls(
    machines: usize,
    each: usize,
    within: Duration,
    options: &CallOptions,
) -> impl Iterator<Item = (Duration, usize, CallOptions)> {
    let all = u32::try_from(machines * each).expect("it fits");
    (0..all).map(move |call| (within * call / all, call as usize % machines, options.clone()))
}

#[track_caller]
pub(crate) fn tokens(outcomes: &[Outcome]) -> Vec<String> {
    let mut tokens: Vec<String> =
        outcomes.iter().map(|outcome| value(outcome.provided.as_ref().expect("a token"))).collect();
    tokens.sort();
    tokens.dedup();
    tokens
}

#[test]
fn twenty_machines_with_ten_processes_each_make_one_request() {
    let server = Server::with_tokens(seconds(DAY));
    let outcomes = run(&server, 20, |_| 0, calls(20, 10, seconds(0), &CallOptions::default()));
    assert_eq!((outcomes.len(), tokens(&outcomes)), (200, vec!["token-1".to_owned()]));
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn a_pod_without_a_disk_cache_is_served_as_well() {
    let server = Server::with_tokens(seconds(DAY));
    let options = CallOptions { uses_disk: false, ..CallOptions::default() };
    let outcomes = run(&server, 20, |_| 0, calls(20, 1, seconds(0), &options));
    assert_eq!((tokens(&outcomes).len(), server.requests().len()), (1, 1));
}

#[test]
fn a_wrong_secret_is_refused_once_for_all_that_wait() {
    let server = Server::new(|_, _| Err(refused())).taking(|_| seconds(1));
    let outcomes =
        run(&server, 20, |_| 0, calls(20, 10, Duration::from_millis(300), &CallOptions::default()));
    assert!(outcomes.iter().all(|outcome| {
        outcome.provided.as_ref().is_err_and(|error| error.category == Category::Rejected)
    }));
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn a_refusal_answers_no_later_call() {
    let server = Server::new(|_, _| Err(refused()));
    let (first, later) = ((seconds(0), 0, CallOptions::default()), (seconds(2), 1, CallOptions::default()));
    run(&server, 2, |_| 0, [first, later]);
    assert_eq!(server.requests().len(), 2);
}

fn limited_for(limit: Duration) -> Server {
    Server::new(move |server, now| {
        if now < limit {
            Err(rate_limited(limit.saturating_sub(now)))
        } else {
            Ok(server.grant(Some(seconds(DAY))))
        }
    })
}

#[test]
fn a_rate_limit_is_one_for_the_fleet_and_its_lanes() {
    let server = limited_for(seconds(2));
    let outcomes = run(&server, 20, |_| 0, calls(20, 10, seconds(1), &CallOptions::default()));
    assert_eq!(tokens(&outcomes).len(), 1);
    assert_eq!(server.requests().len(), 2);
    let server = limited_for(seconds(2));
    let lane = |call: (Duration, usize, CallOptions)| {
        let lane = Some(format!("lane-{}", call.1 % 10));
        (call.0, call.1, CallOptions { lane, ..call.2 })
    };
    let outcomes = run(&server, 20, |_| 0, calls(20, 10, seconds(1), &CallOptions::default()).map(lane));
    assert_eq!(tokens(&outcomes).len(), 10);
    assert_eq!(server.requests().len(), 11);
}

#[test]
fn forced_calls_that_start_together_make_one_request() {
    let server = Server::with_tokens(seconds(DAY));
    let forced = CallOptions { force_refresh: true, ..CallOptions::default() };
    let outcomes = run(&server, 20, |_| 0, calls(20, 1, Duration::from_millis(900), &forced));
    assert_eq!((tokens(&outcomes).len(), server.requests().len()), (1, 1));
    let late = [(seconds(0), 0, forced.clone()), (Duration::from_millis(1_200), 1, forced)];
    let server = Server::with_tokens(seconds(DAY));
    assert_eq!(tokens(&run(&server, 2, |_| 0, late)).len(), 2, "one that starts later gets its own");
}

/// A server whose first request is never answered, as that of a suspended machine.
pub(crate) fn first_is_suspended() -> Server {
    let takes = |number| if number == 1 { seconds(DAY) } else { Duration::from_millis(100) };
    Server::with_tokens(seconds(DAY)).taking(takes)
}

#[test]
fn two_hundred_machines_behind_a_suspended_one_make_one_request_more() {
    for timeout in [60, 30, 10] {
        let server = first_is_suspended();
        let options = CallOptions { timeout: seconds(timeout), ..CallOptions::default() };
        let outcomes = run(&server, 200, |_| 0, calls(200, 1, seconds(1), &options));
        let others: Vec<Outcome> = outcomes.into_iter().filter(|outcome| outcome.machine != 0).collect();
        assert_eq!((tokens(&others).len(), server.requests().len()), (1, 2), "{timeout}");
        let last = others.iter().map(|outcome| outcome.time).max().expect("an outcome");
        assert!(last < seconds(timeout) * 2 / 5 + seconds(2), "{timeout}: {last:?}");
    }
}

#[test]
fn processes_behind_a_suspended_one_of_their_machine_look_into_the_shared_cache_once_more() {
    let server = first_is_suspended();
    // Machine 0 has the suspended process, and machine 1 asks when the lease has ended.
    let on_first = (1..10).map(|call| (Duration::from_millis(call), 0, CallOptions::default()));
    let all = std::iter::once((seconds(0), 0, CallOptions::default())).chain(on_first);
    let outcomes = run(&server, 2, |_| 0, all.chain([(seconds(1), 1, CallOptions::default())]));
    let others: Vec<_> = outcomes.into_iter().filter(|outcome| outcome.time < seconds(DAY)).collect();
    assert_eq!((others.len(), tokens(&others).len(), server.requests().len()), (10, 1, 2));
}

/// Time passes from machine to machine, each new; no token is given out that has ended, and one is requested per life.
#[test]
fn over_machines_with_wrong_clocks_a_token_is_requested_once_per_life_and_none_ends() {
    for lives in [300, DAY] {
        let server = Server::with_tokens(seconds(lives));
        let hops = 20_u32;
        let clock_skew = |machine: usize| i64::try_from(machine * 397 % 601).expect("it fits") - 300;
        let all = (0..hops).map(|hop| (seconds(lives) * hop / 13, hop as usize, CallOptions::default()));
        let outcomes = run(&server, hops as usize, clock_skew, all);
        let requests = server.requests();
        assert_eq!(requests.len(), 2, "{lives}");
        for outcome in &outcomes {
            let provided = outcome.provided.as_ref().expect("a token");
            let number: usize = value(provided).trim_start_matches("token-").parse().expect("a number");
            assert!(outcome.time < requests[number - 1] + seconds(lives), "{lives}: {}", outcome.machine);
        }
    }
}

#[test]
fn a_machine_whose_clock_is_twenty_minutes_off_shares_nothing_and_works() {
    for clock_skew in [-1200, 1200] {
        let server = Server::with_tokens(seconds(300));
        let all = (0..3).map(|machine| (seconds(machine as u64 * 10), machine, CallOptions::default()));
        let outcomes = run(&server, 3, |machine| if machine == 1 { clock_skew } else { 0 }, all);
        assert_eq!(tokens(&outcomes).len(), 3, "{clock_skew}: it gets its own, and puts it there");
    }
}

/// A fleet whose calls are made one after the other, each when the one before has ended.
pub(crate) struct Story<'s> {
    pub(crate) fleet: Fleet<'s>,
    machines: &'s [Machine<'s>],
    task: &'s TaskClock,
}

impl Story<'_> {
    pub(crate) fn call(&self, machine: usize, options: &CallOptions) -> Provided {
        self.try_call(machine, options).expect("a token")
    }

    pub(crate) fn try_call(&self, machine: usize, options: &CallOptions) -> Result<Provided> {
        self.fleet.call(&self.machines[machine], self.task, options)
    }

    /// The token of a plain call.
    pub(crate) fn token(&self, machine: usize) -> String {
        value(&self.call(machine, &CallOptions::default()))
    }

    fn sleep(&self, duration: Duration) {
        self.task.sleep(duration);
    }

    /// How long `act` took, and what it came to.
    fn timed<T>(&self, act: impl FnOnce() -> T) -> (Duration, T) {
        let before = self.task.time();
        let outcome = act();
        (self.task.time().saturating_sub(before), outcome)
    }

    fn bytes(&self, name: &SharedName) -> Vec<u8> {
        let dump = self.fleet.store.dump();
        dump.into_iter().find(|(its, _)| its == name).expect("it is there").1
    }
}

/// The names of the records, in the order token, dropped, failure, lease.
pub(crate) fn names() -> [SharedName; 4] {
    let key: CacheKey = cache_key(LOGIN_URL);
    let client = key.client_entry_name(&DerivedKeys::new(&secret(CLIENT_SECRET)));
    [":token", ":dropped", ":failure", ":lease"].map(|suffix| SharedName::new(PREFIX, &client, suffix))
}

/// Tells a story with so many machines; the store's clock is ahead by `clock_skew`.
pub(crate) fn tell(server: &Server, machines: usize, clock_skew: i64, happens: impl FnOnce(Story) + Send) {
    let clock = WatchClock::default();
    let store_clock = Skewed::new(&clock, clock_skew);
    let store = MemorySharedStore::new(&store_clock);
    let machines: Vec<Machine> = (0..machines).map(|number| Machine::new(&clock, number as u64, 0)).collect();
    let (store, machines) = (&store, machines.as_slice());
    let mut simulation = Simulation::new(&clock);
    simulation
        .at(Duration::ZERO, move |task| happens(Story { fleet: Fleet { server, store }, machines, task }));
    simulation.run();
}

const FROM_FLEET: Source = Source::SharedCache { waited: Duration::ZERO };

#[test]
fn a_token_of_the_fleet_lies_on_the_disk_of_the_machine_that_took_it() {
    let server = Server::with_tokens(seconds(DAY));
    tell(&server, 2, 3600, |story| {
        story.token(0);
        assert_eq!(story.call(1, &CallOptions::default()).source, FROM_FLEET);
        let questions = story.fleet.store.questions();
        assert_eq!(story.call(1, &CallOptions::default()).source, Source::Reused);
        assert_eq!(story.fleet.store.questions(), questions, "a hit asks nobody");
    });
}

#[test]
fn that_a_token_is_alive_is_asked_once_a_minute_for_the_fleet() {
    let server = Server::with_tokens(seconds(DAY));
    tell(&server, 3, -7000, |story| {
        let verified = CallOptions { verify_after: Some(Duration::ZERO), ..CallOptions::default() };
        story.token(0);
        story.call(1, &verified);
        assert_eq!(server.checks(), 1, "a token from elsewhere is tested, however new");
        story.sleep(seconds(50));
        story.call(0, &verified);
        story.call(2, &verified);
        assert_eq!(server.checks(), 1);
        story.sleep(seconds(11));
        for machine in [2, 0, 1] {
            story.call(machine, &verified);
        }
        assert_eq!((server.checks(), server.requests().len()), (2, 1));
    });
}

#[test]
fn a_token_that_one_machine_found_dead_is_taken_by_none() {
    let server = Server::with_tokens(seconds(DAY));
    tell(&server, 3, 0, |story| {
        let verified = CallOptions { verify_after: Some(Duration::ZERO), ..CallOptions::default() };
        assert_eq!((story.token(0), story.token(1)), ("token-1".to_owned(), "token-1".to_owned()));
        server.kill("token-1");
        assert_eq!(value(&story.call(0, &verified)), "token-2");
        assert_eq!(value(&story.call(1, &verified)), "token-2");
        assert_eq!(story.token(2), "token-2");
        assert_eq!((server.checks(), server.requests().len()), (2, 2), "the second is for the new token");
    });
}

#[test]
fn a_shared_cache_that_fails_costs_a_warning_and_is_asked_again_after_half_a_minute() {
    let server = Server::with_tokens(seconds(DAY));
    tell(&server, 1, 0, |story| {
        let forced = CallOptions { force_refresh: true, ..CallOptions::default() };
        story.fleet.store.set_fault(Some(StoreFault::Slow));
        let failed = story.call(0, &forced);
        assert_eq!(failed.warnings, ["not shared: it did not answer in time (the shared cache at memory)"]);
        let questions = story.fleet.store.questions();
        story.sleep(seconds(29));
        let paused = story.call(0, &forced);
        let warning = "not shared: it did not answer in time, 29s ago (the shared cache at memory)";
        assert_eq!((paused.warnings, story.fleet.store.questions()), (vec![warning.to_owned()], questions));
        story.sleep(seconds(1));
        story.fleet.store.set_fault(None);
        assert_eq!(story.call(0, &forced).warnings, Vec::<String>::new());
        assert!(story.fleet.store.questions() > questions);
    });
}

#[test]
fn a_lease_that_no_program_of_ours_took_holds_nobody_up() {
    let server = Server::with_tokens(seconds(DAY));
    tell(&server, 2, 0, |story| {
        let [_, _, _, lease] = names();
        story.fleet.store.plant(&lease, b"somebody", seconds(16));
        let (took, provided) = story.timed(|| story.call(0, &CallOptions::default()));
        let warnings = provided.warnings;
        assert_eq!(warnings, ["not shared: the lease there is none of ours (the shared cache at memory)"]);
        assert!(took < seconds(1), "{took:?}");
        assert_eq!(
            story.call(1, &CallOptions::default()).source,
            FROM_FLEET,
            "its token is there all the same"
        );
    });
}

#[test]
fn a_machine_that_waits_in_vain_fetches_for_itself_and_for_the_fleet() {
    let server = Server::with_tokens(seconds(DAY));
    tell(&server, 2, 0, |story| {
        let [_, _, _, lease] = names();
        let renewed = seconds(15);
        // A holder that takes the lease again and again would last longer; this one ends after the patience of the call.
        story.fleet.store.plant(&lease, b"somebody", renewed);
        let options = CallOptions { timeout: seconds(20), ..CallOptions::default() };
        let (waited, provided) = story.timed(|| story.call(0, &options));
        // Its patience, and a random moment of a second.
        assert!(waited >= seconds(8) && waited < seconds(10), "{waited:?}");
        let words = "another machine asks the login server, and brings nothing";
        assert_eq!(provided.warnings, [format!("not shared: {words} (the shared cache at memory)")]);
        assert_eq!(story.call(1, &CallOptions::default()).source, FROM_FLEET);
    });
}

#[test]
fn with_a_usable_token_another_machine_is_not_waited_for_or_only_briefly() {
    let server = Server::with_tokens(seconds(1000));
    tell(&server, 1, 0, |story| {
        let [_, _, _, lease] = names();
        story.token(0);
        // 1000 s: the mandatory window is the last 100, the advisory one 200 before that.
        for (age, waits) in [(750, 0), (950, 5)] {
            story.sleep(seconds(age).saturating_sub(story.task.time()));
            story.fleet.store.plant(&lease, b"somebody", seconds(15));
            let (waited, token) = story.timed(|| story.token(0));
            assert_eq!(token, "token-1");
            assert!(waited >= seconds(waits) && waited < seconds(waits + 1), "{age}: {waited:?}");
            story.sleep(seconds(40));
        }
    });
}

#[test]
fn a_renewal_that_failed_on_one_machine_pauses_all() {
    let server = Server::new(|server, now| match now.as_secs() {
        0..600 => Ok(server.grant(Some(seconds(1000)))),
        _ => Err(refused()),
    });
    tell(&server, 2, 0, |story| {
        story.token(0);
        story.token(1);
        story.sleep(seconds(750));
        for machine in [0, 1, 0, 1] {
            let warnings = story.call(machine, &CallOptions::default()).warnings;
            assert!(warnings[0].starts_with("the token could not be refreshed"), "{machine}: {warnings:?}");
        }
        assert_eq!(server.requests().len(), 2);
    });
}

#[test]
fn an_answer_that_cannot_be_shared_holds_nobody_up() {
    let server = Server::new(|server, _| Ok(server.grant(None))).taking(|_| seconds(1));
    let outcomes = run(&server, 20, |_| 0, calls(20, 1, Duration::from_millis(500), &CallOptions::default()));
    let last = outcomes.iter().map(|outcome| outcome.time).max().expect("an outcome");
    assert_eq!((tokens(&outcomes).len(), server.requests().len()), (20, 20));
    assert!(last < seconds(4), "{last:?}");
}

#[test]
fn what_is_put_back_or_lives_longer_than_it_may_is_not_believed() {
    let server = Server::with_tokens(seconds(300));
    tell(&server, 12, 0, |story| {
        let [token, dropped, _, _] = names();
        story.token(0);
        let old = story.bytes(&token);
        story.sleep(seconds(100));
        // A longer life than it ever had.
        story.fleet.store.plant(&token, &old, seconds(301));
        assert_eq!(story.token(1), "token-2");
        // As long as it may have, but it has ended by its seal.
        story.sleep(seconds(201));
        story.fleet.store.plant(&token, &old, seconds(300));
        assert_eq!(story.token(2), "token-3");
        // A life that is shorter than what its seal says would make a token too short-lived for a caller, or be forgotten
        // too early when it is dropped.
        let newest = story.bytes(&token);
        story.fleet.store.plant(&token, &newest, seconds(100));
        assert_eq!(story.token(3), "token-4");
        // Bytes of another record, and no record.
        for foreign in [story.bytes(&token)[1..].to_vec(), vec![0xff; 70_000], b"x".to_vec()] {
            story.fleet.store.plant(&token, &foreign, seconds(100));
            story.fleet.store.plant(&dropped, &foreign, seconds(100));
            let requests = server.requests().len();
            story.call(4 + requests % 8, &CallOptions::default());
            assert_eq!(server.requests().len(), requests + 1);
        }
    });
}

#[test]
fn a_refusal_or_a_rate_limit_that_is_put_back_says_nothing() {
    let server = limited_for(seconds(5));
    tell(&server, 3, 0, |story| {
        let [token, _, failure, _] = names();
        let options = CallOptions { timeout: seconds(2), ..CallOptions::default() };
        story.fleet.call(&story.machines[0], story.task, &options).expect_err("it is limited");
        let limit = story.bytes(&failure);
        story.sleep(seconds(6));
        story.token(0);
        story.fleet.store.flush();
        for life in [300, 3000] {
            story.fleet.store.plant(&failure, &limit, seconds(life));
            let (took, _) = story.timed(|| story.call(1 + usize::from(life > 300), &options));
            assert!(took < seconds(1), "{took:?}");
            story.fleet.store.plant(&token, b"", seconds(1));
        }
    });
}

#[test]
fn a_store_whose_clock_jumps_costs_a_request_and_ends_no_token() {
    for jump in [-3600_i64, 3600] {
        for lives in [300, DAY] {
            let server = Server::with_tokens(seconds(lives));
            let clock = WatchClock::default();
            let before = MemorySharedStore::new(&clock);
            let jumped_clock = Skewed::new(&clock, jump);
            let after = MemorySharedStore::new(&jumped_clock);
            let machines: Vec<Machine> = (0..4).map(|number| Machine::new(&clock, number, 0)).collect();
            let (server, before, after, machines) = (&server, &before, &after, &machines);
            let mut simulation = Simulation::new(&clock);
            simulation.at(Duration::ZERO, move |task| {
                let story = Story { fleet: Fleet { server, store: before }, machines, task };
                story.token(0);
                story.sleep(seconds(10));
                // A store keeps the ends of its records on its own clock.
                let [token, ..] = names();
                let end = i64::try_from(lives).expect("it fits") - 10 - jump;
                let life = seconds(u64::try_from(end).unwrap_or_default());
                after.plant(&token, &story.bytes(&token), life);
                let story = Story { fleet: Fleet { server, store: after }, machines, task };
                let requests = [1, 2, 3].map(|machine| {
                    let provided = story.call(machine, &CallOptions::default());
                    let number = value(&provided).trim_start_matches("token-").parse::<usize>();
                    let asked = server.requests()[number.expect("a number") - 1];
                    let left = provided.token.lifetime.expect("a lifetime").remaining(task.now());
                    assert!(
                        left <= seconds(lives).saturating_sub(task.time().saturating_sub(asked)),
                        "{jump} {lives}"
                    );
                    server.requests().len()
                });
                assert!(requests[2] <= 2, "{jump} {lives}: {requests:?}");
            });
            simulation.run();
        }
    }
}

#[test]
fn what_lies_in_the_store_has_neither_token_nor_secret() {
    let server = Server::with_tokens(seconds(DAY));
    tell(&server, 1, 0, |story| {
        story.token(0);
        for (name, value) in story.fleet.store.dump() {
            let text = format!("{}{}", name.as_str(), String::from_utf8_lossy(&value));
            assert!(!text.contains("token-1") && !text.contains(CLIENT_SECRET), "{text}");
            assert!(name.as_str().starts_with(PREFIX));
        }
    });
}

/// Many machines learn the same at once: the store is none that fails because of that.
#[test]
fn a_store_that_others_use_at_once_is_asked_again_and_one_that_fails_is_not() {
    let clock = WatchClock::default();
    let store = MemorySharedStore::new(&clock);
    for (fault, has_failed) in [(StoreFault::Contended, false), (StoreFault::Slow, true)] {
        let location = SharedLocation { prefix: PREFIX, identity: String::new() };
        let (cache_key, secret) = (cache_key(LOGIN_URL), secret(CLIENT_SECRET));
        let shared = SharedCache::new(&store, location, &cache_key, &secret, &clock, &Half);
        store.set_fault(Some(fault.clone()));
        let put = shared.put_facts(&access_token("any"), &TokenFacts::default());
        assert_eq!((put, shared.has_failed()), (Err(fault), has_failed));
        store.set_fault(None);
        assert_eq!(shared.look().is_err(), has_failed);
    }
}

#[test]
fn a_proof_of_life_is_put_there_again_when_it_is_ten_seconds_younger() {
    let server = Server::with_tokens(seconds(DAY));
    tell(&server, 1, 0, |story| {
        let [token, ..] = names();
        story.token(0);
        let ours = story.call(0, &CallOptions::default()).token;
        let store = story.fleet.store;
        let location = || SharedLocation { prefix: PREFIX, identity: String::new() };
        let (cache_key, secret) = (cache_key(LOGIN_URL), secret(CLIENT_SECRET));
        let shared = SharedCache::new(store, location(), &cache_key, &secret, story.task, &Half);
        let mut bytes = story.bytes(&token);
        for (after, is_news) in [(0, true), (10, false), (1, true)] {
            story.sleep(seconds(after));
            let facts = TokenFacts { alive_at: Some(story.task.now()), ..TokenFacts::default() };
            shared.put_facts(&ours.value, &facts).expect("a store in memory");
            let now = story.bytes(&token);
            assert_eq!(now != bytes, is_news, "{after}");
            bytes = now;
        }
    });
}

/// What stands between one machine and the login server says nothing about another machine's way.
#[test]
fn a_refusal_that_is_not_the_login_servers_own_is_not_shared() {
    let server = Server::new(|server, _| match server.requests().len() {
        1 => {
            let error = Error::new(Category::Unavailable, "a page of a proxy");
            Err(Failure::new(FailureClass::Refused, error))
        }
        _ => Ok(server.grant(Some(seconds(DAY)))),
    });
    let outcomes = run(&server, 5, |_| 0, calls(5, 1, seconds(0), &CallOptions::default()));
    assert_eq!(outcomes.iter().filter(|outcome| outcome.provided.is_err()).count(), 1);
    assert_eq!(server.requests().len(), 2);
    let last = outcomes.iter().map(|outcome| outcome.time).max().expect("an outcome");
    assert!(last < seconds(2), "the first one gives its lease back: {last:?}");
}

#[test]
fn a_token_that_was_dropped_here_stays_dropped_when_it_is_taken_from_elsewhere() {
    let server = Server::with_tokens(seconds(DAY));
    tell(&server, 2, 0, |story| {
        story.token(0);
        let taken = story.call(1, &CallOptions::default()).token;
        let (store, random) = (MemoryStore::new(story.task), SystemRandom::default());
        let cache = cache(&store, LOGIN_URL);
        cache
            .drop_token(&taken, DropReason::Discarded, None, story.task.now(), &random)
            .expect("it is dropped");
        cache.put_foreign_token(&taken, &random).expect("a store in memory");
        assert_eq!(cache.token(), None);
        cache.put_token(&taken, &random).expect("a store in memory");
        assert_eq!(cache.token(), Some(taken), "the server has given it anew");
    });
}
