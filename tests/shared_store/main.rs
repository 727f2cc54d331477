//! The shared store against a real redis-server, and against what is none.

#[path = "../harness/mod.rs"]
mod harness;

mod commands;
mod faults;

use std::time::Duration;

use genesys_token::cache::DerivedKeys;
use genesys_token::store::{Address, Credentials, EntryName, LeaseHolder, RedisStore, SharedName};
use genesys_token::time::SystemClock;
use loopback_login_server::CLIENT_SECRET;

use harness::entry::{cache_key, secret};

/// As long as a call asks by default.
const LIMIT: Duration = Duration::from_secs(1);
/// Enough for a busy machine, where a test is not about time.
const PLENTY: Duration = Duration::from_secs(20);

fn store(address: Address, clock: &SystemClock) -> RedisStore<'_> {
    RedisStore::new(address, Credentials::default(), None, PLENTY, clock)
}

fn client() -> EntryName {
    cache_key("https://login.example").entry_name(&DerivedKeys::new(&secret(CLIENT_SECRET)))
}

fn name(suffix: &str) -> SharedName {
    SharedName::new("genesys-token:", &client(), suffix)
}

fn lease() -> SharedName {
    name(".lease")
}

fn holder(text: &str) -> LeaseHolder {
    LeaseHolder(text.to_owned())
}
