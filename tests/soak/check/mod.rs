//! The checks after a leg: the server's log and the callers' records must fit the program's promises.

mod answers;
mod fleet;
mod key_callers;
mod requests;

use std::time::Duration;

pub(crate) use answers::{Clocks, Lanes, check_answers};
pub(crate) use requests::{RequestCheck, check_requests};

use crate::caller::Caller;
use crate::keys::KEYS;
use crate::store_chaos::Store;
use crate::tokens::TokenRequest;
use crate::violation::Violation;
use key_callers::KeyCallers;

/// The longest delay on a loaded machine: between the end of a process and its notice, and between a decision and the
/// action that follows it.
const SLACK: Duration = Duration::from_secs(3);

/// Checks the callers of the keys that are spared. `requests` has all of the run.
pub(crate) fn check_spared(callers: &[Caller], requests: &[TokenRequest], store: &Store) -> Vec<Violation> {
    let spared = KEYS.iter().filter(|soak_key| soak_key.is_spared());
    spared
        .flat_map(|soak_key| {
            let mut requests: Vec<_> =
                requests.iter().filter(|request| request.soak_key == soak_key).collect();
            requests.sort_by_key(|request| request.arrived_at);
            fleet::check_spared(&KeyCallers::of(soak_key, callers), &requests, store)
        })
        .collect()
}
