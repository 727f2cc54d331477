//! The compiled program: calls that wait inside a request, where the clock can't be a test's, and `exec`.

use std::process::Output;
use std::thread;
use std::time::Duration;

use loopback_login_server::{Answer, Behaviour, BlackHole, VerifyAnswer};

use crate::harness::{Call, Scene, genesys_token, temporary_dir};

/// Longer than the time to the first word, and shorter than that to the second one.
const TIMEOUT: &str = "5s";

/// Runs a call, which must say once what it waits for.
#[track_caller]
fn assert_waits_for(call: Call, what: &str) {
    let done = call.args(["--timeout", TIMEOUT]).any_stdout().any_stderr().run_unchecked();
    let [said] = &done.waited_for[..] else { panic!("it says once that it waits for {what}: {done:?}") };
    assert!(said.starts_with(&format!("{what}, ")) && said.ends_with("s left"), "{said}");
}

#[test]
fn a_call_that_waits_in_the_middle_of_a_request_says_for_whose_answer() {
    let server = "the login server's answer";
    let delay = Duration::from_secs(4);
    let answers = [
        Behaviour::answering(Answer::Swallow),
        Behaviour::answering(Answer::SlowDrip),
        Behaviour { delay, ..Behaviour::default() },
        Behaviour { delay, ..Behaviour::answering(Answer::CloseAtOnce) },
    ];
    thread::scope(|scope| {
        for behaviour in answers {
            scope.spawn(|| assert_waits_for(Scene::with(behaviour).get(), server));
        }
        scope.spawn(|| {
            let (hole, dir) = (BlackHole::start(), temporary_dir());
            for url in [hole.url(), hole.url().replace("http:", "https:")] {
                let call = genesys_token().get().credential("an-id", "a-secret-of-some-length");
                assert_waits_for(call.cache(dir.path()).login_url(&url), server);
            }
        });
        scope.spawn(|| {
            let verify_answer = VerifyAnswer::Swallow;
            let scene = Scene::with(Behaviour { verify_answer, ..Behaviour::default() });
            scene.get().fetched("no entry").success();
            assert_waits_for(scene.get().arg("--verify"), "the API host's answer");
            assert_waits_for(scene.call("revoke"), "the API host's answer");
        });
        scope.spawn(|| {
            let hole = BlackHole::start();
            let scene = Scene::new();
            assert_waits_for(scene.call("doctor").login_url(&hole.url()), server);
        });
    });
}

#[test]
fn exec_says_what_it_waits_for_before_its_command_starts() {
    let behaviour = Behaviour { delay: Duration::from_secs(4), ..Behaviour::default() };
    let scene = Scene::with(behaviour);
    let child = scene.exec(["sh", "-c", "echo started >&2; echo ended >&2"]).spawn();
    let output: Output = child.wait_with_output().expect("it ends");
    let stderr = String::from_utf8(output.stderr).expect("UTF-8");
    let lines: Vec<&str> = stderr.lines().collect();
    let [waiting, fetched, started, ended] = lines[..] else { panic!("four lines: {stderr}") };
    assert!(waiting.starts_with("genesys-token: waiting for the login server's answer, "), "{stderr}");
    assert!(fetched.starts_with("genesys-token: fetched ") && fetched.contains(", took "), "{stderr}");
    assert_eq!((started, ended), ("started", "ended"));
}
