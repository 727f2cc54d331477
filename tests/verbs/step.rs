//! `bind --for-step`: the answers that the pipeline step reads.

use std::fs;

use genesys_token::error::{Category, Error};
use loopback_login_server::{Answer, Behaviour};

use super::bind::answer_lines;
use super::value_of;
use crate::harness::{Call, Scene, genesys_token};

fn step(scene: &Scene) -> Call {
    scene.bind("block").args(["--for-step", "1"])
}

/// The error in an answer of one line.
#[track_caller]
fn error_line(call: Call, category: Category) -> Error {
    let done = call.stdout("GENESYS_TOKEN_ERROR={*}\n").success();
    done.leaks_nothing([""; 0]);
    let json = value_of(&done.stdout, "GENESYS_TOKEN_ERROR");
    let error: Error = serde_json::from_str(&json).expect("JSON");
    assert_eq!(error.category, category, "{error:?}");
    assert!(!error.hint().is_empty(), "{error:?}");
    error
}

#[test]
fn the_step_gets_the_same_lines_as_any_caller() {
    let scene = Scene::new();
    let lines = answer_lines(&scene, &scene.path("block"), "us-east-1");
    step(&scene).stdout(lines).fetched("no entry").success();
    assert!(scene.path("block/token").is_file());
}

#[test]
fn a_step_that_asks_is_told_what_the_program_can_do() {
    let scene = Scene::new();
    let mut lines = answer_lines(&scene, &scene.path("block"), "us-east-1") + "GENESYS_TOKEN_PROTOCOL=2\n";
    if cfg!(windows) {
        lines += "GENESYS_TOKEN_HELPER=*genesys-token.exe\n";
    }
    step(&scene).env("GENESYS_TOKEN_STEP", "2").stdout(lines).fetched("no entry").success();
}

#[cfg(target_os = "linux")]
#[test]
fn an_answer_that_can_not_be_written_leaves_no_directory() {
    let scene = Scene::new();
    let script = r#"exec "$GENESYS_TOKEN" bind --for-step 1 --dir "$BLOCK" >/dev/full"#;
    let call = super::script(&scene, script).env("BLOCK", scene.path("block"));
    call.fetched("no entry").exit(1);
    assert_eq!(super::names(scene.dir()), ["cache"]);
}

#[cfg(unix)]
#[test]
fn an_answer_without_a_reader_leaves_no_directory() {
    use std::process::Stdio;
    let scene = Scene::new();
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let call = step(&scene).fetched("no entry");
    let mut command = call.clone().into_command();
    let output = command.stdin(Stdio::null()).stdout(writer).stderr(Stdio::piped()).output();
    call.check(&output.expect("the program starts").into(), 0);
    assert_eq!(super::names(scene.dir()), ["cache"]);
}

#[test]
fn a_required_lifetime_beyond_all_time_is_a_lifetime_error_in_every_call() {
    let scene = Scene::new();
    for _ in 0..2 {
        error_line(step(&scene).args(["--min-ttl", "18446744073709551615"]), Category::Lifetime);
    }
}

#[test]
fn every_error_is_one_line_of_the_answer() {
    let scene = Scene::new();
    error_line(step(&scene).without("GENESYSCLOUD_OAUTHCLIENT_SECRET"), Category::Credentials);
    error_line(step(&scene).args(["--region", "mars"]), Category::Usage);
    error_line(step(&scene).args(["--min-ttl", "30h"]), Category::Lifetime);
    fs::create_dir(scene.path("block")).expect("a directory");
    let error = error_line(step(&scene).reused(), Category::Usage);
    assert_eq!(error.message, format!("{} already exists", scene.path("block").display()));
}

/// The error of a forced refresh that the login server answers like this.
#[track_caller]
fn error_of_forced_refresh(answer: Answer, category: Category) -> Error {
    let scene = Scene::new();
    scene.get().fetched("no entry").success();
    scene.server.set(Behaviour::answering(answer));
    error_line(step(&scene).arg("--force-refresh"), category)
}

#[test]
fn the_login_servers_refusal_is_shown_without_its_line_breaks() {
    let refusal = Answer::OAuthError {
        status: 400,
        error: "invalid_client".to_owned(),
        description: "client not found\nline two".to_owned(),
    };
    let error = error_of_forced_refresh(refusal, Category::Rejected);
    assert!(error.whole_message().contains("invalid_client: client not found line two"), "{error:?}");
}

#[test]
fn a_rate_limited_call_says_when_to_try_again() {
    let answer = Answer::TooManyRequests { retry_after: Some("90".to_owned()) };
    let error = error_of_forced_refresh(answer, Category::RateLimited);
    assert!(error.retry_after.is_some_and(|wait| wait > 60), "{error:?}");
}

#[test]
fn arguments_that_this_program_does_not_know_are_an_error_line() {
    error_line(step(&Scene::new()).arg("--of-a-newer-step"), Category::Usage);
    let step = |args: &[&str]| error_line(genesys_token().bind().args(args), Category::Usage);
    step(&["--for-step", "1"]);
    step(&["--for-step=one", "--dir", "x"]);
    let error = step(&["--for-step", "2", "--dir", "x"]);
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(
        error.message,
        format!("the step speaks protocol 2, and this genesys-token {version} speaks 1")
    );
}
