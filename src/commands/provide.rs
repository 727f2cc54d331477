//! How every verb that needs a token gets one by the credential: through cache and login server.

use super::expect_org::Guard;
use super::explain::explain;
use super::provide_bound::provide_bound;
use crate::broker::{Broker, Source as BrokerSource};
use crate::cache::Cache;
use crate::error::Result;
use crate::login::{Connection, HttpLogin};
use crate::output::{Answer, Level, Reporter, Source};
use crate::settings::{ClientSettings, CredentialSettings, TokenSettings};
use crate::store::DirStore;
use crate::world::World;

/// A token by the credential, or the bound one.
pub(super) fn provide(settings: TokenSettings, world: &mut World) -> Result<Answer> {
    match settings {
        TokenSettings::Credential(settings) => provide_by_credential(*settings, world),
        TokenSettings::Bound(settings) => provide_bound(*settings, world),
    }
}

/// A token by the credential.
pub(super) fn provide_by_credential(settings: CredentialSettings, world: &mut World) -> Result<Answer> {
    let CredentialSettings { mut client, use_cache, request, expect_org } = settings;
    let environment = world.environment;
    let mut reporter = Reporter::new(client.log, world.stderr);
    let store = if use_cache { open_store(&mut client) } else { None };
    let cache = store.as_ref().map(|store| Cache::new(store, client.cache_key(), &client.client.secret));
    reporter.say(Level::Verbose, || match &cache {
        Some(cache) => format!("cache entry {}", cache.location()),
        None => "no cache".to_owned(),
    });
    let login = HttpLogin::new(&client.endpoint, &client.client, &client.scopes, world.clock);
    let broker = Broker { cache: cache.as_ref(), login: &login, clock: world.clock, random: world.random };
    let provided = match &expect_org {
        None => broker.token(request),
        Some(expected) => {
            let connection = Connection::new(&client.endpoint.transport, world.clock);
            Guard { expected, api_url: &client.endpoint.api_url, connection }.token(&broker, request)
        }
    };
    let provided = provided.map_err(|error| explain(error, &client, environment))?;
    let mut warnings = client.all_warnings();
    if let BrokerSource::Fetched(_) = provided.source {
        // What looks odd about a credential matters when the server refuses it, or sees it first.
        warnings.extend(findings(&client));
        warnings.extend(missing_scopes(&client, provided.token.scope.as_deref()));
    }
    reporter.provided(&provided, &client.client.id, &client.host, &warnings, world.clock.now());
    let requested = (!client.scopes.is_empty()).then(|| client.scopes.to_string());
    Ok(Answer {
        token: provided.token.value,
        requested_at: provided.token.lifetime.map(|lifetime| lifetime.requested_at),
        expires_at: provided.token.lifetime.map(|lifetime| lifetime.expires_at),
        scope: provided.token.scope.or(requested),
        source: Source::Broker(provided.source),
        region: Some(client.endpoint.region.aws.to_owned()),
        api_url: Some(client.endpoint.api_url.as_str().to_owned()),
    })
}

/// A cache that can't be used is a warning.
fn open_store(client: &mut ClientSettings) -> Option<DirStore> {
    client.cache.open_or_create().map_err(|why| client.warnings.push(why)).ok()
}

/// What looks odd about the credential and the scopes.
fn findings(client: &ClientSettings) -> impl Iterator<Item = String> {
    let findings = client.client.lint().into_iter().map(|finding| finding.message);
    findings.chain(client.scopes.lint())
}

/// The warning about scopes that were requested and not granted.
fn missing_scopes(client: &ClientSettings, scope: Option<&str>) -> Option<String> {
    let missing = client.scopes.missing_from(scope?);
    (!missing.is_empty()).then(|| format!("requested scopes that were not granted: {}", missing.join(" ")))
}
