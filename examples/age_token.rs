//! For tests that are not written in Rust: makes a cached token older, so that they need not wait.
//!
//! `age_token CACHE_DIR LOGIN_URL LEFT [SCOPE…]` seals the cached token of the loopback server's own client again, with
//! LEFT seconds of its lifetime left.

use std::path::Path;
use std::time::Duration;

use genesys_token::base_url::BaseUrl;
use genesys_token::cache::{Cache, CacheKey};
use genesys_token::client::{ClientId, ClientSecret};
use genesys_token::random::SystemRandom;
use genesys_token::scope::Scopes;
use genesys_token::store::DirStore;
use genesys_token::time::{Clock as _, SystemClock};
use genesys_token::token::Lifetime;
use loopback_login_server::{CLIENT_ID, CLIENT_SECRET};

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [cache_dir, login_url, left, scopes @ ..] = &args[..] else {
        panic!("usage: age_token CACHE_DIR LOGIN_URL LEFT [SCOPE…]");
    };
    let left = Duration::from_secs(left.parse().expect("LEFT is a number of seconds"));
    let scopes = Scopes::parse(scopes.iter().map(String::as_str)).expect("each SCOPE is a scope");
    age(Path::new(cache_dir), login_url, scopes, left);
}

/// Replaces the cached token by the same token with an earlier lifetime.
pub(crate) fn age(cache_dir: &Path, login_url: &str, scopes: Scopes, left: Duration) {
    let store = DirStore::open_existing(cache_dir).expect("the cache directory exists");
    let (client_id, _) = ClientId::parse(CLIENT_ID).expect("a client id");
    let (secret, _) = ClientSecret::parse(CLIENT_SECRET).expect("a client secret");
    let login_url = BaseUrl::parse(login_url).expect("LOGIN_URL is a base URL");
    let cache = Cache::new(&store, CacheKey { client_id, login_url, scopes, lane: None }, &secret);
    let mut token = cache.token().expect("the token is cached");
    let total = token.lifetime.expect("a cached token has a lifetime").total();
    let expires_at = SystemClock::start().now().plus(left);
    let requested_at = expires_at.minus(total);
    token.lifetime = Some(Lifetime { requested_at, received_at: requested_at, expires_at });
    cache.put_token(&token, &SystemRandom::default()).expect("the token can be cached");
}
