//! What the broker is given.

use std::time::Duration;

use super::freshness::Requirements;
use crate::cache::{BuildShare, Cache, SharedCache};
use crate::log::Log;
use crate::login::Login;
use crate::random::Random;
use crate::time::Clock;

/// Everything outside of the policy, injected.
pub struct Broker<'a> {
    /// The client's cache, if there is one.
    pub cache: Option<&'a Cache<'a>>,
    /// What another agent of the build has handed on, if a step shares it.
    pub build: Option<&'a BuildShare>,
    /// What the machines of a fleet share, if there is a shared cache.
    pub fleet: Option<&'a SharedCache<'a>>,
    /// The login server.
    pub login: &'a dyn Login,
    /// The time.
    pub clock: &'a dyn Clock,
    /// Jitter and salts.
    pub random: &'a dyn Random,
    /// What listens to the call.
    pub log: &'a dyn Log,
}

/// One call for a token.
#[derive(Clone, Copy, Debug)]
pub struct Request {
    /// What the token must satisfy.
    pub requirements: Requirements,
    /// A cached token older than this is checked at the API host before it is provided.
    pub verify_after: Option<Duration>,
    /// The deadline of the whole call.
    pub timeout: Duration,
}
