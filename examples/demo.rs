//! `make demo`: one pipeline of real processes against a login server on loopback, and what happened.
//!
//! Every stage is the compiled program in a process of its own, as in Jenkins. Only time is helped along:
//! before the last stage the cached token is re-dated, so that it has four minutes left.

#[allow(dead_code, reason = "it is a program too")]
mod age_token;

use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use genesys_token::scope::Scopes;
use genesys_token::time::humane;
use loopback_login_server::{Behaviour, CLIENT_ID, CLIENT_SECRET, Certificate, LoginServer};
use serde_json::Value;

/// A login server on the internet takes about this long.
const SERVER_TAKES: Duration = Duration::from_millis(200);
/// What the token has left when the nightly stage starts.
const NEAR_EXPIRY: Duration = Duration::from_secs(240);

fn main() -> ExitCode {
    let server =
        LoginServer::start_tls(Behaviour { delay: SERVER_TAKES, ..Behaviour::default() }, Certificate::Good);
    let cache = tempfile::tempdir().expect("a temporary directory");
    println!("A login server listens on {}; the cache is empty.\n", server.login_url());
    println!("{:<10} {:<38} {:>6}  {:>9}", "STAGE", "HOW IT GOT ITS TOKEN", "MS", "TIME LEFT");

    let stages = |names: &[&str]| {
        let started: Vec<Stage> =
            names.iter().map(|name| Stage::start(name, &server, cache.path())).collect();
        started.into_iter().for_each(Stage::finish);
    };
    stages(&["build"]);
    stages(&["test A", "test B", "test C"]);
    stages(&["deploy"]);
    let before = server.token_requests();
    println!("\n  Token requests the server counted: {before}, where there would have been 5.\n");

    age_token::age(cache.path(), &server.login_url(), Scopes::default(), NEAR_EXPIRY);
    println!("  … 23h 55m pass: the cached token has {} left …\n", humane(NEAR_EXPIRY));
    stages(&["nightly"]);
    let after = server.token_requests();
    println!("\n  Token requests the server counted: {after}, where there would have been 6.");

    if (before, after) == (1, 2) {
        ExitCode::SUCCESS
    } else {
        eprintln!("demo: expected 1 and then 2 requests");
        ExitCode::FAILURE
    }
}

/// A stage of the pipeline: one process that asks for a token.
struct Stage {
    name: String,
    started: Instant,
    child: Child,
}

impl Stage {
    fn start(name: &str, server: &LoginServer, cache: &Path) -> Self {
        let child = Command::new(program())
            .args(["get", "--format", "json"])
            .env("GENESYSCLOUD_OAUTHCLIENT_ID", CLIENT_ID)
            .env("GENESYSCLOUD_OAUTHCLIENT_SECRET", CLIENT_SECRET)
            .env("GENESYS_TOKEN_LOGIN_URL", server.login_url())
            .env("GENESYS_TOKEN_CA_CERT", server.ca_file())
            .env("GENESYS_TOKEN_CACHE_DIR", cache)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        Self { name: name.to_owned(), started: Instant::now(), child }
    }

    fn finish(self) {
        let output = self.child.wait_with_output().expect("the program ends");
        let took = self.started.elapsed().as_millis();
        let said = String::from_utf8_lossy(&output.stderr);
        let Ok(answer) = serde_json::from_slice::<Value>(&output.stdout) else {
            println!("{:<10} {said}", self.name);
            return;
        };
        let source = answer["source"].as_str().unwrap_or_default();
        // The reason stands in the program's one line, in brackets.
        let why = said.split_once('(').and_then(|(_, rest)| rest.split_once(')'));
        let how = why.map_or_else(|| source.to_owned(), |(why, _)| format!("{source} ({why})"));
        let left = humane(Duration::from_secs(answer["expires_in"].as_u64().unwrap_or_default()));
        println!("{:<10} {how:<38} {took:>6}  {left:>9}", self.name);
    }
}

/// The program, which cargo builds into the folder above the examples'.
fn program() -> PathBuf {
    let example = std::env::current_exe().expect("an executable has a path");
    let profile = example.parent().and_then(Path::parent).expect("target/PROFILE/examples/demo");
    profile.join("genesys-token").with_extension(std::env::consts::EXE_EXTENSION)
}
