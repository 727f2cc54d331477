//! `exec`: what passes between the command and the streams of the program, and what is masked.

use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::thread;

use loopback_login_server::{CLIENT_ID, CLIENT_SECRET};

use crate::exec::{command, exec};
use crate::harness::Scene;

#[test]
fn the_command_gets_the_token_and_not_the_credential() {
    let scene = Scene::new();
    let done = exec(&scene, "cmd", &["/d", "/c", "set GENESYS"]).any_stdout().success();
    assert!(done.stdout.contains("GENESYSCLOUD_ACCESS_TOKEN=****"), "{done:?}");
    assert!(done.stdout.contains("GENESYSCLOUD_REGION=us-east-1"), "{done:?}");
    assert!(!done.stdout.contains("OAUTHCLIENT"), "{done:?}");
}

#[test]
fn the_secret_of_a_kept_credential_is_masked_in_the_output() {
    let scene = Scene::new();
    let call = exec(&scene, "cmd", &["/d", "/c", "set GENESYSCLOUD_OAUTH"]).arg("--keep-credentials");
    let done = call.any_stdout().success();
    assert!(done.stdout.contains(&format!("GENESYSCLOUD_OAUTHCLIENT_ID={CLIENT_ID}")), "{done:?}");
    assert!(done.stdout.contains("GENESYSCLOUD_OAUTHCLIENT_SECRET=****"), "{done:?}");
    assert!(!done.stdout.contains(CLIENT_SECRET), "{done:?}");
}

#[test]
fn a_prompt_without_a_newline_appears_before_the_answer() {
    let Some(command) = command() else { return };
    let scene = Scene::new();
    let mut child = exec(&scene, &command, &["ask", "go on? "]).stdin_pipe().spawn();
    let mut prompt = [0; 7];
    child.stdout.as_mut().expect("a pipe").read_exact(&mut prompt).expect("the prompt");
    assert_eq!(&prompt, b"go on? ");
    child.stdin.take().expect("a pipe").write_all(b"yes\r\n").expect("the command reads");
    assert_eq!(child.wait_with_output().expect("the program ends").stdout, b"yes\r\n");
}

#[test]
fn a_megabyte_of_every_byte_value_passes_unchanged() {
    let Some(command) = command() else { return };
    let scene = Scene::new();
    let bytes: Vec<u8> = (0..=255).cycle().take(1 << 20).collect();
    let mut child = exec(&scene, &command, &["copy"]).stdin_pipe().spawn();
    let mut stdin = child.stdin.take().expect("a pipe");
    let input = bytes.clone();
    let writer = thread::spawn(move || stdin.write_all(&input));
    let output = child.wait_with_output().expect("the program ends");
    writer.join().expect("no panic").expect("the command reads");
    assert!(output.stdout == bytes, "{} bytes", output.stdout.len());
}

#[test]
fn utf_16_is_masked_and_bytes_of_any_code_page_pass() {
    let Some(command) = command() else { return };
    let scene = Scene::new();
    let output =
        |words: &[&str]| exec(&scene, &command, words).into_command().output().expect("it starts").stdout;
    let printed = output(&["wide", "GENESYSCLOUD_ACCESS_TOKEN"]);
    assert!(printed.starts_with(b"****") && printed.len() < 16, "{printed:?}");
    assert_eq!(output(&["bytes", "8166fc00ff0d0a"]), b"\x81f\xfc\0\xff\r\n");
}

#[test]
fn one_file_for_both_streams_keeps_the_order_of_what_is_written() {
    let scene = Scene::new();
    let log = scene.path("log");
    let file = File::create(&log).expect("a file");
    let script = "echo out 1&echo err 1 >&2&echo out 2&echo err 2 >&2&echo out 3&echo err 3 >&2";
    let mut call = exec(&scene, "cmd", &["/d", "/c", script]).into_command();
    call.stdout(file.try_clone().expect("the same file")).stderr(file);
    assert!(call.status().expect("it starts").success());
    let lines = fs::read_to_string(&log).expect("a log");
    let lines: Vec<&str> = lines.lines().map(str::trim).collect();
    assert_eq!(lines, ["out 1", "err 1", "out 2", "err 2", "out 3", "err 3"]);
}
