//! Names, connections, proxies and certificates.

use super::*;

#[test]
fn has_a_misspelled_region() {
    let (server, cache) = (server(), dir());
    let call = doctor(&server, cache.path()).env("GENESYSCLOUD_REGION", "eu-cetnral-1");
    assert_first(&server, call, "region", 2, &["unknown region", "did you mean eu-central-1"]);
}

#[test]
fn has_a_region_and_a_login_url_of_another() {
    let (server, cache) = (server(), dir());
    let call = doctor(&server, cache.path()).login_url("https://login.mypurecloud.de");
    let call = call.env("GENESYSCLOUD_REGION", "eu-west-1");
    assert_first(&server, call, "region", 2, &["the region is eu-west-1, and the login URL of eu-central-1"]);
}

#[test]
fn leads_to_the_api_host() {
    let (server, cache) = (server(), dir());
    let call = doctor(&server, cache.path()).login_url("https://api.mypurecloud.de");
    assert_first(&server, call, "region", 2, &["is an API host", "begins with login."]);
}

#[test]
fn has_a_name_without_an_address() {
    let (server, cache) = (server(), dir());
    let call = doctor(&server, cache.path()).login_url("https://login.invalid");
    assert_first(&server, call, "network", 6, &["there is no address for login.invalid"]);
}

#[test]
fn ends_where_nobody_listens() {
    let (server, cache) = (server(), dir());
    let call = doctor(&server, cache.path()).login_url(&refused_url());
    assert_first(&server, call, "network", 6, &["no connection to 127.0.0.1", "refused"]);
}

#[test]
fn ends_at_a_proxy_that_is_down() {
    let cache = dir();
    let server = LoginServer::start_tls(Behaviour::default(), Certificate::Good);
    let call = doctor(&server, cache.path()).env("HTTPS_PROXY", refused_url());
    assert_first(&server, call, "network", 6, &["the proxy", "refused"]);
}

#[test]
fn has_a_proxy_that_wants_a_login() {
    let (cache, proxy) = (dir(), Proxy::start(ProxyBehaviour::Refuse407));
    let server = LoginServer::start_tls(Behaviour::default(), Certificate::Good);
    let call = doctor(&server, cache.path()).env("HTTPS_PROXY", proxy.url());
    assert_first(&server, call, "token", 6, &["HTTP 407", "put user and password into HTTPS_PROXY"]);
}

#[test]
fn has_a_proxy_whose_url_is_none() {
    let cache = dir();
    let server = LoginServer::start_tls(Behaviour::default(), Certificate::Good);
    for proxy in ["http://[:secret-pass@", "socks5://127.0.0.1:1080"] {
        let call = doctor(&server, cache.path()).env("HTTPS_PROXY", proxy);
        assert_first(&server, call, "proxy", 2, &["HTTPS_PROXY is not the URL of an HTTP proxy"]);
    }
}

#[test]
fn ends_at_a_certificate_that_does_not_hold() {
    for (certificate, what) in [
        (Certificate::Expired, "expired"),
        (Certificate::SelfSigned, "UnknownIssuer"),
        (Certificate::WrongHost, "not valid for name"),
    ] {
        let (server, cache) = (LoginServer::start_tls(Behaviour::default(), certificate), dir());
        assert_first(
            &server,
            doctor(&server, cache.path()),
            "tls",
            6,
            &[what, "the server shows a certificate for", "private CA", "--ca-cert"],
        );
        assert_eq!(server.log().len(), 0);
    }
}

#[test]
fn ends_at_a_certificate_of_a_stranger() {
    let (stranger, cache) = (LoginServer::start_tls(Behaviour::default(), Certificate::Good), dir());
    let server = LoginServer::start_tls(Behaviour::default(), Certificate::Good);
    let call = doctor(&server, cache.path()).env("GENESYS_TOKEN_CA_CERT", stranger.ca_file());
    assert_first(&server, call, "tls", 6, &["by CN=loopback CA", "held against"]);
}

#[test]
fn has_a_ca_file_that_is_none() {
    let cache = dir();
    let server = LoginServer::start_tls(Behaviour::default(), Certificate::Good);
    let call = doctor(&server, cache.path()).env("GENESYS_TOKEN_CA_CERT", "/no/such/ca.pem");
    assert_first(&server, call, "tls", 2, &["cannot use /no/such/ca.pem"]);
}

#[test]
fn ends_where_no_tls_is_spoken() {
    let (server, cache) = (server(), dir());
    let call = doctor(&server, cache.path()).login_url(&server.login_url().replace("http:", "https:"));
    assert_first(&server, call, "tls", 6, &["does not speak TLS as it should"]);
}
