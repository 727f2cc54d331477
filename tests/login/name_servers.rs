//! Name servers that never answer.
//!
//! The resolver reads `/etc/resolv.conf`, so each call runs in a mount namespace with another one. That takes root, and
//! so does the port of a name server: without it these tests fail.

use std::fs;
use std::net::UdpSocket;
use std::time::Instant;

use super::*;
use crate::harness::entry;

/// A name server at `address` that never answers, and `call` where it is the only one.
#[track_caller]
fn with_silent_name_server(address: &str, call: Call, dir: &std::path::Path) -> (UdpSocket, Call) {
    let silent = UdpSocket::bind((address, 53)).expect("a name server's port: run the tests as root");
    let resolver = dir.join("resolv.conf");
    let options = "options timeout:30 attempts:5";
    fs::write(&resolver, format!("nameserver {address}\n{options}\n")).expect("a file");
    let script = "mount --bind \"$RESOLVER\" /etc/resolv.conf && exec \"$@\"";
    let call = call.env("RESOLVER", &resolver).under(["unshare", "--mount", "sh", "-c", script, "sh"]);
    (silent, call)
}

#[test]
fn a_name_server_that_never_answers_is_an_error_at_the_deadline() {
    let dir = temporary_dir();
    let call = genesys_token().get().credential(CLIENT_ID, CLIENT_SECRET);
    let call = call.login_url("https://login.example.com").args(["--timeout", "1s", "--no-cache"]);
    let call = call.stderr("genesys-token: error: the login server HOST did not answer in time\n  …\n");
    let (_silent, call) = with_silent_name_server("127.0.0.77", call, dir.path());
    let before = Instant::now();
    call.exit(6);
    // Not a measure of speed: the resolver itself would go on for minutes.
    assert!(before.elapsed() < Duration::from_secs(20), "{:?}", before.elapsed());
}

#[test]
fn a_look_up_of_the_api_host_that_never_ends_does_not_hold_up_the_login_server() {
    let scene = Scene::new();
    // In its advisory refresh window: it is verified, and then refreshed.
    let (age, lifetime) = (Duration::from_mins(24 * 60 - 10), Duration::from_hours(24));
    entry::put(&scene.cache(), &scene.server.login_url(), "old-token", age, lifetime);
    let call = scene.get().env("GENESYS_TOKEN_API_URL", "https://api.example.com").args(["--verify"]);
    let call = call
        .fetched("expires in *")
        .warns("api.example.com is not Genesys' own host, set by GENESYS_TOKEN_API_URL")
        .warns("cannot tell whether the token is alive: the API host api.example.com did not answer in time");
    let (_silent, call) = with_silent_name_server("127.0.0.78", call, scene.dir());
    assert_eq!(call.success().token(), scene.server.tokens()[0]);
}
