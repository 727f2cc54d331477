//! A cold fetch over TLS against what a pipeline would write by hand: curl and jq.

use std::process::Command;

use loopback_login_server::{Behaviour, CLIENT_ID, CLIENT_SECRET, Certificate, LoginServer};

use crate::harness::Call;
use crate::report::{Bar, Report, shown};
use crate::timing;

const ROUNDS: usize = 60;
const BAR: Bar = Bar::AtMost(0.35);
const NAME: &str = "cold fetch over TLS / curl+jq";

pub fn run(report: &mut Report) {
    if !timing::is_there("curl") || !timing::is_there("jq") {
        Report::left_out(NAME, "there is no curl, or no jq");
        return;
    }
    let server = LoginServer::start_tls(Behaviour::default(), Certificate::Good);
    let (ours, theirs) = timing::in_turn(ROUNDS, || fetch(&server), || curl_and_jq(&server));
    // A side that answered from somewhere else would look fast.
    assert_eq!(server.token_requests(), 2 * ROUNDS);
    report.ratio(
        NAME,
        timing::ratio(ours, theirs),
        &BAR,
        &format!("{} / {}, {ROUNDS} runs each", shown(ours), shown(theirs)),
    );
}

fn fetch(server: &LoginServer) -> std::time::Duration {
    let cache = tempfile::tempdir().expect("a temporary directory");
    timing::run(&mut Call::new("get", server, cache.path()).into_command())
}

/// Without a shell between them, which a pipeline would have.
fn curl_and_jq(server: &LoginServer) -> std::time::Duration {
    let mut curl = Command::new("curl");
    curl.args(["-sS", "--cacert"])
        .arg(server.ca_file())
        .args(["-u", &format!("{CLIENT_ID}:{CLIENT_SECRET}"), "-d", "grant_type=client_credentials"])
        .arg(format!("{}/oauth/token", server.login_url()));
    let mut jq = Command::new("jq");
    jq.args(["-r", ".access_token"]);
    timing::run_pipe(curl, jq)
}
