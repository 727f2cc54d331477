//! What the agents have in common.

use std::time::Duration;

use genesys_token::cache::CacheKey;
use genesys_token::client::ClientSecret;
use genesys_token::error::{Category, Error};
use genesys_token::login::{Failure, FailureClass, TokenGrant};
use genesys_token::store::MemorySharedStore;
use genesys_token::time::Clock;
use loopback_login_server::CLIENT_SECRET;

use super::case::{Case, Trouble};
use super::model::{LOGIN_TAKES, TOKEN_LEN};
use super::tally::Tally;
use crate::harness::entry::{access_token, cache_key, secret};
use crate::harness::fleet::{LOGIN_URL, Server};

/// One client's login server, the store, and what came of all calls.
pub struct World<'c> {
    pub case: Case,
    pub clock: &'c dyn Clock,
    pub server: Server,
    pub store: MemorySharedStore<'c>,
    pub cache_key: CacheKey,
    pub secret: ClientSecret,
    pub tally: Tally,
}

impl<'c> World<'c> {
    pub fn new(case: Case, clock: &'c dyn Clock) -> Self {
        Self {
            case,
            clock,
            server: server(case),
            store: MemorySharedStore::new(clock),
            cache_key: cache_key(LOGIN_URL),
            secret: secret(CLIENT_SECRET),
            tally: Tally::default(),
        }
    }

    /// Keeps what there is at the end of the window.
    pub fn look_at_end(&self) {
        let dump = self.store.dump();
        let mut counts = self.tally.counts();
        counts.bytes = dump.iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
        counts.checks.1 = self.server.checks();
    }
}

/// A login server that gives tokens as long as those of Genesys Cloud.
fn server(case: Case) -> Server {
    let server = Server::new(move |server, now| {
        if case.trouble == Trouble::LoginOutage && case.outage().contains(&now) {
            let error = Error::new(Category::Unavailable, "the server's words");
            return Err(Failure::new(FailureClass::Transient, error));
        }
        let grant = server.grant(Some(case.lives));
        let number = grant.value.expose().trim_start_matches("token-");
        Ok(TokenGrant { value: access_token(&format!("{number:x>TOKEN_LEN$}")), ..grant })
    });
    server.taking(|_| LOGIN_TAKES)
}

/// When the token with this value was requested.
pub fn requested_at(server: &Server, value: &str) -> Duration {
    let number = value.trim_start_matches('x').parse();
    server.requested_at(number.expect("it ends with its number"))
}
