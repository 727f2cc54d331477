//! A panic in the middle of a call.

use std::io::{Read as _, Write};
use std::process::{Command, Stdio};

use genesys_token::client::{Client, ClientId};
use genesys_token::commands::{self, World};
use genesys_token::env::Env;
use genesys_token::exec::CoreLimit;
use genesys_token::output::format::Answer;
use genesys_token::random::SystemRandom;
use genesys_token::secret::Secret;
use genesys_token::time::{Clock as _, SystemClock};
use genesys_token::token::Token;
use loopback_login_server::{CLIENT_ID, CLIENT_SECRET};

use crate::harness::Done;
use crate::{dir, server};

/// Says everything there is to say of the token that it is given, and panics.
struct Panicking;
impl Write for Panicking {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let value = Secret::new(String::from_utf8(bytes.to_vec()).expect("text"));
        let client =
            Client { id: ClientId::clean(CLIENT_ID).expect("an id").0, secret: Secret::from(CLIENT_SECRET) };
        let (basic, now) = (client.basic_credentials(), SystemClock::start().now());
        let answer = Answer {
            token: value.clone(),
            expires_at: Some(now),
            scope: None,
            source: "fetched",
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
const LOGIN: &str = "GENESYS_TOKEN_TESTS_LOGIN";

/// A process of its own: this very test, told where the server is.
#[test]
fn in_the_middle_of_a_call_shows_none() {
    if let Ok(login) = std::env::var(LOGIN) {
        return fetch_and_panic(&login);
    }
    let (server, dir) = (server(), dir());
    let mut command = Command::new(std::env::current_exe().expect("a path"));
    command.args(["--exact", "panic::in_the_middle_of_a_call_shows_none", "--nocapture"]);
    command.env(LOGIN, server.login_url()).env(CACHE, dir.path()).env("RUST_BACKTRACE", "full");
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    let (mut stdout, mut stderr) = (String::new(), String::new());
    child.stderr.take().expect("a pipe").read_to_string(&mut stderr).expect("text");
    child.stdout.take().expect("a pipe").read_to_string(&mut stdout).expect("text");
    let code = child.wait().expect("it ends").code().unwrap_or(-1);
    assert!(stderr.contains("panicked at") && stderr.contains("****"), "{stderr}");
    assert_eq!(server.token_requests(), 1);
    Done { code, stdout, stderr }.keeps_to_itself(server.tokens());
}

fn fetch_and_panic(login: &str) {
    let variable = |name: &str| match name {
        "GENESYSCLOUD_OAUTHCLIENT_ID" => Some(CLIENT_ID.into()),
        "GENESYSCLOUD_OAUTHCLIENT_SECRET" => Some(CLIENT_SECRET.into()),
        "GENESYS_TOKEN_LOGIN_URL" => Some(login.into()),
        "GENESYS_TOKEN_CACHE_DIR" => std::env::var_os(CACHE),
        _ => None,
    };
    let mut world = World {
        env: Env::new(&variable),
        stdin: &mut std::io::empty(),
        stdout: &mut Panicking,
        stderr: &mut std::io::stderr(),
        clock: &SystemClock::start(),
        random: &SystemRandom::default(),
        core_limit: CoreLimit::default(),
    };
    commands::run(["genesys-token", "get", "-vv"].map(Into::into), &mut world);
}
