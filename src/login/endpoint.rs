//! The servers of one client, and how messages name them.

use super::transport::Transport;
use crate::base_url::BaseUrl;
use crate::client::ClientId;
use crate::region::Region;

/// The servers of one client.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// The login server.
    pub login_url: BaseUrl,
    /// The API server.
    pub api_url: BaseUrl,
    /// The client.
    pub client_id: ClientId,
    /// The region.
    pub region: &'static Region,
    /// What decided the region.
    pub region_source: RegionSource,
    /// How connections are made.
    pub transport: Transport,
}

/// What decided the region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RegionSource {
    /// The caller named it.
    Name,
    /// The caller named its login server.
    LoginUrl,
    /// The caller named none.
    Default,
}

impl Endpoint {
    /// The login server as errors name it. Built on demand, so that a hit does not pay for it.
    pub(crate) fn login_server(&self) -> String {
        format!("the login server {}", self.login_url)
    }

    /// The region, and what decided it.
    pub(super) fn region_described(&self) -> String {
        let Region { aws, domain, .. } = self.region;
        let region = match self.region_source {
            RegionSource::Name => format!("{aws}, {domain}"),
            RegionSource::LoginUrl => format!("{aws}, by its login URL"),
            RegionSource::Default => format!("{aws}, the default, since no region was given"),
        };
        if self.login_url == self.region.login_url() {
            region
        } else {
            format!("{region}, at the given login URL {}", self.login_url.as_str())
        }
    }
}

#[cfg(test)]
impl Endpoint {
    /// An endpoint whose parts are easy to find in an error.
    pub(super) fn for_tests(login_url: &str) -> Self {
        let login_url = BaseUrl::parse(login_url).expect("a base URL");
        let (client_id, _) = ClientId::parse("11111111-2222-3333-4444-555555555555").expect("a client id");
        Self {
            api_url: login_url.clone(),
            login_url,
            client_id,
            region: Region::default(),
            region_source: RegionSource::Default,
            transport: Transport::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_is_described_with_what_decided_it_and_with_a_login_url_of_its_own() {
        let mut endpoint = Endpoint::for_tests("https://login.example");
        let described = "us-east-1, the default, since no region was given";
        assert_eq!(
            endpoint.region_described(),
            format!("{described}, at the given login URL https://login.example")
        );
        endpoint.login_url = endpoint.region.login_url();
        assert_eq!(endpoint.region_described(), described);
        endpoint.region_source = RegionSource::Name;
        assert_eq!(endpoint.region_described(), "us-east-1, mypurecloud.com");
        endpoint.region_source = RegionSource::LoginUrl;
        assert_eq!(endpoint.region_described(), "us-east-1, by its login URL");
    }
}
