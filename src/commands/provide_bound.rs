//! How a verb gets the token of the `bind` or `exec` around it. It can't be refreshed here: the secret is out of reach.

use std::time::Duration;

use super::expect_org::{Guard, untold};
use super::explain::with_foreign_hosts;
use crate::duration::format_duration;
use crate::environment::variable;
use crate::error::{Category, Error, Result};
use crate::log::Log;
use crate::login::{Connection, Liveness};
use crate::output::{Answer, Reporter, Source};
use crate::settings::{ApiSettings, BoundSettings};
use crate::time::Clock;
use crate::token::AccessToken;
use crate::world::World;

/// The bound token.
pub(super) fn provide_bound(settings: BoundSettings, world: &mut World) -> Result<Answer> {
    let BoundSettings {
        token,
        remedy,
        expires_at,
        min_ttl,
        verify,
        expect_org,
        api,
        timeout,
        foreign_host,
        region,
        api_url,
        log,
        mut warnings,
    } = settings;
    let reporter = Reporter::new(log, world.clock, world.machine, world.stderr);
    let left = expires_at.map(|at| at.since(world.clock.now()));
    let advise = |error: Error| error.fix(remedy);
    check_lifetime(left, min_ttl).map_err(advise)?;
    let explain = |error: Error| with_foreign_hosts(error, foreign_host.as_slice());
    let limit = || timeout.saturating_sub(world.clock.elapsed());
    if let Some(expected) = &expect_org {
        let api = api.as_ref().ok_or_else(|| {
            let error = untold(&format!("{} is not set", variable::API_REGION.name));
            error.fix("leave the block's variables as withGenesysToken or bind set them")
        })?;
        let connection = Connection::new(&api.transport, world.clock, &reporter);
        let guard = Guard { expected, api_url: &api.api_url, connection };
        guard.check_bound(&token, limit()).map_err(|error| match error.category {
            Category::Lifetime => explain(advise(error)),
            _ => explain(error),
        })?;
    } else if let Some(api) = api.filter(|_| verify) {
        // Whose organisation is told is alive.
        let unknown = check_alive(&api, &token, limit(), world.clock, &reporter)
            .map_err(|error| explain(advise(error)))?;
        warnings.extend(unknown);
    }
    warnings.extend(foreign_host);
    reporter.bound(left, &warnings);
    Ok(Answer { token, requested_at: None, expires_at, scope: None, source: Source::Bound, region, api_url })
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
fn check_alive(
    api: &ApiSettings,
    token: &AccessToken,
    limit: Duration,
    clock: &dyn Clock,
    log: &dyn Log,
) -> Result<Option<String>> {
    let connection = Connection::new(&api.transport, clock, log);
    match connection.check_token(&api.api_url, token, limit) {
        Liveness::Alive => Ok(None),
        Liveness::Unknown(why) => Ok(Some(why)),
        Liveness::Dead => Err(Error::new(Category::Lifetime, "the API host no longer takes the bound token")),
    }
}
