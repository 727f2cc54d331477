//! What is simulated for the page.

use std::time::Duration;

use crate::simulated::{Case, Sharing, Trouble};

pub(crate) const AGENTS: [u32; 3] = [10, 1_000, 100_000];
pub(crate) const LIVES: [Duration; 2] = [Duration::from_mins(5), DAY];
pub(crate) const SHARINGS: [Sharing; 3] = [Sharing::Nothing, Sharing::Build, Sharing::SharedCache];
pub(crate) const DAY: Duration = Duration::from_hours(24);

/// Every number of agents, with tokens of every life, shared in every way.
pub(crate) fn scale() -> Vec<Case> {
    let of = |agents, lives, sharing| Case {
        agents,
        sharing,
        lives,
        hours: hours(agents, lives, sharing),
        trouble: Trouble::Usual,
    };
    let tokens = |agents| LIVES.into_iter().map(move |lives| (agents, lives));
    let all = AGENTS.into_iter().flat_map(tokens);
    all.flat_map(|(agents, lives)| SHARINGS.map(|sharing| of(agents, lives, sharing))).collect()
}

/// Few agents need long to be average, and one request in a day needs a day to be seen.
fn hours(agents: u32, lives: Duration, sharing: Sharing) -> u32 {
    match (agents, sharing) {
        (10, _) => 240,
        (_, Sharing::SharedCache) if lives == DAY => 24,
        (1_000, _) => 24,
        _ => 1,
    }
}

/// What goes wrong, with a shared cache.
pub(crate) fn troubles() -> Vec<Case> {
    let short = LIVES[0];
    [
        (Trouble::StartTogether, 1_000, DAY),
        (Trouble::StartTogether, 100_000, DAY),
        (Trouble::Deaths, 1_000, short),
        (Trouble::StoreOutage, 1_000, short),
        (Trouble::StoreOutage, 100_000, DAY),
        (Trouble::LoginOutage, 1_000, short),
    ]
    .map(|(trouble, agents, lives)| Case { agents, sharing: Sharing::SharedCache, lives, hours: 1, trouble })
    .into()
}
