//! How a verb gets the token of the `bind` or `exec` around it. It can't be refreshed here: the secret is out of reach.

use std::time::Duration;

use super::explain::with_foreign_hosts;
use crate::duration::format_duration;
use crate::error::{Category, Error, Result};
use crate::login::{Connection, Liveness};
use crate::output::{Answer, Reporter, Source};
use crate::settings::{BoundCheck, BoundSettings};
use crate::token::AccessToken;
use crate::world::World;

/// The bound token.
pub(super) fn provide_bound(settings: BoundSettings, world: &mut World) -> Result<Answer> {
    let BoundSettings { token, remedy, expires_at, min_ttl, check, region, api_url, log, mut warnings } =
        settings;
    let left = expires_at.map(|at| at.since(world.clock.now()));
    let advise = |error: Error| error.hint(remedy);
    check_lifetime(left, min_ttl).map_err(advise)?;
    if let Some(check) = check {
        let unknown = check_alive(&check, &token, world)
            .map_err(|error| with_foreign_hosts(advise(error), check.foreign_host.as_slice()))?;
        warnings.extend(check.foreign_host.into_iter().chain(unknown));
    }
    Reporter::new(log, world.stderr).bound(left, &warnings);
    Ok(Answer { token, expires_at, scope: None, source: Source::Bound, region, api_url })
}

fn check_lifetime(left: Option<Duration>, required: Option<Duration>) -> Result<()> {
    let message = match (left, required) {
        (Some(left), _) if left.is_zero() => "the bound token has expired".to_owned(),
        (None, Some(_)) => "the bound token's lifetime is unknown, and --min-ttl requires one".to_owned(),
        (Some(left), Some(required)) if left < required => format!(
            "the bound token has {} left, and --min-ttl requires {}",
            format_duration(left),
            format_duration(required)
        ),
        _ => return Ok(()),
    };
    Err(Error::new(Category::Lifetime, message))
}

/// Checks at the block's API host that the token is alive. A host that does not say is a warning.
fn check_alive(check: &BoundCheck, token: &AccessToken, world: &World) -> Result<Option<String>> {
    let connection = Connection::new(&check.transport, world.clock);
    match connection.check_token(&check.api_url, token, check.timeout) {
        Liveness::Alive => Ok(None),
        Liveness::Unknown(why) => Ok(Some(why)),
        Liveness::Dead => Err(Error::new(Category::Lifetime, "the API host no longer takes the bound token")),
    }
}
