//! What a call knows of the shared cache of its fleet.

use std::time::Duration;

use crate::time::CommonTime;
use crate::token::AccessToken;

/// How long a call that waits for another machine sleeps before its first look.
const MIN_POLL_INTERVAL: Duration = Duration::from_millis(50);

/// Whether a call still waits for another machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Patience {
    /// As long as it may.
    Left,
    /// It has waited, and looks once more.
    LastLook,
    /// That was in vain.
    Over,
}

/// What a call knows of the shared cache.
#[derive(Debug)]
pub(super) struct FleetState {
    /// Whether this call has looked if another one of this machine found it of no use.
    pub(super) is_outage_known: bool,
    /// When this call looked first, on the store's clock.
    pub(super) first_look: Option<CommonTime>,
    /// The token that answers this call by that.
    pub(super) answer: Option<AccessToken>,
    /// The request whose failure has been looked at.
    pub(super) seen_failure: Option<CommonTime>,
    pub(super) has_lease: bool,
    pub(super) patience: Patience,
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
            patience: Patience::Left,
            waited: Duration::ZERO,
            poll_interval: MIN_POLL_INTERVAL,
        }
    }
}
