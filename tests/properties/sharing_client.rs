//! The client whose records machines share, for the properties of these.

use genesys_token::base_url::BaseUrl;
use genesys_token::cache::CacheKey;
use genesys_token::client::{ClientId, ClientSecret};
use genesys_token::random::Random;
use genesys_token::scope::Scopes;

/// The same in every run, so that a fuzzer can learn the intact records.
pub(crate) struct Constant;
impl Random for Constant {
    fn fill(&self, bytes: &mut [u8]) -> bool {
        bytes.fill(7);
        true
    }
}

pub(crate) fn cache_key() -> CacheKey {
    CacheKey {
        client_id: ClientId::parse("a-client").expect("an id").0,
        login_url: BaseUrl::parse("https://login.example").expect("a base URL"),
        scopes: Scopes::default(),
        lane: None,
    }
}

pub(crate) fn secret() -> ClientSecret {
    ClientSecret::parse("the-secret").expect("a secret").0
}
