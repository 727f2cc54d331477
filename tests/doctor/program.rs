//! The program against its step, its settings, and its deadline.

use std::io::Write as _;
use std::net::TcpListener;
use std::thread;
use std::time::{Duration, Instant};

use genesys_token::error::Category::{Unavailable, Usage};

use crate::findings::{Failure, assert_fails, findings, named};
use crate::harness::{Scene, genesys_token};
use crate::{doctor, tls_scene};

#[test]
fn a_variable_that_makes_no_sense_fails_the_settings_and_nothing_is_requested() {
    let no_duration = "'maybe' is not a duration; write 90, 90s, 20m, 2h or 1h30m";
    let unset = "correct the variable, or unset it for the default";
    let levels = "write quiet, normal, verbose or debug";
    for (variable, detail, fix) in [
        ("GENESYS_TOKEN_TIMEOUT", format!("GENESYS_TOKEN_TIMEOUT: {no_duration}"), unset),
        ("GENESYS_TOKEN_VERIFY", format!("GENESYS_TOKEN_VERIFY: {no_duration}"), unset),
        ("GENESYS_TOKEN_LOG", "the value of GENESYS_TOKEN_LOG is not a level".to_owned(), levels),
        ("GENESYS_TOKEN_MIN_TTL", format!("GENESYS_TOKEN_MIN_TTL: {no_duration}"), unset),
    ] {
        let scene = Scene::new();
        let expected = Failure {
            check: "settings",
            category: Usage,
            detail: &detail,
            cause: "every call stops at a setting that makes no sense",
            fix,
        };
        assert_fails(&scene, scene.call("doctor").env(variable, "maybe"), &expected);
        assert_eq!(scene.server.log().len(), 0);
    }
}

#[test]
fn the_settings_list_the_variables_that_are_set_and_none_of_their_values() {
    let scene = tls_scene();
    let call = doctor(&scene)
        .without("GENESYS_TOKEN_CA_CERT")
        .env("SSL_CERT_FILE", scene.server.ca_file())
        .env("GENESYSCLOUD_REGION", "eu-west-1")
        .env("GENESYS_TOKEN_MIN_TTL", "20m")
        .env("GENESYS_TOKEN_SCOPE", "")
        .env("GENESYS_TOKEN_VERIFY", "false")
        .env("https_proxy", "http://proxy.example:3128")
        .env("NO_PROXY", "localhost");
    let checks = findings(&scene, call, 0);
    let settings = named(&checks, "settings");
    assert_eq!(settings["status"], "ok");
    assert_eq!(
        settings["detail"],
        "timeout 3s, required lifetime 20m 0s; variables set: GENESYSCLOUD_OAUTHCLIENT_ID, \
         GENESYSCLOUD_OAUTHCLIENT_SECRET, GENESYSCLOUD_REGION, GENESYS_TOKEN_LOGIN_URL, GENESYS_TOKEN_API_URL, \
         GENESYS_TOKEN_CACHE_DIR, GENESYS_TOKEN_MIN_TTL, GENESYS_TOKEN_VERIFY, SSL_CERT_FILE, https_proxy, NO_PROXY"
    );
}

#[test]
fn a_variable_that_is_no_setting_is_not_listed() {
    let scene = Scene::new();
    let call = genesys_token()
        .doctor()
        .env("HOME", scene.dir())
        .env("WORKSPACE", scene.dir())
        .env("NO_COLOR", "1")
        .env("GENESYSCLOUD_ACCESS_TOKEN", "a-token-of-another-call")
        .env("GENESYS_TOKEN_FILE", "/no/such/token");
    let checks = findings(&scene, call, 3);
    assert_eq!(named(&checks, "settings")["detail"], "timeout 1m 0s; variables set: none");
}

#[test]
fn the_deadline_holds_however_slow_the_handshake_is() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("https://localhost:{}", listener.local_addr().expect("an address").port());
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            thread::spawn(move || {
                // The head of a long record, and then one byte after the other.
                let mut is_open = stream.write_all(&[0x16, 3, 3, 0x3f, 0xff]).is_ok();
                while is_open {
                    thread::sleep(Duration::from_millis(50));
                    is_open = stream.write_all(&[0]).is_ok();
                }
            });
        }
    });
    let scene = Scene::new();
    let call = scene.call("doctor").login_url(&url).args(["--timeout", "1s"]);
    let expected = Failure {
        check: "tls",
        category: Unavailable,
        detail: "the handshake did not end in time",
        cause: "what listens there does not speak TLS as it should",
        fix: "correct the port of the login URL; have a proxy in the way let TLS through as it is",
    };
    let started_at = Instant::now();
    assert_fails(&scene, call, &expected);
    // No measure of speed: the server itself would go on for a quarter of an hour.
    assert!(started_at.elapsed() < Duration::from_secs(30), "{:?}", started_at.elapsed());
}

#[test]
fn a_step_of_another_release_is_reported() {
    let scene = Scene::new();
    let expected = Failure {
        check: "program",
        category: Usage,
        detail: concat!("genesys-token ", env!("CARGO_PKG_VERSION"), " speaks protocol *, and the step 99"),
        cause: "program and shared library are of different releases",
        fix: "install the program of the library's release, or name the library's version in @Library",
    };
    assert_fails(&scene, doctor(&scene).args(["--for-step", "99"]), &expected);
    assert_eq!(scene.server.log().len(), 0);
}
