//! One token for many processes: when to reuse it, when to refresh it, when to wait, and when a failure is shared.
//!
//! The promises:
//!
//! 1. A hit takes no lock and sends no request.
//! 2. Per cache key, one process requests a token at a time; the others use what it learns, token or refusal.
//! 3. No process sleeps while it holds the lock, unless it waits for another machine.
//! 4. No process waits longer than half its deadline for another one, which may be suspended: then it requests a
//!    token without the lock.
//! 5. While there is a usable token, the login server is called briefly and rarely, and its failure is a warning.
//! 6. What a request sent after this call started has brought answers this call, whatever its flags.
//! 7. A process that is suspended during its request provides no token that has expired meanwhile, and replaces no
//!    token that was requested later.
//! 8. What another agent of the build hands on is looked at only when the own token would not be provided as it is,
//!    under the lock, and before any request; it is tested once on each machine.
//! 9. The shared cache is asked only by a call that would request a token, or ask whether its own is alive. One machine
//!    at a time has its lease and requests a token; the others use what that learns. A refusal, or a token for a call that
//!    wants a new one, answers it if it was requested at most a second before its first look, by the store's clock.
//! 10. No call waits longer than two fifths of its deadline for another machine, nor longer than five seconds with a
//!     usable token. A shared cache that can't be used is a warning, and is not asked again for half a minute.
//! 11. A call that waits tells its log so ten times a second; the log decides when to show it.
//!
//! # Limitations
//!
//! - **Promise 2 is best effort** where promise 4 applies, or where the store has no locks. **Promise 9 is** where promise
//!   10 applies.

mod advice;
mod call;
mod fetch;
mod fleet;
mod fleet_state;
mod freshness;
mod learn;
mod liveness;
mod lookup;
mod parameters;
mod provided;
mod run;
mod share;
mod take_over;
mod tell;
mod wait;

pub use freshness::{Freshness, RefreshWindows, Requirements, freshness};
pub use parameters::{Broker, Request};
pub use provided::{Provided, RefreshReason, Source};

use std::time::Duration;

use crate::cache::{SharedCache, TokenFacts};
use crate::error::Result;
use crate::token::Token;

impl Broker<'_> {
    /// A valid token, from the cache when it has one.
    ///
    /// # Errors
    /// There was no token before the deadline, or the server refused, or its tokens live too short.
    pub fn token(&self, request: Request) -> Result<Provided> {
        run(call::Call::new(self, request))
    }

    /// The same when somebody else has just refused `doubted`: the API host is asked about it, whatever it has said before.
    ///
    /// # Errors
    /// The same.
    pub(crate) fn token_in_doubt(&self, request: Request, doubted: &Token) -> Result<Provided> {
        let request = Request { verify_after: Some(Duration::ZERO), ..request };
        run(call::Call { doubted: Some(doubted.value.clone()), ..call::Call::new(self, request) })
    }

    /// Keeps what was learned about `token` beside it, here and for the fleet.
    pub(crate) fn keep_facts(&self, token: &Token, facts: TokenFacts) {
        let outage = |fleet: &SharedCache| self.cache?.outage(fleet.identity(), self.clock.now());
        if let Some(fleet) = self.fleet.filter(|fleet| !fleet.has_failed() && outage(fleet).is_none()) {
            // Best effort: without them other machines ask again.
            let _ = fleet.put_facts(&token.value, &facts);
        }
        self.keep_facts_here(token, facts);
    }

    /// The same for this machine alone.
    fn keep_facts_here(&self, token: &Token, facts: TokenFacts) {
        if let Some(cache) = self.cache {
            // Best effort: without them the next call asks again.
            let _ = cache.put_facts(token, facts, self.random);
        }
    }
}

fn run(mut call: call::Call) -> Result<Provided> {
    let provided = call.run();
    // However it ended, no other machine is to wait for this call.
    call.release_lease();
    provided
}
