//! Every verb in every outcome, watched: each row is a call, how it ends, and where the token may be seen.

use std::fs;
use std::path::Path;
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use genesys_token::cli;
use loopback_login_server::{
    Answer, Behaviour, Certificate, ExpiresIn, LoginServer, VerifyAnswer, refused_url,
};

use crate::files;
use crate::harness::cached;
use crate::scene::{ID, SECRET, Scene, Seen, TOKEN, fair};
use crate::trace::Place;

use Seen::{Nothing, Token, TokenAndSecret};

/// A verb's outcomes, made one after another in a scene of their own.
type Outcomes = fn(&Scene);

const VERBS: [(&str, Outcomes); 11] = [
    ("get", get),
    ("bind", bind),
    ("exec", exec),
    ("doctor", doctor),
    ("status", status),
    ("invalidate", invalidate),
    ("revoke", revoke),
    ("clear", clear),
    ("regions", regions),
    ("completions", completions),
    ("man", man),
];

#[test]
fn no_verb_is_left_out() {
    let definitions = cli::command();
    let names = definitions.get_subcommands().map(clap::Command::get_name);
    assert_eq!(names.collect::<Vec<_>>(), VERBS.map(|(name, _)| name));
}

#[test]
fn no_verb_gives_anything_away_in_any_outcome() {
    let failed: Vec<&str> = std::thread::scope(|scope| {
        let hunts = VERBS.map(|(verb, outcomes)| (verb, scope.spawn(move || outcomes(&Scene::new()))));
        hunts.into_iter().filter_map(|(verb, hunt)| hunt.join().err().map(|_| verb)).collect()
    });
    assert!(failed.is_empty(), "for the reasons above: {failed:?}");
}

const SECRET_VARIABLE: &str = "GENESYSCLOUD_OAUTHCLIENT_SECRET";
const STDOUT: Seen = Token(Place::Stdout);
const FILES: Seen = Token(Place::Answer);
const COMMAND: Seen = Token(Place::Environment);

/// Every way in which a server refuses, with what it was sent in whatever it says; and the exit code.
fn refusals() -> Vec<(Behaviour, i32)> {
    let basic = BASE64_STANDARD.encode(format!("{ID}:{SECRET}"));
    let words = format!("no {ID}:{SECRET}, {SECRET}, Basic {basic}, {}", urlencoded(SECRET));
    let json = serde_json::json!({"access_token": TOKEN, "secret": SECRET, "basic": basic}).to_string();
    let oauth = |status, error: &str| Answer::OAuthError {
        status,
        error: error.to_owned(),
        description: words.clone(),
    };
    let page = |status, body: &str, kind: &str| Answer::Status(status, body.to_owned(), kind.to_owned());
    let answers = [
        (oauth(400, "invalid_client"), 4),
        (oauth(401, "invalid_scope"), 4),
        (oauth(403, SECRET), 6),
        (oauth(503, "server_error"), 6),
        (Answer::TooManyRequests { retry_after: Some("170".to_owned()) }, 5),
        (Answer::TooManyRequests { retry_after: Some(SECRET.to_owned()) }, 5),
        (page(200, &words, "text/plain"), 6),
        (page(200, &json, "application/json"), 6),
        (page(404, &json, "application/json"), 6),
        (page(502, &format!("<html>{words}</html>"), "text/html"), 6),
        (Answer::Redirect(format!("https://{}/?{}", "login.example", urlencoded(SECRET))), 6),
        (Answer::CloseAtOnce, 6),
        (Answer::ClosedHalfway, 6),
        (Answer::EmptyBody, 6),
        (Answer::InvalidUtf8, 6),
        (Answer::Gzip, 6),
        (Answer::HugeBody(3_000_000), 6),
        (Answer::SlowDrip, 6),
        (Answer::Swallow, 6),
    ];
    let mut refusals: Vec<_> = answers.map(|(answer, code)| (Behaviour { answer, ..fair() }, code)).into();
    refusals.push((Behaviour { token: Some(format!("{TOKEN}\n{TOKEN}")), ..fair() }, 6));
    refusals.push((Behaviour { token_type: SECRET.to_owned(), ..fair() }, 6));
    refusals
}

