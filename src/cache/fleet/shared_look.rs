//! What a machine sees in the shared cache at one moment.

use super::shared_drops::SharedDrops;
use super::shared_failure::SharedFailure;
use crate::cache::shared_token::SharedToken;
use crate::store::LeaseState;
use crate::time::CommonClock;
use crate::token::AccessToken;

/// What the shared cache has at one moment, in the terms of this machine.
#[derive(Debug)]
pub struct SharedLook {
    /// The store's clock.
    pub clock: CommonClock,
    /// The token, also if it was dropped.
    pub token: Option<SharedToken>,
    /// The last failure that concerns every machine, unless the token outdates it.
    pub failure: Option<SharedFailure>,
    /// Whether a machine asks the login server.
    pub lease: LeaseState,
    pub(super) drops: SharedDrops,
}

impl SharedLook {
    /// Whether `value` was dropped on any machine, and has not been given anew.
    pub fn has_dropped(&self, value: &AccessToken) -> bool {
        self.drops.contains(value)
    }
}
