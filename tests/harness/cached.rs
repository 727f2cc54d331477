//! A cache entry made by hand, through the library: how time moves for real processes.

use std::path::Path;
use std::time::Duration;

use genesys_token::cache::{Owner, Store};
use genesys_token::random::SystemRandom;
use genesys_token::scope::Scopes;
use genesys_token::secret::Secret;
use genesys_token::sys::PrivateDir;
use genesys_token::time::{Clock as _, SystemClock, Timestamp};
use genesys_token::token::{Lifetime, Token};
use loopback_login_server::{CLIENT_ID, CLIENT_SECRET};

/// The entry of the loopback server's own client at `login_url` in the cache `dir`.
pub fn store(dir: &Path, login_url: &str) -> Store {
    store_of(dir, login_url, CLIENT_SECRET)
}

/// The same for another secret.
pub fn store_of(dir: &Path, login_url: &str, secret: &str) -> Store {
    let owner =
        Owner { client_id: CLIENT_ID.to_owned(), login_url: login_url.to_owned(), scopes: Scopes::default() };
    let dir = PrivateDir::open_or_create(dir).expect("the cache directory can be made");
    Store::new(dir, owner, &Secret::from(secret))
}

/// Caches `token`, asked for `age` ago, to live `whole` in all.
pub fn put(store: &Store, token: &str, age: Duration, whole: Duration) {
    put_at(store, token, now().minus(age), whole);
}

/// Caches `token`, asked for at `requested_at`, to live `whole` in all.
pub fn put_at(store: &Store, token: &str, requested_at: Timestamp, whole: Duration) {
    let lifetime = Lifetime { requested_at, received_at: requested_at, expires_at: requested_at.plus(whole) };
    let token = Token { value: Secret::from(token), lifetime: Some(lifetime), scope: None };
    store.put_token(&token, &SystemRandom::default()).expect("the token can be cached");
}

/// Now, as the program sees it.
pub fn now() -> Timestamp {
    SystemClock::start().now()
}
