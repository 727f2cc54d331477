//! A panic in the middle of a call.

use std::io::Write;
use std::process::{Command, Stdio};

use genesys_token::broker;
use genesys_token::client::{Client, ClientId};
use genesys_token::commands;
use genesys_token::environment::Environment;
use genesys_token::output::{Answer, Source};
use genesys_token::platform::CoreLimit;
use genesys_token::random::SystemRandom;
use genesys_token::time::{Clock as _, SystemClock};
use genesys_token::token::{AccessToken, Token};
use genesys_token::world::{ThisMachine, World};
use loopback_login_server::{CLIENT_ID, CLIENT_SECRET};

use crate::harness::{Done, Scene, entry};

/// Takes the token as the answer, and panics with the debug output of every type that holds a secret.
struct PanickingWriter;

impl Write for PanickingWriter {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let text = std::str::from_utf8(bytes).expect("text");
        let value = AccessToken::parse(text.trim_end()).expect("a token");
        let id = ClientId::parse(CLIENT_ID).expect("an id").0;
        let client = Client { id, secret: entry::secret(CLIENT_SECRET) };
        let (basic, now) = (client.basic_credentials(), SystemClock::start().now());
        let answer = Answer {
            token: value.clone(),
            requested_at: None,
            expires_at: Some(now),
            scope: None,
            source: Source::Broker(broker::Source::Reused),
            region: None,
            api_url: None,
        };
        let token = Token { value, lifetime: None, scope: None };
        panic!("{token:?} {answer:?} {client:?} {basic:?}");
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

const CACHE: &str = "GENESYS_TOKEN_TESTS_CACHE";
const LOGIN_URL: &str = "GENESYS_TOKEN_TESTS_LOGIN_URL";

/// Runs itself in a process of its own, whose environment names the server.
#[test]
fn a_panic_in_the_middle_of_a_call_shows_no_secret() {
    if let Ok(login_url) = std::env::var(LOGIN_URL) {
        return fetch_and_panic(&login_url);
    }
    let scene = Scene::new();
    let mut command = Command::new(std::env::current_exe().expect("a path"));
    command.args(["--exact", "panic::a_panic_in_the_middle_of_a_call_shows_no_secret", "--nocapture"]);
    command.env(LOGIN_URL, scene.server.login_url()).env(CACHE, scene.cache()).env("RUST_BACKTRACE", "full");
    let done = Done::from(command.stdin(Stdio::null()).output().expect("it starts"));
    assert!(done.stderr.contains("panicked at") && done.stderr.contains("****"), "{done:?}");
    assert_eq!(scene.server.token_requests(), 1);
    done.leaks_nothing(scene.server.tokens());
}

fn fetch_and_panic(login_url: &str) {
    let variable = |name: &str| match name {
        "GENESYSCLOUD_OAUTHCLIENT_ID" => Some(CLIENT_ID.into()),
        "GENESYSCLOUD_OAUTHCLIENT_SECRET" => Some(CLIENT_SECRET.into()),
        "GENESYS_TOKEN_LOGIN_URL" => Some(login_url.into()),
        "GENESYS_TOKEN_CACHE_DIR" => std::env::var_os(CACHE),
        _ => None,
    };
    let mut world = World {
        environment: Environment::new(&variable),
        machine: &ThisMachine,
        stdin: &mut std::io::empty(),
        stdout: &mut PanickingWriter,
        stderr: &mut std::io::stderr(),
        clock: &SystemClock::start(),
        random: &SystemRandom::default(),
        core_limit: CoreLimit::default(),
    };
    commands::run(["genesys-token", "get", "-vv"].map(Into::into), &mut world);
}
