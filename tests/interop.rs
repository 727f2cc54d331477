//! Interoperability with independent software: an OAuth 2.0 server, and Genesys' own list of regions.
//!
//! Both come from npm, into `tests/interop`; `make test` installs them.

mod harness;

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use genesys_token::error::Category;
use harness::{Call, genesys_token, temporary_dir};
use loopback_login_server::{CLIENT_ID, CLIENT_SECRET, Certificate};
use serde_json::Value;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/interop")
}

fn node(script: &str) -> Command {
    assert!(folder().join("node_modules").is_dir(), "run `npm ci` in tests/interop first, or `make test`");
    let mut command = Command::new("node");
    command.arg(folder().join(script));
    command
}

/// The OAuth server's process. It ends when its stdin is closed, so that it can't outlive a failed test.
struct OAuthServer {
    child: Child,
    url: String,
}

impl OAuthServer {
    fn start(certificate: &Path, private_key: &Path) -> Self {
        let mut command = node("oauth-server.mjs");
        command.arg(certificate).arg(private_key).args([CLIENT_ID, CLIENT_SECRET]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().expect("node starts");
        let mut line = String::new();
        let stdout = child.stdout.take().expect("stdout is a pipe");
        BufReader::new(stdout).read_line(&mut line).expect("stdout is text");
        let port: u16 = line.trim().parse().expect("the server prints its port");
        Self { child, url: format!("https://localhost:{port}") }
    }
}

impl Drop for OAuthServer {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

#[test]
fn a_token_of_an_independent_oauth_server_with_a_private_ca_is_fetched_and_reused() {
    let dir = temporary_dir();
    let pem = Certificate::Good.write_pem(dir.path());
    let server = OAuthServer::start(&pem.certificate, &pem.private_key);
    let host = server.url.trim_start_matches("https://");
    let distrusting = |secret: &str| -> Call {
        genesys_token().get().credential(CLIENT_ID, secret).login_url(&server.url).cache(dir.path())
    };
    let get = |secret: &str| distrusting(secret).arg("--ca-cert").arg(&pem.ca);

    let first = get(CLIENT_SECRET).fetched("no entry").success();
    let second = get(CLIENT_SECRET).reused().success();
    assert_eq!(first.token(), second.token());

    let rejected = get(&"w".repeat(43)).refused(Category::Rejected);
    let message = format!(
        "the login server {host} refused client 1111…5555: invalid_client: client authentication failed"
    );
    assert_eq!(rejected.message, message);

    let narrower = get(CLIENT_SECRET).args(["--scope", "routing architect"]).fetched("no entry");
    let narrower = narrower.warns("requested scopes that were not granted: architect").success();
    assert_ne!(narrower.token(), first.token());

    let untrusted = distrusting(CLIENT_SECRET).arg("--force-refresh").refused(Category::Unavailable);
    let message = format!(
        "cannot trust the login server {host}: the issuer of its certificate is neither trusted nor sent along, \
         CN=loopback CA"
    );
    assert_eq!(untrusted.message, message);
}

#[test]
fn the_regions_are_those_of_the_genesys_sdk() {
    let output = node("regions.mjs").output().expect("node starts");
    let official: BTreeMap<String, String> = serde_json::from_slice(&output.stdout).expect("JSON");
    let listed = genesys_token().verb("regions").args(["--format", "json"]).any_stdout().success().stdout;
    let rows: Vec<Value> = serde_json::from_str(&listed).expect("JSON");
    let text = |row: &Value, field| row[field].as_str().expect("text").to_owned();
    let ours: BTreeMap<String, String> =
        rows.iter().map(|row| (text(row, "region"), text(row, "domain"))).collect();
    assert_eq!(ours, official);
}
