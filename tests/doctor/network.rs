//! Names, connections, proxies and certificates.

use genesys_token::error::Category::{Unavailable, Usage};
use loopback_login_server::{Certificate, Proxy, ProxyBehaviour, refused_url};

use crate::findings::{Failure, assert_fails, findings, named};
use crate::harness::{Expected, Scene};
use crate::{doctor, tls_scene, tls_scene_with};

const NAME_THE_REGION: &str = "give --region, or set GENESYSCLOUD_REGION";

#[test]
fn a_misspelled_region_is_refused_with_the_nearest_one() {
    let scene = Scene::new();
    let call = doctor(&scene).env("GENESYSCLOUD_REGION", "eu-cetnral-1");
    let expected = Failure {
        check: "region",
        category: Usage,
        detail: "unknown region \"eu-cetnral-1\"",
        cause: "did you mean eu-central-1 (mypurecloud.de)?; genesys-token regions lists them",
        fix: NAME_THE_REGION,
    };
    assert_fails(&scene, call, &expected);
}

#[test]
fn a_region_and_a_login_url_of_another_region_contradict_each_other() {
    let scene = Scene::new();
    let call =
        doctor(&scene).login_url("https://login.mypurecloud.de").env("GENESYSCLOUD_REGION", "eu-west-1");
    let expected = Failure {
        check: "region",
        category: Usage,
        detail: "the region is eu-west-1, and the login URL is of eu-central-1",
        cause: "the token would be of one region, and the tools' calls go to another",
        fix: "leave GENESYS_TOKEN_LOGIN_URL and --login-url out, and name the region alone",
    };
    assert_fails(&scene, call, &expected);
}

#[test]
fn an_api_host_is_no_login_host() {
    let scene = Scene::new();
    let expected = Failure {
        check: "region",
        category: Usage,
        detail: "the value of GENESYS_TOKEN_LOGIN_URL is api.mypurecloud.de, and tokens come from a login host",
        cause: "this URL is of another service of the same region",
        fix: "leave GENESYS_TOKEN_LOGIN_URL out, and set GENESYSCLOUD_REGION to eu-central-1; or write login.mypurecloud.de \
              there",
    };
    assert_fails(&scene, doctor(&scene).login_url("https://api.mypurecloud.de"), &expected);
}

#[test]
fn a_host_name_without_an_address_is_reported() {
    let scene = Scene::new();
    let expected = Failure {
        check: "network",
        category: Unavailable,
        detail: "there is no address for login.invalid, the login server",
        cause: "the name is wrong, or this machine's name server does not know external names",
        fix: "correct the host of the login URL; if there is a proxy, set HTTPS_PROXY, which resolves names itself",
    };
    assert_fails(&scene, doctor(&scene).login_url("https://login.invalid"), &expected);
}

fn refused<'a>(detail: &'a str, fix: &'a str) -> Failure<'a> {
    Failure {
        check: "network",
        category: Unavailable,
        detail,
        cause: "nothing listens there, or a firewall is in the way",
        fix,
    }
}

#[test]
fn a_port_that_nothing_listens_on_is_reported() {
    let scene = Scene::new();
    let fix = "correct the host or the port of the login URL; if there is a proxy, set HTTPS_PROXY; have the firewall let this machine reach 127.0.0.1:*";
    let expected = refused("no connection to 127.0.0.1:*, the login server: Connection refused*", fix);
    assert_fails(&scene, doctor(&scene).login_url(&refused_url()), &expected);
}

#[test]
fn a_proxy_that_is_down_is_not_mistaken_for_the_login_server() {
    let scene = tls_scene();
    let fix = "correct host and port in HTTPS_PROXY; or start the proxy";
    let expected = refused("no connection to 127.0.0.1:*, the proxy: Connection refused*", fix);
    assert_fails(&scene, doctor(&scene).env("HTTPS_PROXY", refused_url()), &expected);
}

#[test]
fn a_proxy_that_requires_authentication_is_the_cause() {
    let (scene, proxy) = (tls_scene(), Proxy::start(ProxyBehaviour::Refuse(407)));
    let expected = Failure {
        check: "token",
        category: Unavailable,
        detail: "the proxy 127.0.0.1:* (HTTPS_PROXY) before the login server localhost:* requires authentication (HTTP 407)",
        cause: "HTTPS_PROXY has no user and password",
        fix: "put user and password into HTTPS_PROXY; or put localhost into NO_PROXY, if this machine reaches it directly",
    };
    assert_fails(&scene, doctor(&scene).env("HTTPS_PROXY", proxy.url()), &expected);
}

