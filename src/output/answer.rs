//! The answer of a call: a token with everything that the formats can show.

use crate::broker;
use crate::environment::variable::{self, Variable};
use crate::time::Timestamp;
use crate::token::AccessToken;

/// A token and what is known of it.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The token.
    pub token: AccessToken,
    /// When it was requested, if that is known.
    pub requested_at: Option<Timestamp>,
    /// When it ends, if that is known.
    pub expires_at: Option<Timestamp>,
    /// The scopes it has, separated by spaces, when the server said so or the caller requested some.
    pub scope: Option<String>,
    /// Where it came from.
    pub source: Source,
    /// AWS name of the region.
    pub region: Option<String>,
    /// Base URL of the API.
    pub api_url: Option<String>,
}

/// Where the token of an answer came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The cache or the login server.
    Broker(broker::Source),
    /// The `bind` or `exec` around this call.
    Bound,
}

impl Source {
    /// The word for it in JSON output.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Broker(broker::Source::Reused) => "reused",
            Self::Broker(broker::Source::Waited(_)) => "waited",
            Self::Broker(broker::Source::Build) => "build",
            Self::Broker(broker::Source::SharedCache { .. }) => "shared_cache",
            Self::Broker(broker::Source::Fetched(_)) => "fetched",
            Self::Bound => "bound",
        }
    }
}

impl Answer {
    /// The environment variables that hand the answer to a command or a shell.
    pub(crate) fn variables(&self) -> impl Iterator<Item = (&'static Variable, String)> {
        [
            (variable::ACCESS_TOKEN, Some(self.token.expose().to_owned())),
            (variable::REGION, self.region.clone()),
            (variable::API_REGION, self.api_url.clone()),
            (variable::EXPIRES_AT, self.expires_at.map(Timestamp::rfc3339)),
        ]
        .into_iter()
        .filter_map(|(variable, value)| value.map(|value| (variable, value)))
    }
}
