//! Where a verb gets its token from: the credential, or the token bound around the call.

use super::bound::{BoundSettings, BoundToken};
use super::client::ClientSettings;
use super::credential::has_secret;
use super::value::{expect_org, min_ttl, verify_after};
use crate::broker::{Request, Requirements};
use crate::cache::CacheKey;
use crate::cli::TokenArgs;
use crate::error::Result;
use crate::organization::ExpectedOrganization;
use crate::world::World;

/// Where a verb gets its token from.
#[derive(Debug)]
pub(crate) enum TokenSettings {
    /// The cache or the login server.
    Credential(Box<CredentialSettings>),
    /// The token of the `bind` or `exec` around this call.
    Bound(Box<BoundSettings>),
}

/// A token by the credential.
#[derive(Debug)]
pub(crate) struct CredentialSettings {
    /// The client.
    pub(crate) client: ClientSettings,
    /// Whether the cache is used.
    pub(crate) use_cache: bool,
    /// What the token must satisfy.
    pub(crate) request: Request,
    /// The organisation that it must be of.
    pub(crate) expect_org: Option<ExpectedOrganization>,
}

impl TokenSettings {
    /// Resolves them: without a credential the bound token serves, if there is one.
    ///
    /// # Errors
    /// A value that makes no sense, a missing or malformed credential, or a flag that a bound token can't satisfy.
    pub(super) fn resolve(args: &TokenArgs, world: &mut World) -> Result<Self> {
        if !has_secret(&args.client, world.environment)
            && let Some(bound) = BoundToken::find(world.environment)?
        {
            return BoundSettings::resolve(args, bound, world)
                .map(|settings| Self::Bound(Box::new(settings)));
        }
        CredentialSettings::resolve(args, world).map(|settings| Self::Credential(Box::new(settings)))
    }

    /// Whose token will be fetched: its cache key, and the AWS name of its region; `None` for a bound token.
    pub(crate) fn cached_as(&self) -> Option<(CacheKey, &'static str)> {
        match self {
            Self::Credential(settings) => Some(settings.cached_as()),
            Self::Bound(_) => None,
        }
    }
}

impl CredentialSettings {
    /// Whose token will be fetched.
    pub(crate) fn cached_as(&self) -> (CacheKey, &'static str) {
        (self.client.cache_key(), self.client.endpoint.region.aws)
    }

    /// Resolves them. The call starts now.
    ///
    /// # Errors
    /// A value that makes no sense, or a missing or malformed credential.
    pub(super) fn resolve(args: &TokenArgs, world: &mut World) -> Result<Self> {
        let started_at = world.clock.now();
        let client = ClientSettings::resolve(&args.client, world)?;
        let requirements = Requirements {
            started_at,
            min_ttl: min_ttl(args.min_ttl, world.environment)?,
            force_refresh: args.force_refresh.is_some(),
        };
        let verify_after = verify_after(args.verify, world.environment)?;
        let request = Request { requirements, verify_after, timeout: client.timeout };
        let expect_org = expect_org(args.expect_org.as_deref(), world.environment)?;
        Ok(Self { client, use_cache: args.no_cache.is_none(), request, expect_org })
    }
}
