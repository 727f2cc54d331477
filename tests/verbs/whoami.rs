//! `whoami`: whose a token is.

use genesys_token::error::Category;
use loopback_login_server::{Behaviour, ORGANIZATION, ORGANIZATION_ID, VerifyAnswer, refused_url};
use serde_json::{Value, json};

use super::DAY;
use crate::harness::{Call, Done, Scene, entry, genesys_token};

fn whoami(scene: &Scene) -> Call {
    scene.call("whoami")
}

#[track_caller]
fn report(call: Call) -> Value {
    // As `status` does, it has the whole client id in JSON.
    let done: Done = call.args(["--format", "json"]).any_stdout().any_stderr().success();
    serde_json::from_str(&done.stdout).expect("a report in JSON")
}

#[test]
fn whoami_shows_organisation_region_client_roles_and_times() {
    let scene = Scene::new();
    let call = whoami(&scene).env("GENESYSCLOUD_REGION", "eu-central-1").fetched("no entry");
    let table = format!(
        "\
organisation  {ORGANIZATION} ({ORGANIZATION_ID})
region        eu-central-1
client        loopback client (1111…5555)
role          deployer (id of deployer) in Home (id of Home)
role          employee (id of employee) in Sales (id of Sales)
age           0s
left          *
"
    );
    let done = call.stdout(table).success();
    done.leaks_nothing(scene.server.tokens());
}

#[test]
fn the_report_in_json_has_every_field() {
    let scene = Scene::new();
    entry::put(&scene.cache(), &scene.server.login_url(), "abc", DAY / 4, DAY);
    let report = report(whoami(&scene).args(["--expect-org", ORGANIZATION]));
    // The entry's token is unknown to the server, so that another one was fetched.
    assert_eq!(report["age"], 0);
    let fields: Vec<&str> = report.as_object().expect("an object").keys().map(String::as_str).collect();
    let mut expected = [
        "organization",
        "region",
        "client",
        "scopes",
        "roles",
        "roles_unnamed",
        "requested_at",
        "age",
        "expires_at",
        "expires_in",
    ];
    expected.sort_unstable();
    assert_eq!(fields, expected);
    assert_eq!(report["organization"], json!({"id": ORGANIZATION_ID, "name": ORGANIZATION}));
    assert_eq!(report["roles"][0]["role"]["name"], "deployer");
}

#[test]
fn roles_that_may_not_be_read_are_shown_by_their_ids() {
    let scene = Scene::with(Behaviour { roles_readable: false, ..Behaviour::default() });
    let report = report(whoami(&scene));
    let unnamed = |id: &str| json!({"id": id, "name": ""});
    assert_eq!(
        report["roles"],
        json!([{"role": unnamed("id of deployer"), "division": unnamed("id of Home")}])
    );
    assert_eq!(report["roles_unnamed"], "the API host answered HTTP 403");
    let done = whoami(&scene).any_stdout().reused().success();
    assert!(done.stdout.contains("role          id of deployer in id of Home\n"), "{done:?}");
}

#[test]
fn whoami_answers_inside_a_block_without_the_credential() {
    let scene = Scene::new();
    let block = scene.bind("block").any_stdout().fetched("no entry").success();
    let lines = block.stdout.lines().filter_map(|line| line.split_once('='));
    let variables: Vec<_> = lines.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let report = report(genesys_token().verb("whoami").envs(variables.clone()));
    assert_eq!((&report["organization"]["name"], &report["age"]), (&json!(ORGANIZATION), &Value::Null));
    let without_api = variables.into_iter().filter(|(name, _)| name != "GENESYSCLOUD_API_REGION");
    let error = genesys_token().verb("whoami").envs(without_api).refused(Category::Credentials);
    assert_eq!(error.message, "no API host: GENESYSCLOUD_API_REGION is not set beside the bound token");
}

#[test]
fn an_api_host_that_does_not_tell_is_unavailable() {
    for (status, says) in [(503, "503"), (403, "403"), (200, "200, but not about the token")] {
        let verify_answer = VerifyAnswer::Status(status);
        let scene = Scene::with(Behaviour { verify_answer, ..Behaviour::default() });
        let error = whoami(&scene).any_stderr().args(["-q"]).refused(Category::Unavailable);
        let message = format!("cannot tell whose token it is: the API host answered HTTP {says}");
        assert!(error.message.starts_with(&message), "{error:?}");
    }
    let scene = Scene::new();
    let error = whoami(&scene).args(["-q", "--api-url", &refused_url()]).refused(Category::Unavailable);
    assert!(error.message.contains("cannot reach the API host"), "{error:?}");
    let scene = Scene::with(Behaviour { verify_answer: VerifyAnswer::Swallow, ..Behaviour::default() });
    whoami(&scene).args(["-q", "--timeout", "1s"]).refused(Category::Unavailable);
}

#[test]
fn an_api_host_that_repeats_the_token_shows_none_of_it() {
    let scene = Scene::with(Behaviour { verify_answer: VerifyAnswer::Echo(200), ..Behaviour::default() });
    for format in ["table", "json"] {
        let done = whoami(&scene).args(["--format", format]).any_stdout().any_stderr().success();
        done.leaks_nothing(scene.server.tokens());
    }
}

#[test]
fn a_token_that_an_idle_timeout_has_ended_is_replaced_first() {
    let scene = Scene::new();
    scene.get().fetched("no entry").success();
    scene.server.kill_all_tokens();
    whoami(&scene).any_stdout().fetched("not alive").success();
    assert_eq!(scene.server.token_requests(), 2);
}
