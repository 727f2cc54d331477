//! The hosts that bypass the proxy, as curl reads `NO_PROXY`.

use hyper_util::client::proxy::matcher::Matcher;

use crate::base_url::BaseUrl;

/// Any proxy: the matcher's only question here is which hosts bypass it.
const A_PROXY: &str = "http://proxy.invalid";

/// Whether requests to `url` bypass the proxy.
pub(super) fn exempts(no_proxy: &str, url: &BaseUrl) -> bool {
    let matcher = Matcher::builder().https(A_PROXY).no(as_the_matcher_reads_it(no_proxy)).build();
    let host = url.host().strip_suffix('.').unwrap_or(url.host());
    format!("https://{host}").parse().is_ok_and(|uri: http::Uri| matcher.intercept(&uri).is_none())
}

/// For curl a blank separates hosts as a comma does, a dot at the end of a name means nothing, and a star stands for
/// every host only when there is nothing else.
fn as_the_matcher_reads_it(no_proxy: &str) -> String {
    if no_proxy == "*" {
        return no_proxy.to_owned();
    }
    let hosts = no_proxy.split([',', ' ', '\t']).filter(|host| *host != "*");
    let is_name = |host: &str| !host.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let hosts = hosts.map(|host| host.strip_suffix('.').filter(|host| is_name(host)).unwrap_or(host));
    hosts.collect::<Vec<_>>().join(",")
}
