//! `make demo`: runs one pipeline of real processes against a login server on loopback, and shows what happened.
//!
//! Every stage is the compiled program in its own process, as in Jenkins. Only time is simulated: before the last stage
//! the cached token is made older, so that it has four minutes left. Then two agents with disks of their own share a token
//! by their build, and twenty by a redis-server, if it is installed.

#[allow(dead_code, reason = "it is also a program of its own")]
#[path = "../age_token.rs"]
mod age_token;
mod agents;
mod fleet;

use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use genesys_token::duration::format_duration;
use genesys_token::scope::Scopes;
use loopback_login_server::{Behaviour, CLIENT_ID, CLIENT_SECRET, Certificate, LoginServer};
use serde_json::Value;

/// About as long as a login server on the internet takes.
const SERVER_DELAY: Duration = Duration::from_millis(200);
/// The time that the token has left when the nightly stage starts.
const NEAR_EXPIRY: Duration = Duration::from_mins(4);

fn main() -> ExitCode {
    let behaviour = Behaviour { delay: SERVER_DELAY, ..Behaviour::default() };
    let server = LoginServer::start_tls(behaviour, Certificate::Good);
    let disks = tempfile::tempdir().expect("a temporary directory");
    let cache = disks.path().join("cache");
    println!("A login server listens on {}; the cache is empty.\n", server.login_url());
    println!("{:<10} {:<38} {:>6}  {:>9}", "STAGE", "HOW IT GOT ITS TOKEN", "MS", "TIME LEFT");

    let run_stages = |names: &[&str]| {
        let started: Vec<Stage> = names.iter().map(|name| Stage::start(name, &server, &cache)).collect();
        started.into_iter().for_each(Stage::finish);
    };
    run_stages(&["build"]);
    run_stages(&["test A", "test B", "test C"]);
    run_stages(&["deploy"]);
    let before = server.token_requests();
    println!("\n  Token requests at the server: {before}; without a cache there would have been 5.\n");

    age_token::age(&cache, &server.login_url(), Scopes::default(), NEAR_EXPIRY);
    println!("  … 23h 55m pass: the cached token has {} left …\n", format_duration(NEAR_EXPIRY));
    run_stages(&["nightly"]);
    let after = server.token_requests();
    println!("\n  Token requests at the server: {after}; without a cache there would have been 6.\n");

    println!("Two fresh agents of one build, each with a disk of its own; the build hands the token on.\n");
    agents::run(&server, disks.path());
    let last = server.token_requests();
    println!(
        "\n  Token requests at the server: {}; without the build there would have been 2.",
        last - after
    );

    println!("\nTwenty fresh agents at once, each with a disk of its own; a Redis is their shared cache.\n");
    let of_fleet = match fleet::run(&server, disks.path()) {
        Ok(()) => {
            let of_fleet = server.token_requests() - last;
            println!("\n  Token requests at the server: {of_fleet}; without it there would have been 20.");
            Some(of_fleet)
        }
        Err(why) => {
            println!("  Left out: {why}.");
            None
        }
    };

    if (before, after, last) == (1, 2, 3) && of_fleet.is_none_or(|requests| requests == 1) {
        ExitCode::SUCCESS
    } else {
        eprintln!("demo: expected 1, then 2, then 3 token requests, and 1 of the fleet");
        ExitCode::FAILURE
    }
}

/// A stage of the pipeline: one process that gets a token.
struct Stage {
    name: String,
    started: Instant,
    child: Child,
}

impl Stage {
    fn start(name: &str, server: &LoginServer, cache: &Path) -> Self {
        let child = client(Command::new(program()).args(["get", "--format", "json"]), server)
            .env("GENESYS_TOKEN_CACHE_DIR", cache)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        Self { name: name.to_owned(), started: Instant::now(), child }
    }

    /// Waits for the end of the process, and prints how it got its token.
    fn finish(self) {
        let output = self.child.wait_with_output().expect("the program ends");
        let took = self.started.elapsed().as_millis();
        let stderr = String::from_utf8_lossy(&output.stderr);
        let Ok(answer) = serde_json::from_slice::<Value>(&output.stdout) else {
            println!("{:<10} {stderr}", self.name);
            return;
        };
        let source = answer["source"].as_str().unwrap_or_default();
        // The program's line on stderr has the reason in brackets.
        let reason = stderr.split_once('(').and_then(|(_, rest)| rest.split_once(')'));
        let how = reason.map_or_else(|| source.to_owned(), |(reason, _)| format!("{source} ({reason})"));
        let left = format_duration(Duration::from_secs(answer["expires_in"].as_u64().unwrap_or_default()));
        println!("{:<10} {how:<38} {took:>6}  {left:>9}", self.name);
    }
}

/// The call as the server's client.
fn client<'c>(call: &'c mut Command, server: &LoginServer) -> &'c mut Command {
    call.env("GENESYSCLOUD_OAUTHCLIENT_ID", CLIENT_ID)
        .env("GENESYSCLOUD_OAUTHCLIENT_SECRET", CLIENT_SECRET)
        .env("GENESYS_TOKEN_LOGIN_URL", server.login_url())
        .env("GENESYS_TOKEN_API_URL", server.api_url())
        .env("GENESYS_TOKEN_CA_CERT", server.ca_file())
}

/// The program, which cargo builds into the parent of the examples' directory.
fn program() -> PathBuf {
    let example = std::env::current_exe().expect("an executable has a path");
    let profile = example.parent().and_then(Path::parent).expect("target/PROFILE/examples/demo");
    profile.join("genesys-token").with_extension(std::env::consts::EXE_EXTENSION)
}
