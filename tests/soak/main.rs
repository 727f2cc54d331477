//! The soak: hundreds of real processes, killed at random, with a server whose behaviour changes at random. They run on
//! a machine that is alone, and on three with clocks minutes apart that share a real redis-server. That is killed,
//! suspended and flushed at random.
//!
//! `SOAK_SECONDS=600 SOAK_SEED=7 cargo test --test soak -- --nocapture` runs for ten minutes. Without `SOAK_SECONDS` it
//! takes fifteen seconds, as in `make test`. The seed, printed at the start, draws which process starts when, with which
//! flags, and how it is killed; the scheduler decides the rest. `SOAK_PROGRAM` names another program to run:
//! `tests/soak/prove` runs defective ones, to show that the soak finds their defects.
//!
//! The run is divided into legs. After each leg the soak waits for all callers, and compares their records with the
//! server's log. The cache and its tokens stay for the next leg. The run ends after the first leg with a violation. In a
//! leg in which the computer itself stood still for more than a second, promises about time are not checked, and the soak
//! says so. `TMPDIR=/dev/shm` spares it the standstills of a busy disk.

// `strace` delays callers.
#![cfg(target_os = "linux")]

#[path = "../harness/mod.rs"]
mod harness;

mod caller;
mod check;
mod command;
mod keys;
mod machine;
mod plan;
mod pulse;
mod rng;
mod server_chaos;
mod store_chaos;
mod tally;
mod tokens;
mod violation;
mod watch;
mod workers;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use loopback_login_server::LoginServer;

use check::{Clocks, Lanes};
use command::Setup;
use machine::Machine;
use rng::Rng;
use store_chaos::Store;
use tally::Tally;
use tokens::TokenRequest;
use violation::Violation;
use watch::Watch;
use workers::Workers;

/// Long enough for tokens to expire, and short enough for early results.
const LEG: Duration = Duration::from_secs(15);
/// How many violations of a leg are printed; the others are only counted.
const MAX_PRINTED: usize = 20;

#[test]
fn killed_processes_and_a_failing_server_break_no_promise() {
    let length = number("SOAK_SECONDS").map_or(LEG, Duration::from_secs);
    let seed = number("SOAK_SEED").unwrap_or_else(|| u64::from(std::process::id()));
    println!("soak of {length:?} with SOAK_SEED={seed}");
    assert_eq!(Soak::new(seed).run(length), 0, "promises were broken, see above; SOAK_SEED={seed}");
}

/// `tests/soak/prove` puts them into a copy of the sources.
#[test]
fn every_defect_can_be_put_into_the_sources() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for patch in fs::read_dir(root.join("tests/soak/defects")).expect("a directory") {
        let patch = patch.expect("a file").path();
        let mut git = Command::new("git");
        let applies =
            git.args(["apply", "--check"]).arg(&patch).current_dir(root).status().expect("git starts");
        assert!(applies.success(), "{} does not apply", patch.display());
    }
}

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok().map(|text| text.parse().expect("a number"))
}

fn program() -> PathBuf {
    let program = std::env::var_os("SOAK_PROGRAM");
    program.map_or_else(|| PathBuf::from(env!("CARGO_BIN_EXE_genesys-token")), PathBuf::from)
}

struct Soak {
    server: LoginServer,
    store: Store,
    setup: Setup,
    workers: Workers,
    server_rng: Rng,
    watches: Vec<Watch>,
    clocks: Clocks,
    lanes: Lanes,
    tally: Tally,
}

impl Soak {
    fn new(seed: u64) -> Self {
        let server = LoginServer::start(server_chaos::initial_behaviour());
        keys::register(&server);
        let store = Store::start(Rng::new(seed, u64::MAX - 1));
        let setup = Setup::new(program(), server.login_url(), store.url());
        Self {
            watches: Machine::all().map(|machine| Watch::new(&setup, machine)).collect(),
            server,
            store,
            setup,
            workers: Workers::new(seed),
            server_rng: Rng::new(seed, u64::MAX),
            clocks: Clocks { instant: Instant::now(), wall: SystemTime::now() },
            lanes: Lanes::default(),
            tally: Tally::default(),
        }
    }

    /// Runs leg after leg until the time is over. Returns the number of violations.
    fn run(mut self, length: Duration) -> usize {
        let end = Instant::now() + length;
        while Instant::now() < end && self.tally.violations == 0 {
            let violations = self.leg(end.min(Instant::now() + LEG));
            self.tally.violations += violations.len();
            for violation in violations.iter().take(MAX_PRINTED) {
                println!("{}", violation.line(self.clocks.instant));
            }
            println!("{:.0?}: {}; {}", self.clocks.instant.elapsed(), self.tally, self.store);
        }
        for watch in &self.watches {
            println!("{watch}");
        }
        self.tally.violations
    }

    fn leg(&mut self, end: Instant) -> Vec<Violation> {
        let logged_before = self.server.log().len();
        let stop = AtomicBool::new(false);
        let (callers, standstill) = thread::scope(|scope| {
            let pulse = scope.spawn(|| pulse::longest_standstill(&stop));
            scope.spawn(|| server_chaos::run(&self.server, &mut self.server_rng, &stop));
            scope.spawn(|| self.store.run(&stop));
            scope.spawn(|| watch::run(&mut self.watches, &stop));
            let callers = self.workers.run(&self.setup, end);
            stop.store(true, Ordering::Relaxed);
            (callers, pulse.join().expect("it only sleeps"))
        });
        let log = self.server.log();
        let read =
            |records: &[_]| -> Vec<TokenRequest> { records.iter().filter_map(TokenRequest::read).collect() };
        let (all, of_leg) = (read(&log), read(&log[logged_before..]));
        let requests = check::check_requests(&of_leg, &all, &callers, &self.store);
        self.tally.add(&callers, &of_leg, &requests);
        let issued = tokens::issued(&all);
        let mut violations = check::check_answers(&callers, &issued, &mut self.lanes, self.clocks);
        violations.extend(requests.violations);
        violations.extend(check::check_spared(&callers, &all, &self.store));
        violations.extend(self.watches.iter_mut().flat_map(|watch| watch.violations.drain(..)));
        if let Some(standstill) = standstill {
            println!("this computer stood still for {standstill:.1?}: promises about time are not checked");
            self.tally.unchecked += 1;
            violations.retain(|violation| !violation.is_timed());
        }
        violations.sort_by_key(|violation| violation.when);
        violations
    }
}
