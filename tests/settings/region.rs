//! Regions, in every spelling.

use super::*;

/// The login host of a call, by the tunnel that it requests from a proxy.
#[track_caller]
fn login_host(call: Call) -> String {
    let (proxy, dir) = (Proxy::start(ProxyBehaviour::Refuse(407)), temporary_dir());
    let call = call.credential(CLIENT_ID, CLIENT_SECRET).cache(dir.path()).env("HTTPS_PROXY", proxy.url());
    let error = call.refused(Category::Unavailable);
    let target = proxy.connects().remove(0);
    let host = target.strip_suffix(":443").expect("the port of https").to_owned();
    let ending = format!(" before the login server {host} requires authentication (HTTP 407)");
    assert!(error.message.ends_with(&ending), "{error:?}");
    host
}

fn get_in(region: &str) -> Call {
    genesys_token().get().env("GENESYSCLOUD_REGION", region)
}

#[test]
fn a_region_in_any_spelling_decides_the_login_host() {
    for text in [
        "eu-central-1",
        "EU_Central_1",
        "mypurecloud.de",
        "api.mypurecloud.de",
        "LOGIN.mypurecloud.de",
        "https://apps.mypurecloud.de/directory/#/admin",
        "https://api.mypurecloud.de:443/",
    ] {
        assert_eq!(login_host(get_in(text)), "login.mypurecloud.de", "{text}");
    }
}

#[test]
fn the_region_is_us_east_1_by_default_and_the_flag_wins_over_the_variable() {
    assert_eq!(login_host(genesys_token().get()), "login.mypurecloud.com");
    assert_eq!(login_host(get_in("")), "login.mypurecloud.com");
    let both = get_in("nonsense").args(["--region", "ap-south-1"]);
    assert_eq!(login_host(both), "login.aps1.pure.cloud");
}

#[test]
fn the_region_decides_region_and_api_url_of_the_answer() {
    let scene = Scene::new();
    let call = scene.get().without("GENESYS_TOKEN_API_URL").args(["--region", "apse2", "--format", "env"]);
    let expected = "\
        export GENESYSCLOUD_ACCESS_TOKEN='*'\n\
        export GENESYSCLOUD_REGION='ap-southeast-2'\n\
        export GENESYSCLOUD_API_REGION='https://api.mypurecloud.com.au'\n\
        export GENESYS_TOKEN_EXPIRES_AT='*'\n";
    call.stdout(expected).fetched("no entry").success();
}

#[test]
fn an_unknown_region_is_a_usage_error_that_suggests_the_nearest() {
    for (text, suggestion) in [
        ("eu-cental-1", "eu-central-1"),
        ("mypurecloud.dee", "mypurecloud.de"),
        ("login.eu-central-1.pure.cloud", "mypurecloud.de"),
        (" eu-central-1", "white space"),
        ("mars-north-1", "genesys-token regions"),
        ("https://evil-mypurecloud.de", "genesys-token regions"),
    ] {
        let call = get_with_credential().args(["--region", text]);
        let error = call.refused(Category::Usage);
        assert!(error.message.starts_with("unknown region"), "{error:?}");
        assert!(error.hint().contains(suggestion), "{suggestion} is not in {error:?}");
    }
}
