//! A soak: hundreds of real processes, killed at random, against a server of changing moods; then the reckoning.
//!
//! `SOAK_SECONDS=600 SOAK_SEED=7 cargo test --test soak -- --nocapture` runs for ten minutes; without
//! `SOAK_SECONDS` it takes a quarter of a minute, for `make test`. The seed, printed at the start, draws who is started
//! when, with what flags, and who is killed when and how; what the scheduler makes of it is its own affair.
//! `GENESYS_TOKEN_PROGRAM` names another program to run: `tests/soak/prove` runs defective ones, to show that they are
//! found out.
//!
//! The run is cut into legs. After each the callers are waited for, and what they recorded is held against the
//! server's log. The cache and the tokens in it stay. The first leg with a violation is the last.

// Callers are held up by `strace`.
#![cfg(target_os = "linux")]

mod caller;
mod check;
mod crew;
mod dice;
mod keys;
mod plan;
mod tally;
mod tokens;
mod violation;
mod watch;
mod weather;

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use loopback_login_server::LoginServer;

use caller::Site;
use check::Clocks;
use crew::Crew;
use dice::Dice;
use tally::Tally;
use tokens::Request;
use violation::Violation;
use watch::Watch;

/// Long enough for tokens to grow old, short enough to tell soon.
const LEG: Duration = Duration::from_secs(15);
/// So many violations are told in full; the rest are counted.
const TOLD: usize = 20;

#[test]
fn killed_processes_and_a_moody_server_break_no_promise() {
    let length = number("SOAK_SECONDS").map_or(LEG, Duration::from_secs);
    let seed = number("SOAK_SEED").unwrap_or_else(|| u64::from(std::process::id()));
    println!("soak of {length:?} with SOAK_SEED={seed}");
    assert_eq!(Soak::new(seed).run(length), 0, "promises were broken, see above; SOAK_SEED={seed}");
}

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok().map(|text| text.parse().expect("a number"))
}

struct Soak {
    server: LoginServer,
    site: Site,
    crew: Crew,
    weather: Dice,
    watch: Watch,
    clocks: Clocks,
    tally: Tally,
    _home: tempfile::TempDir,
}

impl Soak {
    fn new(seed: u64) -> Self {
        let server = LoginServer::start(weather::fair());
        keys::register(&server);
        let home = tempfile::tempdir().expect("a temporary directory");
        let cache = home.path().join("cache");
        genesys_token::sys::PrivateDir::create(&cache).expect("a cache directory");
        let program = std::env::var_os("GENESYS_TOKEN_PROGRAM");
        let site = Site {
            program: program
                .map_or_else(|| PathBuf::from(env!("CARGO_BIN_EXE_genesys-token")), PathBuf::from),
            url: server.login_url(),
            cache,
        };
        Self {
            watch: Watch::new(&site.cache, &site.url),
            server,
            site,
            crew: Crew::new(seed),
            weather: Dice::new(seed, u64::MAX),
            clocks: Clocks { instant: Instant::now(), wall: SystemTime::now() },
            tally: Tally::default(),
            _home: home,
        }
    }

    /// Leg by leg until the time is over; the number of violations.
    fn run(mut self, length: Duration) -> usize {
        let end = Instant::now() + length;
        while Instant::now() < end && self.tally.violations == 0 {
            let violations = self.leg(end.min(Instant::now() + LEG));
            self.tally.violations += violations.len();
            for violation in violations.iter().take(TOLD) {
                println!("{}", violation.line(self.clocks.instant));
            }
            println!("{:.0?}: {}", self.clocks.instant.elapsed(), self.tally);
        }
        println!(
            "the cache of {} keys never had more than {} files and {} of killed writers",
            keys::KEYS.len(),
            self.watch.most_files,
            self.watch.most_leftovers
        );
        self.tally.violations
    }

    fn leg(&mut self, until: Instant) -> Vec<Violation> {
        let before = self.server.log().len();
        let stop = AtomicBool::new(false);
        let callers = thread::scope(|scope| {
            scope.spawn(|| weather::blow(&self.server, &mut self.weather, &stop));
            scope.spawn(|| self.watch.keep(&stop));
            let callers = self.crew.work(&self.site, until);
            stop.store(true, Ordering::Relaxed);
            callers
        });
        let log = self.server.log();
        let read = |records: &[_]| -> Vec<Request> { records.iter().filter_map(Request::read).collect() };
        let (all, ours) = (read(&log), read(&log[before..]));
        let flights = check::flights(&ours, &callers);
        self.tally.add(&callers, &ours, &flights);
        let mut found = check::answers(&callers, &tokens::given(&all), self.clocks);
        found.extend(flights.violations);
        found.append(&mut self.watch.found);
        found.sort_by_key(|violation| violation.when);
        found
    }
}
