//! `--expect-org`: nothing is done with a token of another organisation, or of one that can't be told.

use std::time::Duration;

use crate::base_url::BaseUrl;
use crate::broker::{Broker, Provided, Request, Source};
use crate::cache::TokenFacts;
use crate::error::{Category, Error, Result};
use crate::login::{
    ADDRESS_REFUSED_WORDS, ALLOW_ADDRESS, ALLOW_API_HOST, Connection, Identification, ONE_REGION,
};
use crate::organization::{ExpectedOrganization, NamedEntity};
use crate::token::AccessToken;

/// One question. An API host that is slower would hold up every pipeline that asks for its organisation.
const LIMIT: Duration = Duration::from_secs(10);

/// What a token's organisation must be, and where to ask for it.
pub(super) struct Guard<'a> {
    pub(super) expected: &'a ExpectedOrganization,
    pub(super) api_url: &'a BaseUrl,
    pub(super) connection: Connection<'a>,
}

impl Guard<'_> {
    /// A token from the cache or the login server, of the expected organisation. Which one it is of is asked once per
    /// token and kept beside it.
    ///
    /// # Errors
    /// There is no token, it is of another organisation, or the API host does not tell.
    pub(super) fn token(&self, broker: &Broker, request: Request) -> Result<Provided> {
        let first = broker.token(request)?;
        if self.accepts(&first, broker, request)? {
            return Ok(first);
        }
        let unaccepted = || untold("it does not accept the token").fix(ONE_REGION);
        if matches!(first.source, Source::Fetched(_)) {
            return Err(unaccepted());
        }
        // An idle timeout has ended it. The broker sees that for itself, and fetches another one; once, since an API host
        // may say now this and now that.
        let second = broker.token_in_doubt(request, &first.token)?;
        if self.accepts(&second, broker, request)? { Ok(second) } else { Err(unaccepted()) }
    }

    /// Whether the API host accepts the token, which is of the expected organisation then.
    fn accepts(&self, provided: &Provided, broker: &Broker, request: Request) -> Result<bool> {
        let token = &provided.token;
        let facts = broker.cache.map(|cache| cache.facts(&token.value));
        let facts = facts.unwrap_or_else(|| provided.facts.clone());
        if let Some(organization) = &facts.organization {
            return self.check(organization).map(|()| true);
        }
        let remaining = request.timeout.saturating_sub(broker.clock.elapsed());
        let Some(organization) = self.organization(&token.value, remaining)? else { return Ok(false) };
        broker.keep_facts(token, TokenFacts { organization: Some(organization.clone()), ..facts });
        self.check(&organization).map(|()| true)
    }

    /// Asks which organisation a bound token is of.
    ///
    /// # Errors
    /// It is of another organisation, or the API host does not tell.
    pub(super) fn check_bound(&self, token: &AccessToken, limit: Duration) -> Result<()> {
        match self.organization(token, limit)? {
            Some(organization) => self.check(&organization),
            None => Err(Error::new(Category::Lifetime, "the API host no longer takes the bound token")),
        }
    }

    /// `None` if the API host does not take the token any more.
    fn organization(&self, token: &AccessToken, limit: Duration) -> Result<Option<NamedEntity>> {
        match self.connection.identify(self.api_url, token, limit.min(LIMIT)) {
            Identification::Known(info) => Ok(Some(info.organization)),
            Identification::Dead => Ok(None),
            Identification::AddressRefused => Err(untold(ADDRESS_REFUSED_WORDS).fix(ALLOW_ADDRESS)),
            Identification::Unknown(why) => Err(untold(&why).fix(ALLOW_API_HOST)),
        }
    }

    fn check(&self, organization: &NamedEntity) -> Result<()> {
        if self.expected.is(organization) {
            return Ok(());
        }
        let message =
            format!("the token is of the organisation {organization}, and not of {}", self.expected);
        Err(Error::new(Category::WrongOrg, message)
            .cause("the credential is that of another organisation")
            .fix(format!("use the credential of {}", self.expected))
            .fix("or correct --expect-org"))
    }
}

/// A guard that lets pass what it can't tell guards nothing.
pub(super) fn untold(why: &str) -> Error {
    Error::new(Category::Unavailable, format!("cannot tell which organisation the token is of: {why}"))
        .cause("--expect-org asks the API host, and a guard that lets pass what it can't tell is none")
}
