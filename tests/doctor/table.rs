//! The table for people, and its colours.

use loopback_login_server::{CLIENT_ID, CLIENT_SECRET, refused_url};

use crate::doctor;
use crate::harness::in_process::{FakeMachine, run};
use crate::harness::{Call, Scene};

const TERMINAL: FakeMachine =
    FakeMachine { user_cache_dir: None, stdout_is_terminal: true, stderr_is_terminal: false };

/// A call with an outcome of every kind, and the table that it prints when `paint` paints its marks.
fn every_outcome(scene: &Scene, paint: fn(&str) -> String) -> Call {
    let [ok, warning, failed, skipped] = ["✓", "!", "✗", "-"].map(paint);
    doctor(scene).login_url(&refused_url()).credential(CLIENT_ID, &format!("{CLIENT_SECRET}\n")).stdout(
        format!(
            "\
{ok} program      genesys-token {version}
{ok} settings     timeout 3s; variables set: *
{ok} credential   client 1111…5555, and a secret of the usual form
{warning} credential   trailing newline removed from the client secret in GENESYSCLOUD_OAUTHCLIENT_SECRET
               cause: this program removes the newline; other tools send it and get invalid_client
               fix: write it with printf %s instead of echo; *
{ok} fingerprint  *
{ok} region       none, since the login server is 127.0.0.1:*
{ok} region       127.0.0.1 is not Genesys' own host, set by GENESYS_TOKEN_LOGIN_URL, on this machine
{ok} region       127.0.0.1 is not Genesys' own host, set by GENESYS_TOKEN_API_URL, on this machine
{ok} scope        none requested, as it should be: the client's roles decide
{ok} proxy        none
{failed} network      no connection to 127.0.0.1:*, the login server: *
               cause: nothing listens there, or a firewall is in the way
               fix: correct the host or the port of the login URL; if there is a proxy, set HTTPS_PROXY; have the firewall let this machine reach 127.0.0.1:*
{skipped} tls          not checked, since network failed
{skipped} token        not checked, since network failed
{skipped} clock        not checked, since network failed
{skipped} lifetime     not checked, since network failed
{skipped} api          not checked, since network failed
{ok} cache        *, the caller's own, without a token of this client yet
{ok} locks        hold between processes
do this first: correct the host or the port of the login URL
",
            version = env!("CARGO_PKG_VERSION"),
        ),
    )
}

fn plain(mark: &str) -> String {
    mark.to_owned()
}

fn coloured(mark: &str) -> String {
    let colour = match mark {
        "✓" => "32",
        "!" => "33",
        "✗" => "31",
        _ => "2",
    };
    format!("\u{1b}[{colour}m{mark}\u{1b}[0m")
}

#[test]
fn a_failed_check_has_its_cause_and_fix_and_what_builds_on_it_is_skipped() {
    every_outcome(&Scene::new(), plain).exit(6);
}

#[test]
fn every_mark_has_its_colour_on_a_terminal() {
    run(&every_outcome(&Scene::new(), coloured), &TERMINAL, 6);
}

#[test]
fn a_table_that_is_not_shown_on_a_terminal_has_no_colours() {
    run(&every_outcome(&Scene::new(), plain), &FakeMachine::default(), 6);
}

#[test]
fn no_color_turns_the_colours_of_a_terminal_off() {
    run(&every_outcome(&Scene::new(), plain).env("NO_COLOR", "1"), &TERMINAL, 6);
}

#[test]
fn an_empty_no_color_counts_as_unset() {
    run(&every_outcome(&Scene::new(), coloured).env("NO_COLOR", ""), &TERMINAL, 6);
}
