//! The login server, for agents that may die while they ask it.

use std::panic::resume_unwind;
use std::time::Duration;

use genesys_token::login::{Failure, Liveness, Login, TokenGrant};
use genesys_token::token::AccessToken;

use crate::harness::fleet::ServerOf;

/// How an agent dies: nothing of its call happens any more, and a lease that it has stays.
pub struct Died;

/// The login server, as one call sees it.
pub struct DeadlyLogin<'a> {
    pub server: ServerOf<'a>,
    /// Whether the agent dies before it has read the answer.
    pub is_deadly: bool,
}

impl Login for DeadlyLogin<'_> {
    fn request_token(&self, limit: Duration) -> Result<TokenGrant, Failure> {
        let answer = self.server.request_token(limit);
        if self.is_deadly {
            resume_unwind(Box::new(Died));
        }
        answer
    }

    fn check_token(&self, token: &AccessToken, limit: Duration) -> Liveness {
        self.server.check_token(token, limit)
    }

    fn transport_id(&self) -> String {
        self.server.transport_id()
    }
}
