//! A token from the shared cache, compared with a cold fetch over TLS: what a new machine saves.

use std::time::Duration;

use loopback_login_server::{Behaviour, Certificate, LoginServer};

use crate::harness::redis_server::RedisServer;
use crate::harness::{Call, genesys_token, temporary_dir};
use crate::report::{Bar, Report, format_time};
use crate::timing;

const ROUNDS: usize = 60;
const BAR: Bar = Bar::AtMost(0.5);
const NAME: &str = "from a shared cache / cold fetch over TLS";

pub(crate) fn run(report: &mut Report) {
    if !timing::is_installed("redis-server") {
        Report::left_out(NAME, "redis-server is not installed");
        return;
    }
    let server = LoginServer::start_tls(Behaviour::default(), Certificate::Good);
    let redis = RedisServer::start();
    let shared =
        |call: Call| call.env("GENESYS_TOKEN_SHARED_CACHE", format!("redis://127.0.0.1:{}", redis.port()));
    on_new_machine(&server, shared);
    let (ours, cold) =
        timing::in_turn(ROUNDS, || on_new_machine(&server, shared), || on_new_machine(&server, |call| call));
    // The first machine asked for all; the cold fetches asked each for itself.
    assert_eq!(server.token_requests(), 1 + ROUNDS);
    let measured = format!("{} / {}, {ROUNDS} runs each", format_time(ours), format_time(cold));
    report.ratio(NAME, timing::ratio(ours, cold), &BAR, &measured);
}

/// The time of a call whose disk has nothing yet.
fn on_new_machine(server: &LoginServer, setting: impl Fn(Call) -> Call) -> Duration {
    let cache = temporary_dir();
    timing::run(&mut setting(genesys_token().get().at(server).cache(cache.path())).into_command())
}
