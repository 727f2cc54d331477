//! `--expect-org`: nothing is done with a token of another organisation.

use genesys_token::error::Category;
use loopback_login_server::{Behaviour, ORGANIZATION, ORGANIZATION_ID, VerifyAnswer, refused_url};

use crate::harness::{Call, Scene, genesys_token};

fn expecting(scene: &Scene, organization: &str) -> Call {
    scene.get().args(["--expect-org", organization])
}

/// The number of questions which organisation a token is of.
fn questions(scene: &Scene) -> usize {
    scene
        .server
        .log()
        .iter()
        .filter(|request| request.path.contains("/tokens/me") && request.method == "GET")
        .count()
}

fn variables(answer: &str) -> Vec<(String, String)> {
    let lines = answer.lines().filter_map(|line| line.split_once('='));
    lines.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

#[test]
fn the_expected_organisation_is_asked_for_once_per_token() {
    let scene = Scene::new();
    expecting(&scene, ORGANIZATION).fetched("no entry").success();
    for organization in [ORGANIZATION, ORGANIZATION_ID, &ORGANIZATION_ID.to_uppercase()] {
        expecting(&scene, organization).reused().success();
    }
    scene.get().env("GENESYS_TOKEN_EXPECT_ORG", ORGANIZATION).reused().success();
    assert_eq!(questions(&scene), 1);
    let path =
        scene.server.log().into_iter().find(|request| request.method == "GET").expect("a question").path;
    assert!(path.ends_with("?preserveIdleTTL=true"), "{path}");
    expecting(&scene, ORGANIZATION).arg("--force-refresh").fetched("forced").success();
    assert_eq!(questions(&scene), 2);
}

#[test]
fn what_is_cached_without_the_question_is_asked_about_when_it_is_put() {
    let scene = Scene::new();
    scene.get().fetched("no entry").success();
    assert_eq!(questions(&scene), 0);
    expecting(&scene, ORGANIZATION).reused().success();
    assert_eq!((questions(&scene), scene.server.token_requests()), (1, 1));
}

#[test]
fn a_token_of_another_organisation_is_an_error_of_its_own_before_anything_is_done() {
    let scene = Scene::new();
    for organization in ["Production", "loopback", "0a1b2c3d-8888-7777-6666"] {
        let error = expecting(&scene, organization).refused(Category::WrongOrg);
        let of = format!("{ORGANIZATION} ({ORGANIZATION_ID})");
        assert_eq!(
            error.message,
            format!("the token is of the organisation {of}, and not of {organization}")
        );
    }
    let stderr = "genesys-token: error: the token is of the organisation *\n  …\n";
    expecting(&scene, "Production").stderr(stderr).exit(9);
    let bind = scene.bind("block").args(["--expect-org", "Production"]);
    bind.stderr(stderr).exit(9);
    assert!(!scene.path("block").exists());
    let exec =
        scene.call("exec").args(["--expect-org", "Production"]).command(["touch", "ran"]).inside(scene.dir());
    exec.stderr(stderr).exit(9);
    assert!(!scene.path("ran").exists());
}

#[test]
fn an_api_host_that_can_not_tell_fails_the_call() {
    for answer in [VerifyAnswer::Status(503), VerifyAnswer::Status(403), VerifyAnswer::Status(200)] {
        let scene = Scene::with(Behaviour { verify_answer: answer, ..Behaviour::default() });
        let error = expecting(&scene, ORGANIZATION).refused(Category::Unavailable);
        assert!(error.message.starts_with("cannot tell which organisation the token is of: "), "{error:?}");
        // Without the question the token is provided.
        scene.get().reused().success();
    }
    let scene = Scene::new();
    expecting(&scene, ORGANIZATION).args(["--api-url", &refused_url()]).refused(Category::Unavailable);
    let scene = Scene::with(Behaviour { verify_answer: VerifyAnswer::Swallow, ..Behaviour::default() });
    expecting(&scene, ORGANIZATION).args(["--timeout", "1s"]).refused(Category::Unavailable);
}

#[test]
fn a_token_that_an_idle_timeout_has_ended_is_replaced() {
    let scene = Scene::new();
    scene.get().fetched("no entry").success();
    scene.server.kill_all_tokens();
    expecting(&scene, ORGANIZATION).fetched("not alive").success();
    expecting(&scene, ORGANIZATION).reused().success();
    let dead = Behaviour {
        verify_answer: VerifyAnswer::Code(401, "bad.credentials".into()),
        ..Behaviour::default()
    };
    let scene = Scene::with(dead);
    let error = expecting(&scene, ORGANIZATION).refused(Category::Unavailable);
    assert!(error.message.ends_with(": it does not accept the token"), "{error:?}");
}

#[test]
fn a_bound_token_is_asked_about_at_each_call() {
    let scene = Scene::new();
    let block = variables(&scene.bind("block").any_stdout().fetched("no entry").success().stdout);
    let get =
        |organization: &str| genesys_token().get().envs(block.clone()).args(["--expect-org", organization]);
    for _ in 0..2 {
        get(ORGANIZATION).any_stdout().any_stderr().success();
    }
    assert_eq!(questions(&scene), 2);
    get("Production").refused(Category::WrongOrg);
    scene.server.kill_all_tokens();
    get(ORGANIZATION).refused(Category::Lifetime);
    let error = get(ORGANIZATION).env("GENESYSCLOUD_API_REGION", "").refused(Category::Unavailable);
    assert!(error.message.ends_with("GENESYSCLOUD_API_REGION is not set"), "{error:?}");
}

#[test]
fn a_cache_that_can_not_be_used_costs_a_question_per_call_and_nothing_else() {
    let scene = Scene::new();
    for count in 1..=2 {
        expecting(&scene, ORGANIZATION).arg("--no-cache").fetched("no entry").success();
        assert_eq!(questions(&scene), count);
    }
}

#[test]
fn facts_of_another_secret_or_another_token_are_none() {
    let scene = Scene::new();
    expecting(&scene, ORGANIZATION).fetched("no entry").success();
    let facts = |scene: &Scene| {
        let files =
            std::fs::read_dir(scene.cache()).expect("the cache").map(|file| file.expect("a file").path());
        files
            .filter(|file| file.extension().is_some_and(|extension| extension == "facts"))
            .collect::<Vec<_>>()
    };
    let [file] = &facts(&scene)[..] else { panic!("one record of facts") };
    let text = std::fs::read_to_string(file).expect("text");
    assert!(!text.contains(ORGANIZATION), "{text}");
    std::fs::write(file, text.replace(&text[20..24], "AAAA")).expect("the record is altered");
    expecting(&scene, ORGANIZATION).reused().success();
    assert_eq!(questions(&scene), 2);
}

#[test]
fn a_blank_organisation_is_a_usage_error() {
    let error =
        genesys_token().get().args(["--expect-org", " "]).credential("a", "b").refused(Category::Usage);
    assert_eq!(error.message, "the value of --expect-org is blank");
}

fn scene_answering(verify_answer: VerifyAnswer) -> Scene {
    Scene::with(Behaviour { verify_answer, ..Behaviour::default() })
}

#[test]
fn a_question_that_fails_on_the_way_is_asked_once_more() {
    for failure in [VerifyAnswer::Status(503), VerifyAnswer::CloseAtOnce] {
        let failing = |times| scene_answering(VerifyAnswer::FirstTimes(times, Box::new(failure.clone())));
        let scene = failing(1);
        expecting(&scene, ORGANIZATION).fetched("no entry").success();
        assert_eq!(questions(&scene), 2, "{failure:?}");
        let scene = failing(1);
        scene.call("whoami").any_stdout().fetched("no entry").success();
        assert_eq!(questions(&scene), 2, "{failure:?}");
        let scene = failing(2);
        expecting(&scene, ORGANIZATION).refused(Category::Unavailable);
        assert_eq!(questions(&scene), 2, "{failure:?}");
    }
}

#[test]
fn a_question_that_is_answered_or_out_of_time_is_not_asked_once_more() {
    for answer in [
        VerifyAnswer::Status(403),
        VerifyAnswer::Status(200),
        VerifyAnswer::Code(401, "ip.not.authorized".to_owned()),
        VerifyAnswer::Swallow,
    ] {
        let scene = scene_answering(answer.clone());
        expecting(&scene, ORGANIZATION).args(["--timeout", "1s"]).refused(Category::Unavailable);
        assert_eq!(questions(&scene), 1, "{answer:?}");
    }
}

#[test]
fn a_token_that_head_calls_alive_and_get_dead_is_asked_about_twice() {
    let dead = VerifyAnswer::Code(401, "bad.credentials".to_owned());
    let answer = VerifyAnswer::ByMethod { head: Box::new(VerifyAnswer::Normal), others: Box::new(dead) };
    let scene = scene_answering(answer);
    scene.get().fetched("no entry").success();
    let error = expecting(&scene, ORGANIZATION).refused(Category::Unavailable);
    assert!(error.message.ends_with(": it does not accept the token"), "{error:?}");
    assert_eq!((questions(&scene), scene.server.verify_requests()), (2, 3));
    // Without the question HEAD decides.
    scene.get().arg("--verify").reused().success();
    assert_eq!(scene.server.token_requests(), 1);
}

#[test]
fn a_token_that_head_calls_dead_and_get_alive_is_replaced_where_head_is_asked() {
    let dead = Box::new(VerifyAnswer::Status(401));
    let scene =
        scene_answering(VerifyAnswer::ByMethod { head: dead, others: Box::new(VerifyAnswer::Normal) });
    scene.get().fetched("no entry").success();
    expecting(&scene, ORGANIZATION).reused().success();
    assert_eq!((questions(&scene), scene.server.verify_requests()), (1, 1));
    expecting(&scene, ORGANIZATION).arg("--verify").fetched("not alive").success();
    assert_eq!(scene.server.token_requests(), 2);
}
