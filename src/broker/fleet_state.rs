//! What a call knows of the shared cache of its fleet.

use std::time::Duration;

use crate::time::CommonTime;
use crate::token::AccessToken;

/// How long a call that waits for another machine sleeps before its first look.
const MIN_POLL_INTERVAL: Duration = Duration::from_millis(50);

/// What a call knows of the shared cache.
#[derive(Debug)]
pub(super) struct FleetState {
    /// Whether another call of this machine has said that it can't be used.
    pub(super) is_outage_known: bool,
    /// When this call looked first, on the store's clock.
    pub(super) first_look: Option<CommonTime>,
    /// The token that answers this call by that.
    pub(super) answer: Option<AccessToken>,
    /// The request whose failure has been looked at.
    pub(super) seen_failure: Option<CommonTime>,
    pub(super) has_lease: bool,
    /// Whether it has waited for another machine, and looks once more.
    pub(super) is_last_look: bool,
    /// Whether that was in vain.
    pub(super) has_given_up: bool,
    pub(super) waited: Duration,
    pub(super) poll_interval: Duration,
}

impl FleetState {
    pub(super) fn new() -> Self {
        Self {
            is_outage_known: false,
            first_look: None,
            answer: None,
            seen_failure: None,
            has_lease: false,
            is_last_look: false,
            has_given_up: false,
            waited: Duration::ZERO,
            poll_interval: MIN_POLL_INTERVAL,
        }
    }
}
