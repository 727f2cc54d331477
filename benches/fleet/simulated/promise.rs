//! What the policy promises of each token that is provided.

use std::time::Duration;

use genesys_token::broker::{Provided, RefreshWindows};

use super::case::Sharing;
use super::model::MAX_STEP_START;
use super::world::{World, requested_at};

/// How the warning begins with which a call provides a token within its mandatory window.
const STALE: &str = "the token could not be refreshed";

/// Whether `provided` at `now` is as promised: it has not ended, and is in its mandatory refresh window only if a new one
/// could not be had, which the call then says.
pub fn is_kept(world: &World, provided: &Provided, now: Duration) -> bool {
    let end = requested_at(&world.server, provided.token.value.expose()) + world.case.lives;
    let Some(left) = end.checked_sub(now) else { return false };
    let windows = RefreshWindows::new(world.case.lives, None);
    let is_stale = provided.warnings.iter().any(|warning| warning.starts_with(STALE));
    let least = if is_stale { windows.stale_if_error.unwrap_or_default() } else { windows.mandatory };
    left + tolerance(world.case.sharing) >= least && !left.is_zero()
}

/// Jenkins reads its clock before the program starts, once sooner and once later. A build's token may seem younger by the
/// difference than it is.
fn tolerance(sharing: Sharing) -> Duration {
    if sharing == Sharing::Build { MAX_STEP_START } else { Duration::ZERO }
}
