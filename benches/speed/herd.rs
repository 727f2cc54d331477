//! 200 processes at once on an empty cache against 200 on a warm one.

use std::path::Path;
use std::time::Duration;

use loopback_login_server::{Behaviour, LoginServer};

use crate::harness::{Call, together};
use crate::report::{Bar, Report, shown};
use crate::timing;

const HERD: usize = 200;
const ROUNDS: usize = 7;
/// How many times the warm herd, when the one fetch has been taken off.
const BAR: Bar = Bar::AtMost(1.5);

pub fn run(report: &mut Report) {
    compare(report, "(200 cold - one fetch) / 200 warm, at once", Duration::ZERO);
    compare(report, "the same, login server takes 200 ms", Duration::from_millis(200));
}

fn compare(report: &mut Report, name: &str, delay: Duration) {
    let server = LoginServer::start(Behaviour { delay, ..Behaviour::default() });
    let warm_cache = tempfile::tempdir().expect("a temporary directory");
    Call::new("get", &server, warm_cache.path()).run().token();
    let mut fetches = Vec::new();
    let (cold, warm) = timing::in_turn(
        ROUNDS,
        || {
            fetches.push(in_empty_cache(|cache| herd(&server, cache, 1)));
            let before = server.token_requests();
            let cold = in_empty_cache(|cache| herd(&server, cache, HERD));
            assert_eq!(server.token_requests(), before + 1, "one request for all");
            cold
        },
        || herd(&server, warm_cache.path(), HERD),
    );
    let fetch = timing::median(fetches);
    let ratio = timing::ratio(cold.saturating_sub(fetch), warm);
    report.ratio(
        name,
        ratio,
        &BAR,
        &format!("({} - {}) / {}, {ROUNDS} herds each", shown(cold), shown(fetch), shown(warm)),
    );
}

fn in_empty_cache(work: impl FnOnce(&Path) -> Duration) -> Duration {
    let cache = tempfile::tempdir().expect("a temporary directory");
    work(cache.path())
}

/// The time from the first start to the last end.
fn herd(server: &LoginServer, cache: &Path, size: usize) -> Duration {
    let mut done = Vec::new();
    let time = timing::time(|| done = together((0..size).map(|_| Call::new("get", server, cache))));
    let token = done[0].token();
    assert!(done.iter().all(|done| done.token() == token), "one token for all");
    time
}
