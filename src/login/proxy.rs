//! The proxy before a server: whether a request goes through it, and how messages name it.

use super::no_proxy;
use super::proxy_url::{ProxyUrl, UnusableProxyUrl};
use super::transport::{Proxy, Transport};
use crate::base_url::BaseUrl;

impl Transport {
    /// The proxy that requests to `url` go through. There is none for plain http, which is for loopback and must not
    /// leave the machine.
    pub(crate) fn proxy_for(&self, url: &BaseUrl) -> Option<&Proxy> {
        self.proxy.as_ref().filter(|proxy| {
            url.is_https() && !proxy.no_proxy.as_ref().is_some_and(|hosts| no_proxy::exempts(hosts, url))
        })
    }
}

impl Proxy {
    /// Its URL, which is judged only when a request has to go through it.
    pub(crate) fn url(&self) -> Result<ProxyUrl, UnusableProxyUrl> {
        ProxyUrl::parse(self.text.expose())
    }

    /// That its value can't be used. The value itself stays out of the error: it may hold a password.
    pub(crate) fn unusable(&self) -> String {
        format!("the value of {} is not the URL of an HTTP proxy", self.variable.name)
    }

    /// As messages name it: never its password.
    pub(super) fn described(&self) -> String {
        let address = self.url().map_or_else(|_| String::new(), |url| format!(" {url}"));
        format!("the proxy{address} ({})", self.variable.name)
    }
}
