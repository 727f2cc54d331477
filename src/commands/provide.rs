//! How every verb that needs a token gets one by the credential: through cache and login server.

use super::expect_org::Guard;
use super::explain::explain;
use super::fleet::LazyStore;
use super::provide_bound::provide_bound;
use crate::broker::{Broker, Source as BrokerSource};
use crate::cache::{BuildShare, Cache};
use crate::error::Result;
use crate::log::{Level, Log, Subject};
use crate::login::{Connection, HttpLogin};
use crate::output::{Answer, Reporter, Source};
use crate::settings::{ClientSettings, CredentialSettings, TokenSettings};
use crate::store::DirStore;
use crate::world::World;

/// A token by the credential, or the bound one.
pub(super) fn provide(settings: TokenSettings, world: &mut World) -> Result<Answer> {
    match settings {
        TokenSettings::Credential(settings) => {
            provide_by_credential(*settings, None, world).map(|(answer, _)| answer)
        }
        TokenSettings::Bound(settings) => provide_bound(*settings, world),
    }
}

/// A token by the credential, or that of another agent of the build; with what is to be offered to the next one.
pub(super) fn provide_by_credential(
    settings: CredentialSettings,
    build: Option<&BuildShare>,
    world: &mut World,
) -> Result<(Answer, Option<String>)> {
    let CredentialSettings { mut client, use_cache, request, expect_org } = settings;
    let environment = world.environment;
    let reporter = Reporter::new(client.log, world.clock, world.machine, world.stderr);
    let log: &dyn Log = &reporter;
    let store = if use_cache { open_store(&mut client) } else { None };
    let cache_key = client.cache_key();
    let cache = store.as_ref().map(|store| Cache::new(store, cache_key.clone(), &client.client.secret));
    tell_entry(log, cache.as_ref());
    let login = HttpLogin::new(&client.endpoint, &client.client, &client.scopes, world.clock, log);
    let (clock, random) = (world.clock, world.random);
    let shared_store = LazyStore::new(&client, clock);
    let fleet = shared_store.as_ref().map(|store| store.cache(&cache_key, &client, random));
    let (cache_of_disk, fleet) = (cache.as_ref(), fleet.as_ref());
    let broker = Broker { cache: cache_of_disk, build, fleet, login: &login, clock, random, log };
    let provided = match &expect_org {
        None => broker.token(request),
        Some(expected) => {
            let connection = Connection::new(&client.endpoint.transport, world.clock, log);
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
    reporter.provided(&provided, client.whose(), &warnings);
    let entry = build.and_then(|build| {
        let facts = cache.as_ref().map(|cache| cache.facts(&provided.token.value));
        build.answer(&provided.token, facts.unwrap_or(provided.facts), random)
    });
    let requested = (!client.scopes.is_empty()).then(|| client.scopes.to_string());
    let answer = Answer {
        token: provided.token.value,
        requested_at: provided.token.lifetime.map(|lifetime| lifetime.requested_at),
        expires_at: provided.token.lifetime.map(|lifetime| lifetime.expires_at),
        scope: provided.token.scope.or(requested),
        source: Source::Broker(provided.source),
        region: Some(client.endpoint.region.aws.to_owned()),
        api_url: Some(client.endpoint.api_url.as_str().to_owned()),
    };
    Ok((answer, entry))
}

/// A cache that can't be used is a warning.
fn open_store(client: &mut ClientSettings) -> Option<DirStore> {
    const FIX: &str = "name a directory of your own with --cache-dir or GENESYS_TOKEN_CACHE_DIR";
    client.cache.open_or_create().map_err(|why| client.warnings.push(format!("{why}; fix: {FIX}"))).ok()
}

/// Where the token is looked for.
fn tell_entry(log: &dyn Log, cache: Option<&Cache>) {
    if log.level() < Level::Debug {
        return;
    }
    match cache {
        Some(cache) => log.decided(Subject::Cache, "entry", format_args!("entry {}", cache.location())),
        None => log.decided(Subject::Cache, "none", format_args!("none is used")),
    }
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
