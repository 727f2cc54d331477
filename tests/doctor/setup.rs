//! A setup that works.

use std::process::Command;

use loopback_login_server::{CLIENT_ID, CLIENT_SECRET};
use serde_json::Value;

use crate::findings::{findings, named, shows_none_of};
use crate::harness::{Scene, basic_credentials};
use crate::{doctor, tls_scene};

/// Every check, in the order of the findings.
const CHECKS: [&str; 19] = [
    "program",
    "settings",
    "credential",
    "fingerprint",
    "region",
    "region",
    "region",
    "scope",
    "proxy",
    "network",
    "tls",
    "token",
    "clock",
    "lifetime",
    "api",
    "roles",
    "idle timeout",
    "cache",
    "locks",
];

#[test]
fn every_check_of_a_good_setup_succeeds() {
    for scene in [Scene::new(), tls_scene()] {
        let checks = findings(&scene, doctor(&scene), 0);
        let not_ok: Vec<&Value> = checks.iter().filter(|check| check["status"] != "ok").collect();
        assert!(not_ok.is_empty(), "{not_ok:?}");
        let names: Vec<&str> = checks.iter().filter_map(|check| check["name"].as_str()).collect();
        assert_eq!(names, CHECKS);
    }
}

#[test]
fn the_table_of_a_good_setup_shows_what_was_found_and_no_token() {
    for (scene, tls) in [
        (Scene::new(), "not used: plain http, on this machine"),
        (tls_scene(), "a certificate for *; verified against *"),
    ] {
        let table = format!(
            "\
✓ program       genesys-token {version}
✓ settings      timeout 3s; variables set: *
✓ credential    client 1111…5555, and a secret of the usual form
✓ fingerprint   *, of the Basic header; safe to show. The right pair gives the same by: *
✓ region        none, since the login server is *:*
✓ region        * is not Genesys' own host, set by GENESYS_TOKEN_LOGIN_URL, on this machine
✓ region        * is not Genesys' own host, set by GENESYS_TOKEN_API_URL, on this machine
✓ scope         none requested, as it should be: the client's roles decide
✓ proxy         none
✓ network       *:*, the login server, at 127.0.0.1
✓ tls           {tls}
✓ token         the login server * gave a token in * ms
✓ clock         this machine's clock and the login server's agree
✓ lifetime      tokens live 23h 59m, and are refreshed after 23h 39m
✓ api           organisation Loopback (*), OAuth client loopback client
✓ roles         deployer in Home, employee in Sales
✓ idle timeout  the organisation ends a token that is idle for 15m 0s; *
✓ cache         {cache}*, the caller's own, without a token of this client yet
✓ locks         hold between processes
all is well: get, bind and exec provide a token here
",
            version = env!("CARGO_PKG_VERSION"),
            cache = scene.cache().display(),
        );
        let done = doctor(&scene).stdout(table).success();
        shows_none_of(&done, &scene.server.tokens());
    }
}

#[test]
fn the_doctor_ends_its_own_token() {
    let scene = Scene::new();
    findings(&scene, doctor(&scene), 0);
    let last = scene.server.log().pop().expect("a request");
    assert_eq!(last.method, "DELETE");
}

#[test]
fn the_doctor_finds_the_cached_token_of_the_client() {
    let scene = Scene::new();
    scene.get().fetched("no entry").success();
    let checks = findings(&scene, doctor(&scene), 0);
    let detail = named(&checks, "cache")["detail"].as_str().expect("text");
    assert!(detail.ends_with(", the caller's own, with a token of this client"), "{detail}");
}

#[test]
fn the_fingerprint_is_what_its_command_computes() {
    let scene = Scene::new();
    let checks = findings(&scene, doctor(&scene), 0);
    let detail = named(&checks, "fingerprint")["detail"].as_str().expect("text");
    let (fingerprint, rest) = detail.split_once(',').expect("a fingerprint, and how to compute it");
    let command = rest.split_once("by: ").expect("a command").1.split_once(" (").expect("an explanation").0;
    let mut shell = Command::new("sh");
    let output = shell.args(["-c", command]).env("ID", CLIENT_ID).env("SECRET", CLIENT_SECRET).output();
    assert_eq!(String::from_utf8(output.expect("sh").stdout).expect("text").trim(), fingerprint);
    assert!(!basic_credentials().contains(fingerprint));
}
