//! Regions, however they are spelled.

use super::*;

/// Which login and API host a call would ask, by the tunnel that it wants.
fn hosts(call: Call) -> (String, String) {
    let (proxy, dir) = (Proxy::start(ProxyBehaviour::Refuse407), dir());
    let call = call.credential(CLIENT_ID, CLIENT_SECRET).cache(dir.path()).env("HTTPS_PROXY", proxy.url());
    let error = call.args(["--error-format", "json"]).run().refused();
    assert_eq!(error.category, Category::Unavailable, "{error:?}");
    (proxy.connects().remove(0), error.message)
}

#[test]
fn may_be_spelled_in_many_ways_and_decides_the_login_host() {
    for text in [
        "eu-central-1",
        "EU_Central_1",
        "mypurecloud.de",
        "api.mypurecloud.de",
        "LOGIN.mypurecloud.de",
        "https://apps.mypurecloud.de/directory/#/admin",
        "https://api.mypurecloud.de:443/",
    ] {
        let (host, message) = hosts(Call::bare("get").env("GENESYSCLOUD_REGION", text));
        assert_eq!(host, "login.mypurecloud.de:443", "{text}");
        assert!(message.contains("login.mypurecloud.de"), "{message}");
    }
}

#[test]
fn is_us_east_1_when_none_is_given_and_the_flag_wins_over_the_variable() {
    assert_eq!(hosts(Call::bare("get")).0, "login.mypurecloud.com:443");
    assert_eq!(hosts(Call::bare("get").env("GENESYSCLOUD_REGION", "")).0, "login.mypurecloud.com:443");
    let both = Call::bare("get").env("GENESYSCLOUD_REGION", "nonsense").args(["--region", "ap-south-1"]);
    assert_eq!(hosts(both).0, "login.aps1.pure.cloud:443");
}

#[test]
fn decides_what_the_body_of_a_block_sees() {
    let (server, dir) = (server(), dir());
    let call = Call::new("get", &server, dir.path()).without("GENESYS_TOKEN_API_URL");
    let done = call.args(["--region", "apse2", "--format", "env"]).run();
    assert_eq!(done.code, 0, "{done:?}");
    assert!(done.stdout.contains("export GENESYSCLOUD_REGION='ap-southeast-2'\n"), "{done:?}");
    let api = "export GENESYSCLOUD_API_REGION='https://api.mypurecloud.com.au'\n";
    assert!(done.stdout.contains(api), "{done:?}");
}

#[test]
fn that_is_unknown_is_a_usage_error_that_offers_the_nearest() {
    for (text, offer) in [
        ("eu-cental-1", "eu-central-1"),
        ("mypurecloud.dee", "mypurecloud.de"),
        ("login.eu-central-1.pure.cloud", "mypurecloud.de"),
        (" eu-central-1", "white space"),
        ("mars-north-1", "genesys-token regions"),
        ("https://evil-mypurecloud.de", "genesys-token regions"),
    ] {
        let call = Call::bare("get").credential(CLIENT_ID, CLIENT_SECRET).args(["--region", text]);
        let error = refused(call, Category::Usage, "unknown region");
        assert!(error.hint.contains(offer), "{offer} is not in {error:?}");
    }
}