#[test]
fn a_url_of_no_http_proxy_is_neither_used_nor_shown() {
    let scene = tls_scene();
    for (proxy, cause, fix) in [
        ("http://[:secret-pass@", "it names no host, or a port that is no number", "write it as http://*"),
        ("socks5://127.0.0.1:1080", "it names a SOCKS proxy, which is not supported", "write it as http://*"),
        (
            "http://user:secret-pass#@127.0.0.1:1080",
            "the user or the password has a #, /, ? or @ as it is",
            "write them as %23, %2F, %3F and %40 there",
        ),
    ] {
        let expected = Failure {
            check: "proxy",
            category: Usage,
            detail: "the value of HTTPS_PROXY is not the URL of an HTTP proxy",
            cause,
            fix,
        };
        let checks = assert_fails(&scene, doctor(&scene).env("HTTPS_PROXY", proxy), &expected);
        assert!(!format!("{checks:?}").contains("secret-pass"), "{checks:?}");
        assert_eq!(scene.server.log().len(), 0);
    }
}

#[test]
fn a_proxy_that_no_proxy_exempts_the_servers_from_is_not_judged() {
    let scene = tls_scene();
    for proxy in [refused_url(), "socks5://127.0.0.1:1080".to_owned()] {
        let call = doctor(&scene).env("HTTPS_PROXY", proxy).env("NO_PROXY", "localhost");
        let checks = findings(&scene, call, 0);
        assert_eq!(named(&checks, "proxy")["detail"], "none for these servers, although HTTPS_PROXY is set");
    }
}

#[test]
fn a_certificate_that_is_not_trusted_is_told_as_a_call_tells_it_and_gets_no_credential() {
    for certificate in [
        Certificate::SelfSigned,
        Certificate::UnknownCa,
        Certificate::MissingIntermediate,
        Certificate::OwnAsCa,
        Certificate::SelfSignedCa,
        Certificate::CommonNameOnly,
        Certificate::WrongHost,
        Certificate::Expired,
        Certificate::NotValidYet,
    ] {
        let scene = tls_scene_with(certificate);
        let error = scene.get().refused(Unavailable);
        let (_, fault) = error.message.split_once(": ").expect("a fault");
        let checks = findings(&scene, doctor(&scene), 6);
        let tls = named(&checks, "tls");
        let detail = format!(
            "{fault}; the server shows a certificate for CN=lo* by *, until *; verified against {}",
            scene.server.ca_file().display()
        );
        let actual = tls["detail"].as_str().expect("text");
        assert!(Expected::Text(detail.clone()).matches(actual), "{detail:?} is not {actual:?}");
        // Without the clock's reading, which has gone on.
        let before_clock = |text: &str| text.split(" it says ").next().unwrap_or_default().to_owned();
        let (cause, fix) = (tls["cause"].as_str().expect("text"), tls["fix"].as_str().expect("text"));
        assert!(error.hint().starts_with(&before_clock(cause)), "{cause:?} is not in {error:?}");
        assert!(error.hint().contains(fix), "{fix:?} is not in {error:?}");
        assert_eq!(scene.server.log().len(), 0);
    }
}

#[test]
fn a_ca_file_that_is_missing_is_named() {
    let scene = tls_scene();
    let call = doctor(&scene).env("GENESYS_TOKEN_CA_CERT", "/no/such/ca.pem");
    let expected = Failure {
        check: "tls",
        category: Usage,
        detail: "cannot use the CA file /no/such/ca.pem: No such file or directory (os error 2)",
        cause: "without certificates to trust no server can be trusted",
        fix: "install ca-certificates, or give the CA's certificate in PEM form with --ca-cert or \
              GENESYS_TOKEN_CA_CERT",
    };
    assert_fails(&scene, call, &expected);
}

#[test]
fn a_port_that_does_not_speak_tls_is_reported() {
    let scene = Scene::new();
    let call = doctor(&scene).login_url(&scene.server.login_url().replace("http:", "https:"));
    let expected = Failure {
        check: "tls",
        category: Unavailable,
        detail: "received corrupt message of type InvalidContentType",
        cause: "what listens there does not speak TLS as it should",
        fix: "correct the port of the login URL; have a proxy in the way let TLS through as it is",
    };
    assert_fails(&scene, call, &expected);
}
