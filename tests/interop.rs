//! Against software that nobody here wrote: an OAuth 2.0 server, and Genesys' own list of regions.
//!
//! Both come from npm, into `tests/interop`; `make test` brings them.

mod harness;

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use harness::Call;
use loopback_login_server::{CLIENT_ID, CLIENT_SECRET, Certificate};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/interop")
}

fn node(script: &str) -> Command {
    assert!(folder().join("node_modules").is_dir(), "run `npm ci` in tests/interop first, or `make test`");
    let mut command = Command::new("node");
    command.arg(folder().join(script));
    command
}

/// The foreign server; it ends with its stdin, so no failed test leaves it behind.
struct Foreign {
    child: Child,
    url: String,
}

impl Foreign {
    fn start(certificate: &Path, key: &Path) -> Self {
        let mut command = node("oauth-server.mjs");
        command.arg(certificate).arg(key).args([CLIENT_ID, CLIENT_SECRET]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().expect("node starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let port: u16 = line.trim().parse().expect("the server prints its port");
        Self { child, url: format!("https://localhost:{port}") }
    }
}

impl Drop for Foreign {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

#[test]
fn a_foreign_oauth_server_with_a_private_ca_gives_a_token_that_is_reused() {
    let temporary = tempfile::tempdir().unwrap();
    let pem = Certificate::Good.write_pem(temporary.path());
    let server = Foreign::start(&pem.certificate, &pem.key);
    let call = |secret: &str| {
        Call::bare("get").credential(CLIENT_ID, secret).login_url(&server.url).cache(temporary.path())
    };
    let trusting = |secret: &str| call(secret).args(["--ca-cert".as_ref(), pem.ca.as_os_str()]);

    let first = trusting(CLIENT_SECRET).run();
    assert!(first.stderr.contains("fetched"), "{first:?}");
    let second = trusting(CLIENT_SECRET).run();
    assert!(second.stderr.contains("reused"), "{second:?}");
    assert_eq!(first.token(), second.token());

    let refused = trusting(&"w".repeat(43)).run();
    assert_eq!(refused.code, 4, "{refused:?}");
    assert!(refused.stderr.contains("invalid_client"), "{refused:?}");
    let narrower = trusting(CLIENT_SECRET).args(["--scope", "routing architect"]).run();
    assert_ne!(narrower.token(), first.token());
    assert!(narrower.stderr.contains("not granted of the scopes asked for: architect"), "{narrower:?}");
    assert_eq!(call(CLIENT_SECRET).args(["--force-refresh"]).run().code, 6, "its CA is not the system's");
}

#[test]
fn the_regions_are_those_of_genesys_own_sdk() {
    let output = node("regions.mjs").output().expect("node starts");
    let official: BTreeMap<String, String> = serde_json::from_slice(&output.stdout).expect("JSON");
    let listed = Call::bare("regions").args(["--format", "json"]).run().stdout;
    let listed: Vec<serde_json::Value> = serde_json::from_str(&listed).expect("JSON");
    let text = |row: &serde_json::Value, field| row[field].as_str().expect("text").to_owned();
    let ours: BTreeMap<String, String> =
        listed.iter().map(|row| (text(row, "region"), text(row, "domain"))).collect();
    assert_eq!(ours, official);
}
