//! What several checks need.

use std::time::Duration;

use crate::cache::CacheKey;
use crate::client::Client;
use crate::log::{Awaited, Log, while_waiting};
use crate::login::Endpoint;
use crate::scope::Scopes;
use crate::settings::Surroundings;
use crate::time::Clock;

/// One question takes no longer, however much time is left: a healthy server answers sooner.
const MAX_QUESTION: Duration = Duration::from_secs(10);

/// The deadline of the whole call.
pub struct Deadline<'a> {
    /// The stopwatch of the call.
    pub clock: &'a dyn Clock,
    /// How long the call may take.
    pub timeout: Duration,
    /// What listens to the call.
    pub log: &'a dyn Log,
}

impl Deadline<'_> {
    /// How long the next question may take: never zero, which a socket would take for no limit at all.
    pub(super) fn remaining(&self) -> Duration {
        let left = self.timeout.saturating_sub(self.clock.elapsed());
        left.min(MAX_QUESTION).max(Duration::from_millis(1))
    }

    /// Does `work`, one question, and says meanwhile what is waited for.
    pub(super) fn while_waiting<T>(&self, awaited: Awaited, work: impl FnOnce() -> T) -> T {
        let (log, until) = (self.log, self.clock.now().plus(self.remaining()));
        while_waiting(log, || log.waiting(awaited, until), work)
    }
}

/// The client, its servers and its scopes, once all of them are known.
pub(super) struct ClientContext {
    pub(super) client: Client,
    pub(super) endpoint: Endpoint,
    pub(super) scopes: Scopes,
}

impl ClientContext {
    /// What the client's tokens are cached for.
    pub(super) fn cache_key(&self) -> CacheKey {
        CacheKey {
            client_id: self.client.id.clone(),
            login_url: self.endpoint.login_url.clone(),
            scopes: self.scopes.clone(),
            lane: None,
        }
    }
}

impl Surroundings {
    /// How to store a credential again.
    pub(super) fn store_again(self) -> &'static str {
        match self {
            Self::Jenkins => {
                "in Jenkins, Credentials, update the entry that the pipeline's credentialsId names, and paste id and \
                 secret again from Genesys Cloud's Admin, Integrations, OAuth"
            }
            Self::Shell => {
                "set GENESYSCLOUD_OAUTHCLIENT_ID and GENESYSCLOUD_OAUTHCLIENT_SECRET again, from Genesys Cloud's \
                 Admin, Integrations, OAuth"
            }
        }
    }

    /// How to name the region.
    pub(super) fn name_region(self) -> &'static str {
        match self {
            Self::Jenkins => "give the step region:, or set GENESYSCLOUD_REGION",
            Self::Shell => "give --region, or set GENESYSCLOUD_REGION",
        }
    }
}
