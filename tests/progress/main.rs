//! What a call says while it works: that it waits, how its requests end, and why it goes on as it does. Most calls run in
//! this process, by a clock that moves when the call sleeps.

#[path = "../harness/mod.rs"]
mod harness;

mod compiled;
mod decisions;
mod json;
mod said;
mod terminal;
mod waits;

use std::time::Duration;

use genesys_token::cache::{FailureRecord, RecordClass};
use genesys_token::error::{Category, Error};
use genesys_token::random::SystemRandom;
use genesys_token::time::Clock as _;

use harness::clock::FakeClock;
use harness::{Scene, entry};

/// Records a rate limit that ends so long after now.
fn limit_requests(scene: &Scene, clock: &FakeClock, lasts: Duration) {
    let answered_at = clock.now();
    let record = FailureRecord {
        class: RecordClass::RateLimited,
        requested_at: Some(answered_at),
        answered_at,
        transport_id: None,
        not_before: answered_at.plus(lasts),
        streak: 1,
        error: Error::new(Category::RateLimited, "too many requests"),
    };
    let store = entry::dir_store(&scene.cache());
    let cache = entry::cache(&store, &scene.server.login_url());
    cache.put_failure(&record, &SystemRandom::default()).expect("it can be recorded");
}