fn urlencoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// Environments in which no call can go well, some with the secret in the wrong place; and the exit code.
const MISTAKES: [(&str, &str, i32); 9] = [
    (SECRET_VARIABLE, "", 3),
    (SECRET_VARIABLE, r#"marked'secret"of\the/hunt+with=every%odd&char~43 x"#, 3),
    ("GENESYSCLOUD_OAUTHCLIENT_ID", r#"id:marked'secret"of\the/hunt+with=every%odd&char~43"#, 3),
    ("GENESYSCLOUD_OAUTHCLIENT_ID", SECRET, 4),
    ("GENESYSCLOUD_REGION", SECRET, 2),
    ("GENESYS_TOKEN_LOGIN_URL", SECRET, 2),
    ("GENESYS_TOKEN_TIMEOUT", SECRET, 2),
    ("GENESYS_TOKEN_SCOPE", SECRET, 2),
    ("GENESYS_TOKEN_LOG", SECRET, 2),
];

fn get(scene: &Scene) {
    let get = |args: &[&str]| scene.call("get").args(args);
    let answer = scene.answers().join("answer").display().to_string();
    scene.watch(get(&[]), 0, STDOUT);
    for format in ["token", "header", "json", "env", "curl"] {
        scene.watch(get(&["--format", format]), 0, STDOUT);
        scene.watch(get(&["--format", format, "--output", &answer]), 0, FILES);
    }
    scene.watch(get(&["--force-refresh"]), 0, STDOUT);
    scene.watch(get(&["--verify"]), 0, STDOUT);
    scene.watch(get(&["--no-cache"]), 0, STDOUT);
    let from_file = |path: &Path| get(&["--client-secret-file"]).args([path]).without(SECRET_VARIABLE);
    scene.watch(from_file(&scene.input("secret", SECRET)), 0, STDOUT);
    scene.watch(from_file(Path::new("-")).stdin(SECRET), 0, STDOUT);
    scene.watch(get(&[]).cache(&scene.input("file", "").join("cache")), 0, STDOUT);
    scene.watch(get(&["--output", "/no/such/folder/answer"]), 1, Nothing);
    scene.watch(get(&["--min-ttl", "30h"]), 7, Nothing);
    // Not of the server's CA.
    let other = LoginServer::start_tls(fair(), Certificate::Good);
    scene.watch(get(&["--no-cache"]).env("GENESYS_TOKEN_CA_CERT", other.ca_file()), 6, Nothing);
    for (variable, value, code) in MISTAKES {
        scene.watch(get(&[]).env(variable, value), code, Nothing);
    }

    // A token that can't be cached, fewer scopes than asked for, and a token that the API host takes no more.
    scene.server.set(Behaviour { expires_in: ExpiresIn::Missing, scope: Some("users".to_owned()), ..fair() });
    scene.watch(get(&["--scope", "users routing"]), 0, STDOUT);
    // What was granted stands in the readable part of a cached token.
    for scope in [TOKEN, SECRET, &BASE64_STANDARD.encode(format!("{ID}:{SECRET}"))] {
        scene.server.set(Behaviour { scope: Some(scope.to_owned()), ..fair() });
        scene.watch(get(&["--force-refresh"]), 0, STDOUT);
    }
    scene.server.set(Behaviour { token: None, ..fair() });
    scene.watch(get(&["--force-refresh"]), 0, STDOUT);
    scene.server.kill_all_tokens();
    scene.watch(get(&["--verify"]), 0, STDOUT);
    scene.server.set(Behaviour { verify_answer: VerifyAnswer::Echo(500), ..fair() });
    scene.watch(get(&["--verify"]), 0, STDOUT);

    // Refused, without a token to fall back on and with one that is about to end.
    let ending = scene.cache().join("ending");
    for (index, (behaviour, code)) in refusals().into_iter().enumerate() {
        scene.server.set(behaviour);
        let cache = scene.cache().join(index.to_string());
        scene.watch(get(&[]).cache(&cache), code, Nothing);
        scene.watch(get(&["--error-format", "json"]).cache(&cache), code, Nothing);
        let store = scene.store(&ending.join(index.to_string()));
        cached::put(&store, TOKEN, Duration::from_secs(3_500), Duration::from_secs(3_600));
        scene.watch(get(&[]).cache(&ending.join(index.to_string())), 0, STDOUT);
    }
}

fn bind(scene: &Scene) {
    let dir = scene.answers().join("block");
    let bind = |args: &[&str]| scene.call("bind").args(["--dir"]).args([&dir]).args(args);
    scene.watch(bind(&[]), 0, FILES);
    scene.watch(bind(&["--for-step", "1"]), 0, FILES);
    scene.watch(bind(&["--for-step", "1", "--carry-helper"]), 0, FILES);
    fs::create_dir(&dir).expect("a directory");
    scene.watch(bind(&[]), 2, Nothing);
    let in_a_file = scene.input("file", "").join("block");
    scene.watch(scene.call("bind").args(["--dir"]).args([in_a_file]), 1, Nothing);
    for (variable, value, code) in MISTAKES {
        scene.watch(bind(&["--for-step", "1"]).env(variable, value), 0, Nothing);
        scene.watch(bind(&[]).env(variable, value), code, Nothing);
    }
    for (index, (behaviour, code)) in refusals().into_iter().enumerate() {
        scene.server.set(behaviour);
        let cache = scene.cache().join(index.to_string());
        scene.watch(bind(&["--for-step", "1"]).cache(&cache), 0, Nothing);
        scene.watch(bind(&[]).cache(&cache), code, Nothing);
    }
}

fn exec(scene: &Scene) {
    let exec = |args: &[&str], command: &[&str]| scene.call("exec").args(args).args(["--"]).args(command);
    // No pipeline: what a shell's fork writes is not told apart from what the program writes.
    let everything = r#"env; echo "$GENESYSCLOUD_ACCESS_TOKEN" >&2; echo "$GENESYSCLOUD_ACCESS_TOKEN""#;
    scene.watch(exec(&[], &["sh", "-c", everything]), 0, COMMAND);
    scene.watch(exec(&[], &["sh", "-c", "exit 3"]), 3, COMMAND);
    scene.watch(exec(&[], &["sh", "-c", "kill -9 $$"]), 128 + 9, COMMAND);
    scene.watch(exec(&[], &["/etc/passwd"]), 126, COMMAND);
    scene.watch(exec(&[], &["/no/such/command"]), 127, COMMAND);
    scene.watch(exec(&["--no-masking"], &["true"]), 0, COMMAND);
    let kept = TokenAndSecret(Place::Environment);
    scene.watch(exec(&["--keep-credentials"], &["env"]), 0, kept);
    scene.watch(exec(&["--keep-credentials", "--no-masking"], &["true"]), 0, kept);
    scene.watch(exec(&["--min-ttl", "30h"], &["true"]), 7, Nothing);
    for (variable, value, code) in MISTAKES {
        scene.watch(exec(&[], &["true"]).env(variable, value), code, Nothing);
    }

    // With a block's token in place of a credential: a good one, one that has ended, and files that are no token's.
    let bound = |content: &str, left: u64| {
        let ends = cached::now().plus(Duration::from_secs(left)).rfc3339();
        let call = exec(&[], &["env"]).env("GENESYS_TOKEN_FILE", scene.input("token", content));
        call.env("GENESYS_TOKEN_EXPIRES_AT", ends).without(SECRET_VARIABLE)
    };
    scene.watch(bound(TOKEN, 600), 0, COMMAND);
    scene.watch(bound(TOKEN, 0), 7, Nothing);
    for content in [format!("{TOKEN}\n{TOKEN}"), format!("{TOKEN} x"), TOKEN.repeat(1_000)] {
        scene.watch(bound(&content, 600), 3, Nothing);
    }

    for (index, (behaviour, code)) in refusals().into_iter().enumerate() {
        scene.server.set(behaviour);
        let cache = scene.cache().join(index.to_string());
        scene.watch(exec(&[], &["true"]).cache(&cache), code, Nothing);
    }
}

fn doctor(scene: &Scene) {
    let doctor = |args: &[&str]| scene.call("doctor").args(args);
    let found = |call, code| scene.watch(call, code, Nothing);
    found(doctor(&[]), 0);
    found(doctor(&["--format", "json"]), 0);
    found(doctor(&["--min-ttl", "30h"]), 7);
    for (variable, value, _) in MISTAKES {
        scene.watch_any(doctor(&[]).env(variable, value), Nothing);
    }
    for echo in [VerifyAnswer::Echo(200), VerifyAnswer::Echo(401), VerifyAnswer::Echo(500)] {
        scene.server.set(Behaviour { verify_answer: echo, ..fair() });
        let done = scene.watch_any(doctor(&[]), Nothing);
        assert!(done.stdout.contains("token"), "{done:?}");
    }
    for (behaviour, code) in refusals() {
        scene.server.set(behaviour);
        found(doctor(&[]), code);
    }
}

fn status(scene: &Scene) {
    let status = |args: &[&str]| scene.call("status").args(args);
    scene.watch(status(&[]), 8, Nothing);
    scene.watch(scene.call("get"), 0, STDOUT);
    scene.watch(status(&[]), 0, Nothing);
    scene.watch(status(&["--format", "json"]), 0, Nothing);
    let entry =
        files(&scene.cache()).into_iter().find(|path| path.extension().is_some_and(|it| it == "token"));
    fs::write(entry.expect("an entry"), "torn").expect("it is ours");
    scene.watch(status(&[]), 0, Nothing);
}

fn invalidate(scene: &Scene) {
    let invalidate = |args: &[&str]| scene.call("invalidate").args(args);
    scene.watch(invalidate(&[]), 0, Nothing);
    for stdin in [TOKEN, "another-token", SECRET, ""] {
        scene.watch(scene.call("get"), 0, STDOUT);
        scene.watch_any(invalidate(&["--token-stdin"]).stdin(stdin), Nothing);
    }
    scene.watch(invalidate(&[]), 0, Nothing);
    for (variable, value, _) in MISTAKES {
        scene.watch_any(invalidate(&[]).env(variable, value), Nothing);
    }
}

fn revoke(scene: &Scene) {
    let revoke = || scene.call("revoke");
    scene.watch(revoke(), 0, Nothing);
    for answer in [
        VerifyAnswer::Normal,
        VerifyAnswer::Echo(401),
        VerifyAnswer::Echo(403),
        VerifyAnswer::Echo(500),
        VerifyAnswer::Swallow,
    ] {
        scene.server.set(Behaviour { verify_answer: answer, ..fair() });
        scene.watch(scene.call("get"), 0, STDOUT);
        scene.watch_any(revoke(), Nothing);
    }
    scene.watch(revoke().env("GENESYS_TOKEN_API_URL", refused_url()), 6, Nothing);
    for (variable, value, _) in MISTAKES {
        scene.watch_any(revoke().env(variable, value), Nothing);
    }
}

fn clear(scene: &Scene) {
    scene.watch(scene.call("get"), 0, STDOUT);
    scene.watch(scene.call("clear"), 0, Nothing);
    scene.watch(scene.call("clear"), 0, Nothing);
    scene.watch(scene.call("clear").env("GENESYS_TOKEN_LOG", SECRET), 2, Nothing);
}

fn regions(scene: &Scene) {
    scene.watch(scene.call("regions"), 0, Nothing);
    scene.watch(scene.call("regions").args(["--format", "json"]), 0, Nothing);
}

fn completions(scene: &Scene) {
    for shell in ["bash", "zsh", "fish"] {
        scene.watch(scene.call("completions").args([shell]), 0, Nothing);
    }
    scene.watch(scene.call("completions"), 2, Nothing);
}

fn man(scene: &Scene) {
    scene.watch(scene.call("man"), 0, Nothing);
}
