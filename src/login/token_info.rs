//! Whose a token is, as the Platform API tells its bearer.

use std::time::Duration;

use serde_json::Value;

use super::api::{ADDRESS_REFUSED, ApiResponse};
use super::connection::{Connection, Method};
use super::failure::FailureClass;
use crate::base_url::BaseUrl;
use crate::organization::NamedEntity;
use crate::sanitize::sanitize;
use crate::token::AccessToken;

/// A question that does not keep an idle token alive.
const TOKENS_ME_UNTOUCHED: &str = "/api/v2/tokens/me?preserveIdleTTL=true";
/// The roles of the bearer with their divisions, which needs no permission.
const SUBJECTS_ME: &str = "/api/v2/authorization/subjects/me";

/// The answer to `GET /api/v2/tokens/me` (`TokenInfo` of the Platform API), fit for a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TokenInfo {
    /// The organisation that the token is of.
    pub(crate) organization: NamedEntity,
    /// The OAuth client.
    pub(crate) client: NamedEntity,
    /// The scopes that the client has. With this grant there are none: roles decide.
    pub(crate) scopes: Vec<String>,
    /// The ids of its roles with those of their divisions.
    pub(crate) role_divisions: Vec<RoleGrant>,
}

/// A role of a client in a division (`AuthzGrant` of the Platform API).
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub(crate) struct RoleGrant {
    pub(crate) role: NamedEntity,
    pub(crate) division: NamedEntity,
}

/// What came of asking whose a token is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Identification {
    /// The API host told.
    Known(TokenInfo),
    /// The API host does not take the token any more.
    Dead,
    /// The API host takes no calls from this machine's address.
    AddressRefused,
    /// The API host did not tell; the reason is in words.
    Unknown(String),
}

impl TokenInfo {
    /// Parses the API host's answer about `token`; `None` when it is about something else.
    pub(crate) fn parse(answer: &ApiResponse, token: &AccessToken) -> Option<Self> {
        let json = answer.json.as_ref().filter(|_| answer.status == 200)?;
        let organization = named_entity(&json["organization"], token)?;
        if organization.id.is_empty() {
            return None;
        }
        let client = &json["OAuthClient"];
        let texts = |list: &Value| {
            let texts = list.as_array().into_iter().flatten().filter_map(Value::as_str);
            texts.map(|text| sanitize(text, &[token.expose()])).collect()
        };
        let unnamed = |id: &Value| NamedEntity { id: text(id, token), name: String::new() };
        let grants = client["roleDivisions"].as_array().into_iter().flatten();
        let grants = grants.map(|grant| RoleGrant {
            role: unnamed(&grant["roleId"]),
            division: unnamed(&grant["divisionId"]),
        });
        Some(Self {
            organization,
            client: named_entity(client, token).unwrap_or_else(|| unnamed(&Value::Null)),
            scopes: texts(&json["authorizedScope"]),
            role_divisions: grants.collect(),
        })
    }
}

impl Connection<'_> {
    /// Asks the API host at `api_url` about `token` (`GET /api/v2/tokens/me`), within `limit`; once more after a failure
    /// that may pass.
    pub(crate) fn identify(&self, api_url: &BaseUrl, token: &AccessToken, limit: Duration) -> Identification {
        let until = self.clock().elapsed().saturating_add(limit);
        let ask = || {
            let left = until.saturating_sub(self.clock().elapsed());
            self.call_api(Method::GET, api_url, TOKENS_ME_UNTOUCHED, token, left)
        };
        let first = ask();
        let may_pass = match &first {
            Ok(answer) => answer.status >= 500,
            Err(failure) => failure.class == FailureClass::Transient,
        };
        let answer = if may_pass && self.clock().elapsed() < until { ask() } else { first };
        match answer {
            Ok(answer) => match TokenInfo::parse(&answer, token) {
                Some(info) => Identification::Known(info),
                None if answer.code() == Some(ADDRESS_REFUSED) => Identification::AddressRefused,
                None if answer.status == 401 => Identification::Dead,
                None if answer.status == 200 => Identification::Unknown(
                    "the API host answered HTTP 200, but not about the token".to_owned(),
                ),
                None => Identification::Unknown(answer.refusal()),
            },
            Err(failure) => Identification::Unknown(failure.error.message),
        }
    }

    /// The API host's answer to `GET /api/v2/tokens/me`.
    ///
    /// # Errors
    /// There was no whole answer.
    pub(crate) fn token_info(
        &self,
        api_url: &BaseUrl,
        token: &AccessToken,
        limit: Duration,
    ) -> crate::error::Result<ApiResponse> {
        let answer = self.call_api(Method::GET, api_url, TOKENS_ME_UNTOUCHED, token, limit);
        answer.map_err(|failure| *failure.error)
    }

    /// The roles of the token's client with their divisions, by name (`GET /api/v2/authorization/subjects/me`), within
    /// `limit`.
    ///
    /// # Errors
    /// Why the API host did not tell, in words.
    pub(crate) fn role_grants(
        &self,
        api_url: &BaseUrl,
        token: &AccessToken,
        limit: Duration,
    ) -> Result<Vec<RoleGrant>, String> {
        let answer = self.call_api(Method::GET, api_url, SUBJECTS_ME, token, limit);
        let answer = answer.map_err(|failure| failure.error.message)?;
        let json = answer.json.as_ref().filter(|_| answer.status == 200);
        let grants = json.and_then(|json| json["grants"].as_array()).ok_or_else(|| answer.refusal())?;
        let grant = |grant: &Value| {
            Some(RoleGrant {
                role: named_entity(&grant["role"], token)?,
                division: named_entity(&grant["division"], token)?,
            })
        };
        Ok(grants.iter().filter_map(grant).collect())
    }
}

fn named_entity(json: &Value, token: &AccessToken) -> Option<NamedEntity> {
    json.is_object().then(|| NamedEntity { id: text(&json["id"], token), name: text(&json["name"], token) })
}

fn text(json: &Value, token: &AccessToken) -> String {
    sanitize(json.as_str().unwrap_or_default(), &[token.expose()])
}
