//! Cache entries made by hand, through the library: how time moves for real processes.

use std::path::Path;
use std::time::Duration;

use genesys_token::base_url::BaseUrl;
use genesys_token::cache::{Cache, CacheKey};
use genesys_token::client::{ClientId, ClientSecret};
use genesys_token::random::SystemRandom;
use genesys_token::scope::Scopes;
use genesys_token::store::{DirStore, Store};
use genesys_token::time::{Clock as _, SystemClock, Timestamp};
use genesys_token::token::{AccessToken, Lifetime, Token};
use loopback_login_server::{CLIENT_ID, CLIENT_SECRET};

/// The directory store at `dir`.
pub fn dir_store(dir: &Path) -> DirStore {
    DirStore::open_or_create(dir).expect("the cache directory can be created")
}

/// The loopback server's own client at `login_url`, without scopes.
pub fn cache_key(login_url: &str) -> CacheKey {
    cache_key_of(CLIENT_ID, login_url)
}

/// The same for another client.
pub fn cache_key_of(client_id: &str, login_url: &str) -> CacheKey {
    CacheKey {
        client_id: ClientId::parse(client_id).expect("a client id").0,
        login_url: BaseUrl::parse(login_url).expect("a base URL"),
        scopes: Scopes::default(),
        lane: None,
    }
}

pub fn secret(text: &str) -> ClientSecret {
    ClientSecret::parse(text).expect("a client secret").0
}

pub fn access_token(text: &str) -> AccessToken {
    AccessToken::parse(text).expect("an access token")
}

/// The cache of the loopback server's own client in `store`.
pub fn cache<'s>(store: &'s dyn Store, login_url: &str) -> Cache<'s> {
    Cache::new(store, cache_key(login_url), &secret(CLIENT_SECRET))
}

/// Caches `token` in the directory `dir`, requested `age` ago, with this total `lifetime`.
pub fn put(dir: &Path, login_url: &str, token: &str, age: Duration, lifetime: Duration) {
    put_at(&cache(&dir_store(dir), login_url), token, now().minus(age), lifetime);
}

/// Caches `token`, requested at `requested_at`, with this total `lifetime`.
pub fn put_at(cache: &Cache, token: &str, requested_at: Timestamp, lifetime: Duration) {
    let lifetime =
        Lifetime { requested_at, received_at: requested_at, expires_at: requested_at.plus(lifetime) };
    let token = Token { value: access_token(token), lifetime: Some(lifetime), scope: None };
    cache.put_token(&token, &SystemRandom::default()).expect("the token can be cached");
}

/// Now, as the program sees it.
pub fn now() -> Timestamp {
    SystemClock::start().now()
}
