//! For tests that are not written in Rust: lets time pass for a cached token, without waiting for it.
//!
//! `age_token CACHE_DIR LOGIN_URL LEFT [SCOPE…]` seals the token of the loopback server's own client again as one that
//! has LEFT seconds of its life left.

use std::path::Path;
use std::time::Duration;

use genesys_token::cache::{Owner, Store};
use genesys_token::random::SystemRandom;
use genesys_token::scope::Scopes;
use genesys_token::secret::Secret;
use genesys_token::sys::PrivateDir;
use genesys_token::time::{Clock as _, SystemClock};
use genesys_token::token::Lifetime;
use loopback_login_server::{CLIENT_ID, CLIENT_SECRET};

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [cache, login_url, left, scopes @ ..] = &args[..] else {
        panic!("usage: age_token CACHE_DIR LOGIN_URL LEFT [SCOPE…]");
    };
    let left = Duration::from_secs(left.parse().expect("LEFT is a number of seconds"));
    let scopes = Scopes::parse(scopes.iter().map(String::as_str)).expect("scopes");
    age(Path::new(cache), login_url, scopes, left);
}

/// Seals the token again, as one that was asked for long ago.
///
/// # Panics
/// There is no such token in the cache.
pub fn age(cache: &Path, login_url: &str, scopes: Scopes, left: Duration) {
    let dir = PrivateDir::open(cache).expect("the cache is there");
    let owner = Owner { client_id: CLIENT_ID.to_owned(), login_url: login_url.to_owned(), scopes };
    let store = Store::new(dir, owner, &Secret::from(CLIENT_SECRET));
    let mut token = store.token().expect("the token is cached");
    let whole = token.lifetime.expect("a cached token has a lifetime").whole();
    let expires_at = SystemClock::start().now().plus(left);
    let requested_at = expires_at.minus(whole);
    token.lifetime = Some(Lifetime { requested_at, received_at: requested_at, expires_at });
    store.put_token(&token, &SystemRandom::default()).expect("the token can be cached");
}
