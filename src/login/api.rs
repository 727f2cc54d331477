//! The calls of the Platform API that are about a token.

use std::time::Duration;

use super::connection::{Connection, Destination, Method};
use super::failure::Failure;
use super::interface::Liveness;
use crate::base_url::BaseUrl;
use crate::log::{Awaited, Subject};
use crate::token::AccessToken;

/// Where a token asks about itself, or ends.
pub(crate) const TOKENS_ME: &str = "/api/v2/tokens/me";

/// How the API host says that it takes no calls from this machine's address, whatever the token.
pub(crate) const ADDRESS_REFUSED: &str = "ip.not.authorized";

/// The same in words.
pub(crate) const ADDRESS_REFUSED_WORDS: &str =
    "the API host refuses this machine's address (ip.not.authorized)";

/// How the API host says that a token has ended: expired, revoked, or never one of this region.
const DEAD_TOKEN: [&str; 2] = ["bad.credentials", "credentials.expired"];

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
    /// Whether the Platform API says that the token has ended. Another host's 401 says nothing of it.
    fn is_dead_token(&self) -> bool {
        self.status == 401 && self.code().is_some_and(|code| DEAD_TOKEN.contains(&code))
    }

    /// What an answer without success says, in words.
    pub(super) fn refusal(&self) -> String {
        match self.code() {
            // This is about the machine, not about the token.
            Some(ADDRESS_REFUSED) => ADDRESS_REFUSED_WORDS.to_owned(),
            _ => format!("the API host answered HTTP {}", self.status),
        }
    }

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
        let liveness = self.liveness(api_url, token, limit);
        let (outcome, reason) = match &liveness {
            Liveness::Alive => ("alive", "the API host takes the token"),
            Liveness::Dead => ("dead", "the API host no longer takes the token"),
            Liveness::Unknown(why) => ("unknown", why.as_str()),
        };
        self.log().decided(Subject::Liveness, outcome, format_args!("{reason}"));
        liveness
    }

    fn liveness(&self, api_url: &BaseUrl, token: &AccessToken, limit: Duration) -> Liveness {
        let unknown = |why: &str| Liveness::Unknown(format!("cannot tell whether the token is alive: {why}"));
        match self.call_api(Method::HEAD, api_url, TOKENS_ME, token, limit.min(CHECK_LIMIT)) {
            Ok(ApiResponse { status: 401, .. }) => self.why_refused(api_url, token, limit),
            // A 403 is a live token without rights; another token would not change that.
            Ok(ApiResponse { status: 200..=299 | 403, .. }) => Liveness::Alive,
            Ok(ApiResponse { status, .. }) => unknown(&format!("the API host answered HTTP {status}")),
            Err(failure) => unknown(&failure.error.message),
        }
    }

    /// After a 401: an answer to `HEAD` has no body, so a `GET` asks for the reason. A refused address is no dead token,
    /// and another token would be refused as well.
    fn why_refused(&self, api_url: &BaseUrl, token: &AccessToken, limit: Duration) -> Liveness {
        match self.call_api(Method::GET, api_url, TOKENS_ME, token, limit.min(CHECK_LIMIT)) {
            Ok(answer) if answer.code() == Some(ADDRESS_REFUSED) => Liveness::Unknown(answer.refusal()),
            _ => Liveness::Dead,
        }
    }

    /// Ends `token` at the API host at `api_url` (`DELETE /api/v2/tokens/me`), within `limit`.
    pub(crate) fn revoke(&self, api_url: &BaseUrl, token: &AccessToken, limit: Duration) -> Revocation {
        match self.call_api(Method::DELETE, api_url, TOKENS_ME, token, limit) {
            Ok(ApiResponse { status: 200..=299, .. }) => Revocation::Revoked,
            Ok(answer) if answer.is_dead_token() => Revocation::DeadAlready,
            Ok(answer) => Revocation::Failed(answer.refusal()),
            Err(failure) => Revocation::Failed(failure.error.message),
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
    ) -> Result<ApiResponse, Failure> {
        let http = self.http(api_url).map_err(Failure::before_request)?;
        let request = http.request(method, api_url.join(path)).bearer_auth(token.expose());
        let server = format!("the API host {api_url}");
        let destination = Destination { url: api_url, server: &server, awaited: Awaited::ApiHost };
        let (response, body) = self.exchange(request, &destination, limit, &[token.expose()])?;
        Ok(ApiResponse { status: response.status().as_u16(), json: serde_json::from_slice(&body).ok() })
    }
}
