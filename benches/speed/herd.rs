//! 200 simultaneous processes with an empty cache, compared with 200 with a warm cache.

use std::path::Path;
use std::time::Duration;

use loopback_login_server::{Behaviour, LoginServer};

use crate::harness::{genesys_token, temporary_dir, together};
use crate::report::{Bar, Report, format_time};
use crate::timing;

const HERD: usize = 200;
const ROUNDS: usize = 7;
/// The cold herd without the time of its one fetch, as a multiple of the warm herd.
const BAR: Bar = Bar::AtMost(1.5);

pub(crate) fn run(report: &mut Report) {
    compare(report, "(200 cold - one fetch) / 200 warm, at once", Duration::ZERO);
    compare(report, "the same, login server takes 200 ms", Duration::from_millis(200));
}

fn compare(report: &mut Report, name: &str, delay: Duration) {
    let server = LoginServer::start(Behaviour { delay, ..Behaviour::default() });
    let warm_cache = temporary_dir();
    genesys_token().get().at(&server).cache(warm_cache.path()).fetched("no entry").success();
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
        &format!(
            "({} - {}) / {}, {ROUNDS} herds each",
            format_time(cold),
            format_time(fetch),
            format_time(warm)
        ),
    );
}

fn in_empty_cache(work: impl FnOnce(&Path) -> Duration) -> Duration {
    let cache = temporary_dir();
    work(cache.path())
}

/// The time from the first start to the last end.
fn herd(server: &LoginServer, cache: &Path, size: usize) -> Duration {
    let get = genesys_token().get().at(server).cache(cache).fetched_or_reused();
    let mut done = Vec::new();
    let time = timing::time(|| done = together((0..size).map(|_| get.clone())));
    let token = done[0].token();
    assert!(done.iter().all(|done| done.token() == token), "one token for all");
    time
}
