//! `doctor`: each broken set-up is made for real, and its first failed check has to name the cause.

#[path = "../harness/mod.rs"]
mod harness;

mod find_region_;
mod the_api_host;
#[cfg(unix)]
mod the_cache;
mod the_credential;
mod the_program;
mod the_server;
mod the_way;

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use genesys_token::client::{Client, ClientId};
use genesys_token::doctor::{Candidate, Deadline, candidates, exit_code, find_region, report};
use genesys_token::login::Route;
use genesys_token::region::REGIONS;
use genesys_token::secret::Secret;
use genesys_token::time::SystemClock;
use harness::refused::basic;
use harness::{Call, Done};
use loopback_login_server::{
    Answer, Behaviour, BlackHole, CLIENT_ID, CLIENT_SECRET, Certificate, ExpiresIn, LoginServer, Proxy,
    ProxyBehaviour, VerifyAnswer, refused_url,
};
use serde_json::Value;
use tempfile::TempDir;

fn dir() -> TempDir {
    tempfile::tempdir().expect("a temporary directory")
}

fn server() -> LoginServer {
    LoginServer::start(Behaviour::default())
}

fn answering(answer: Answer) -> LoginServer {
    LoginServer::start(Behaviour::answering(answer))
}

fn refusing(error: &str, description: &str) -> LoginServer {
    answering(Answer::OAuthError {
        status: 400,
        error: error.to_owned(),
        description: description.to_owned(),
    })
}

fn doctor(server: &LoginServer, cache: &Path) -> Call {
    Call::new("doctor", server, cache).args(["--timeout", "3s"])
}

/// The findings of a call, checked against the schema in docs/, with nothing secret in them: neither the credential
/// it was given nor a token that `server` gave.
#[track_caller]
fn findings(server: &LoginServer, call: Call) -> (Done, Value) {
    let secrets: Vec<String> = call
        .environment()
        .into_iter()
        .filter(|(name, _)| name == "GENESYSCLOUD_OAUTHCLIENT_SECRET")
        .map(|(_, value)| value.to_string_lossy().trim().to_owned())
        .chain(server.tokens())
        .collect();
    let done = call.args(["--format", "json", "-vv"]).run();
    let json: Value = serde_json::from_str(&done.stdout).unwrap_or_else(|_| panic!("JSON: {done:?}"));
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/doctor.schema.json");
    let schema = serde_json::from_slice(&fs::read(path).expect("the schema")).expect("JSON");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let problems: Vec<String> = validator.iter_errors(&json).map(|error| error.to_string()).collect();
    assert!(problems.is_empty(), "{problems:?}: {done:?}");
    // As a failed call, whose answer may hold no token either.
    Done { code: 1, ..done.clone() }.keeps_to_itself(secrets.into_iter().chain(server.tokens()));
    (done, json)
}

/// Fails unless the first failed check is `name`, and says `what` in its detail, cause or fix.
#[track_caller]
fn assert_first(server: &LoginServer, call: Call, name: &str, code: i32, what: &[&str]) {
    let (done, json) = findings(server, call);
    let checks = json["checks"].as_array().expect("a list");
    let first = checks.iter().find(|check| check["status"] == "failed").unwrap_or_else(|| panic!("{done:?}"));
    assert_eq!(first["name"], name, "{first}");
    for what in what {
        assert!(first.to_string().contains(what), "{what} is not in {first}");
    }
    assert_eq!(done.code, code, "{first}");
    assert_eq!(json["ok"], false);
}

#[test]
fn a_good_set_up_is_all_well() {
    for server in [server(), LoginServer::start_tls(Behaviour::default(), Certificate::Good)] {
        let cache = dir();
        let (done, json) = findings(&server, doctor(&server, cache.path()));
        let checks = json["checks"].as_array().expect("a list");
        let odd: Vec<&Value> = checks.iter().filter(|check| check["status"] != "ok").collect();
        assert!(odd.is_empty(), "{odd:?}");
        assert_eq!((done.code, &json["ok"]), (0, &true.into()));
        for name in
            ["credential", "region", "network", "tls", "token", "clock", "lifetime", "api", "cache", "locks"]
        {
            assert!(checks.iter().any(|check| check["name"] == name), "{name}: {json}");
        }
        let text = doctor(&server, cache.path()).run();
        assert!(text.stdout.lines().all(|line| line.starts_with("✓ ")), "{}", text.stdout);
        for token in server.tokens() {
            assert!(!done.stdout.contains(&token) && !text.stdout.contains(&token), "{done:?}");
        }
        let last = server.log().pop().expect("a request");
        assert_eq!(last.method, "DELETE", "its own token is ended again");
    }
}

#[test]
fn the_fingerprint_is_what_its_one_liner_computes() {
    let (server, cache) = (server(), dir());
    let (_, json) = findings(&server, doctor(&server, cache.path()));
    let check =
        json["checks"].as_array().expect("a list").iter().find(|check| check["name"] == "fingerprint");
    let detail = check.expect("a fingerprint")["detail"].as_str().expect("text").to_owned();
    let (shown, rest) = detail.split_once(',').expect("a fingerprint, and how");
    let one_liner = rest.split_once("by: ").expect("a one-liner").1.split_once(" (").expect("its reason").0;
    let mut shell = std::process::Command::new("sh");
    let output = shell.args(["-c", one_liner]).env("ID", CLIENT_ID).env("SECRET", CLIENT_SECRET).output();
    assert_eq!(String::from_utf8(output.expect("sh").stdout).expect("text").trim(), shown);
    assert!(!basic().contains(shown));
}
