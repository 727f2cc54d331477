//! The calls of the Platform API that are about a token.

use std::time::Duration;

use super::connection::{Connection, Method};
use super::interface::Liveness;
use crate::base_url::BaseUrl;
use crate::error::Result;
use crate::token::AccessToken;

/// Where a token asks about itself, or ends.
pub(crate) const TOKENS_ME: &str = "/api/v2/tokens/me";

/// How the API host says that it takes no calls from this machine's address, whatever the token.
pub(crate) const ADDRESS_REFUSED: &str = "ip.not.authorized";

/// `HEAD /api/v2/tokens/me` is a courtesy; a silent API host is a warning.
const CHECK_LIMIT: Duration = Duration::from_secs(5);

/// What the API host answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ApiResponse {
    pub(crate) status: u16,
    /// The body, if it is JSON.
    pub(crate) json: Option<serde_json::Value>,
}

impl ApiResponse {
    /// The `code` of the Platform API's errors.
    pub(crate) fn code(&self) -> Option<&str> {
        self.json.as_ref()?.get("code")?.as_str()
    }
}

/// What became of a token that was to be revoked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Revocation {
    /// The API host ended it.
    Revoked,
    /// The API host did not take it any more.
    DeadAlready,
    /// The API host did not say so; the reason is in words.
    Failed(String),
}

impl Connection<'_> {
    /// Asks the API host at `api_url` whether `token` is alive (`HEAD /api/v2/tokens/me`), within `limit` and
    /// [`CHECK_LIMIT`].
    pub(crate) fn check_token(&self, api_url: &BaseUrl, token: &AccessToken, limit: Duration) -> Liveness {
        let unknown = |why: &str| Liveness::Unknown(format!("cannot tell whether the token is alive: {why}"));
        match self.call_api(Method::HEAD, api_url, TOKENS_ME, token, limit.min(CHECK_LIMIT)) {
            Ok(ApiResponse { status: 401, .. }) => Liveness::Dead,
            // A 403 is a live token without rights; another token would not change that.
            Ok(ApiResponse { status: 200..=299 | 403, .. }) => Liveness::Alive,
            Ok(ApiResponse { status, .. }) => unknown(&format!("the API host answered HTTP {status}")),
            Err(error) => unknown(&error.message),
        }
    }

    /// Ends `token` at the API host at `api_url` (`DELETE /api/v2/tokens/me`), within `limit`.
    pub(crate) fn revoke(&self, api_url: &BaseUrl, token: &AccessToken, limit: Duration) -> Revocation {
        match self.call_api(Method::DELETE, api_url, TOKENS_ME, token, limit) {
            Ok(ApiResponse { status: 200..=299, .. }) => Revocation::Revoked,
            // This is about the machine, not about the token.
            Ok(answer) if answer.code() == Some(ADDRESS_REFUSED) => {
                Revocation::Failed(format!("the API host refuses this machine's address ({ADDRESS_REFUSED})"))
            }
            Ok(ApiResponse { status: 401, .. }) => Revocation::DeadAlready,
            Ok(ApiResponse { status, .. }) => {
                Revocation::Failed(format!("the API host answered HTTP {status}"))
            }
            Err(error) => Revocation::Failed(error.message),
        }
    }

    /// Calls the API host at `api_url` with `token`.
    ///
    /// # Errors
    /// There was no whole answer, for the same reasons as with the login server.
    pub(crate) fn call_api(
        &self,
        method: Method,
        api_url: &BaseUrl,
        path: &str,
        token: &AccessToken,
        limit: Duration,
    ) -> Result<ApiResponse> {
        let request = self.http()?.request(method, api_url.join(path)).bearer_auth(token.expose());
        let (response, body) = self.send(request, limit).map_err(|interrupted| {
            let server = format!("the API host {api_url}");
            interrupted.into_failure(&server, &[token.expose()]).error
        })?;
        Ok(ApiResponse { status: response.status().as_u16(), json: serde_json::from_slice(&body).ok() })
    }
}
