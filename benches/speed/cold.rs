//! A cold fetch over TLS, compared with the curl and jq that a pipeline would run without this program.

use std::process::Command;
use std::time::Duration;

use loopback_login_server::{Behaviour, CLIENT_ID, CLIENT_SECRET, Certificate, LoginServer};

use crate::harness::{genesys_token, temporary_dir};
use crate::report::{Bar, Report, format_time};
use crate::timing;

const ROUNDS: usize = 60;
const BAR: Bar = Bar::AtMost(0.35);
const NAME: &str = "cold fetch over TLS / curl+jq";

pub(crate) fn run(report: &mut Report) {
    if !timing::is_installed("curl") || !timing::is_installed("jq") {
        Report::left_out(NAME, "curl or jq is not installed");
        return;
    }
    let server = LoginServer::start_tls(Behaviour::default(), Certificate::Good);
    let (ours, theirs) = timing::in_turn(ROUNDS, || fetch(&server), || curl_and_jq(&server));
    // Each run must have sent its own request: an answer from elsewhere would only look fast.
    assert_eq!(server.token_requests(), 2 * ROUNDS);
    report.ratio(
        NAME,
        timing::ratio(ours, theirs),
        &BAR,
        &format!("{} / {}, {ROUNDS} runs each", format_time(ours), format_time(theirs)),
    );
}

fn fetch(server: &LoginServer) -> Duration {
    let cache = temporary_dir();
    timing::run(&mut genesys_token().get().at(server).cache(cache.path()).into_command())
}

/// Without the shell that a pipeline would also start.
fn curl_and_jq(server: &LoginServer) -> Duration {
    let mut curl = Command::new("curl");
    curl.args(["-sS", "--cacert"])
        .arg(server.ca_file())
        .args(["-u", &format!("{CLIENT_ID}:{CLIENT_SECRET}"), "-d", "grant_type=client_credentials"])
        .arg(format!("{}/oauth/token", server.login_url()));
    let mut jq = Command::new("jq");
    jq.args(["-r", ".access_token"]);
    timing::run_pipe(curl, jq)
}
