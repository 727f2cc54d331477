//! Whom to ask, and how to speak of it.

use super::route::Route;
use crate::client::ClientId;
use crate::region::Region;

/// The servers of one client.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// Base URL of the login server, without a slash at the end.
    pub login_url: String,
    /// Base URL of the API server, likewise.
    pub api_url: String,
    /// Who asks.
    pub client_id: ClientId,
    /// Where the login server stands.
    pub region: &'static Region,
    /// How the region came to be that one.
    pub chosen: Chosen,
    /// The way there.
    pub route: Route,
}

/// How a region came to be the one that is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chosen {
    /// The caller named it.
    ByName,
    /// The caller named its login server.
    ByLoginUrl,
    /// The caller named none.
    ByDefault,
}

impl Endpoint {
    /// The login server as errors name it. Made when it is needed, which on a hit it is not.
    pub fn asked(&self) -> String {
        format!("the login server {}", self.login_url.strip_prefix("https://").unwrap_or(&self.login_url))
    }

    /// The region that was asked, and how it came to be that one.
    pub fn region_asked(&self) -> String {
        let Region { aws, domain, .. } = self.region;
        let region = match self.chosen {
            Chosen::ByName => format!("{aws}, {domain}"),
            Chosen::ByLoginUrl => format!("{aws}, by its login URL"),
            Chosen::ByDefault => format!("{aws}, the default, since no region was given"),
        };
        if self.login_url == self.region.login_url() {
            region
        } else {
            format!("{region}, but at {}, the login URL that was given", self.login_url)
        }
    }
}

#[cfg(test)]
impl Endpoint {
    /// An endpoint whose parts are easy to find in an error.
    pub(super) fn for_tests(login_url: &str) -> Self {
        let (client_id, _) = ClientId::clean("11111111-2222-3333-4444-555555555555").expect("a client id");
        Self {
            login_url: login_url.to_owned(),
            api_url: login_url.to_owned(),
            client_id,
            region: Region::default(),
            chosen: Chosen::ByDefault,
            route: Route::default(),
        }
    }
}
