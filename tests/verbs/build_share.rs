//! One token over the agents of a build: what `bind` hands to the step, and takes from it.

use loopback_login_server::{Answer, Behaviour, ORGANIZATION};

use super::value_of;
use crate::harness::{Done, Scene};

/// What the step keeps of an answer.
#[track_caller]
fn entry_of(done: &Done) -> String {
    value_of(&done.stdout, "GENESYS_TOKEN_ENTRY")
}

/// The number of questions whether a token is alive.
fn tests(scene: &Scene) -> usize {
    scene.server.log().iter().filter(|request| request.method == "HEAD").count()
}

const FROM_BUILD: &str = "reused token of client 1111…5555 at HOST, * left (from another agent of the build)";

#[test]
fn the_next_agent_takes_the_token_without_a_request() {
    let scene = Scene::new();
    let first = scene.bind_on("first", "").fetched("no entry").success();
    let second = scene.bind_on("second", &entry_of(&first)).provided(FROM_BUILD).success();
    let third = scene.bind_on("third", &entry_of(&second)).provided(FROM_BUILD).success();
    assert_eq!((scene.server.token_requests(), tests(&scene)), (1, 1));
    for (agent, done) in [("first", &first), ("second", &second), ("third", &third)] {
        let token = std::fs::read_to_string(scene.path(&format!("{agent}/block/token"))).expect("a token");
        assert_eq!(token.trim_end(), scene.server.tokens()[0]);
        done.leaks_nothing([""; 0]);
        let entry = entry_of(done);
        assert!(!entry.contains(token.trim_end()) && entry.len() < 800, "{entry}");
    }
    // What it took serves every process of its machine.
    scene.get().cache(&scene.path("third/cache")).reused().success();
}

#[test]
fn without_a_cache_the_token_goes_from_agent_to_agent_as_well() {
    let scene = Scene::new();
    let mut offered = String::new();
    for agent in ["first", "second", "third"] {
        let call = scene.bind_on(agent, &offered).without("GENESYS_TOKEN_CACHE_DIR").arg("--no-cache");
        let line = if offered.is_empty() { "fetched *" } else { FROM_BUILD };
        offered = entry_of(&call.provided(line).success());
    }
    assert_eq!((scene.server.token_requests(), tests(&scene)), (1, 1));
}

#[test]
fn a_step_that_shares_nothing_is_told_nothing_to_keep() {
    let scene = Scene::new();
    for (index, without) in ["GENESYS_TOKEN_STEP", "GENESYS_TOKEN_NOW"].into_iter().enumerate() {
        let done = scene.bind_on(&index.to_string(), "").without(without).any_stderr().success();
        assert!(!done.stdout.contains("GENESYS_TOKEN_ENTRY"), "{done:?}");
    }
}

#[test]
fn a_dead_token_is_to_be_forgotten_also_when_there_is_no_other() {
    let scene = Scene::new();
    let offered = entry_of(&scene.bind_on("first", "").fetched("no entry").success());
    let name = offered.split(':').next().expect("a name");
    scene.server.set(Behaviour::answering(Answer::Status(404, String::new(), "text/html".to_owned())));
    scene.server.kill_all_tokens();
    let done = scene.bind_on("second", &offered).any_stderr().success();
    let lines: Vec<&str> = done.stdout.lines().collect();
    assert_eq!(lines[0], format!("GENESYS_TOKEN_ENTRY={name}:"));
    assert!(lines[1].starts_with("GENESYS_TOKEN_ERROR={") && lines.len() == 2, "{done:?}");
}

#[test]
fn no_offer_and_no_time_from_outside_is_an_error() {
    let scene = Scene::new();
    for (index, (now, offered)) in [
        ("soon", "x:y"),
        ("99999999999999999999", ""),
        ("-1", "x:y"),
        ("9223372036854775807", ":"),
        ("0", "\u{fffd}: ::: x:AAAA"),
    ]
    .into_iter()
    .enumerate()
    {
        let call = scene.bind_on(&index.to_string(), offered).env("GENESYS_TOKEN_NOW", now);
        call.fetched("no entry").success();
    }
}

#[test]
fn without_a_cache_a_token_that_ended_after_its_proof_is_replaced() {
    let scene = Scene::new();
    let bind = |agent: &str, offered: &str| {
        scene.bind_on(agent, offered).without("GENESYS_TOKEN_CACHE_DIR").arg("--no-cache")
    };
    let first = entry_of(&bind("first", "").fetched("no entry").success());
    let second = entry_of(&bind("second", &first).provided(FROM_BUILD).success());
    scene.server.kill_all_tokens();
    bind("third", &second).args(["--expect-org", ORGANIZATION]).fetched("*").success();
    assert_eq!(scene.server.token_requests(), 2);
}

#[test]
fn the_organisation_goes_with_the_token_and_is_not_asked_for_again() {
    let scene = Scene::new();
    let expecting = |agent, offered: &str| scene.bind_on(agent, offered).args(["--expect-org", ORGANIZATION]);
    let first = expecting("first", "").fetched("no entry").success();
    expecting("second", &entry_of(&first)).provided(FROM_BUILD).success();
    let questions = scene.server.log().iter().filter(|request| request.method == "GET").count();
    assert_eq!(questions, 1);
}

#[cfg(unix)]
#[test]
fn a_command_sees_neither_the_offer_nor_the_controllers_time() {
    let scene = Scene::new();
    let call = scene.exec(["env"]).env("GENESYS_TOKEN_OFFERED", "x:y").env("GENESYS_TOKEN_NOW", "1");
    let done = call.any_stdout().fetched("no entry").success();
    assert!(!done.stdout.contains("GENESYS_TOKEN_OFFERED") && !done.stdout.contains("GENESYS_TOKEN_NOW"));
    assert!(done.stdout.contains("GENESYS_TOKEN_OF="), "{done:?}");
}
