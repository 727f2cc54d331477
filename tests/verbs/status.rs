//! `status`: what is cached.

use std::fs;
use std::path::Path;
use std::time::Duration;

use loopback_login_server::CLIENT_ID;
use serde_json::Value;

use super::{DAY, names};
use crate::harness::{Call, Scene, entry, genesys_token, temporary_dir};

const LOGIN_URL: &str = "https://login.mypurecloud.de";

/// `status` without a credential and without a server.
fn status(cache: &Path) -> Call {
    genesys_token().status().cache(cache)
}

/// The rows of `status --format json`, of which there is at least one.
#[track_caller]
pub(crate) fn rows(cache: &Path) -> Vec<Value> {
    let done = status(cache).args(["--format", "json"]).any_stdout().success();
    serde_json::from_str(&done.stdout).expect("a list in JSON")
}

#[track_caller]
pub(crate) fn assert_nothing_is_cached(cache: &Path) {
    let status =
        || status(cache).stderr(format!("genesys-token: nothing is cached in {}\n", cache.display()));
    status().exit(8);
    status().args(["--format", "json"]).stdout("[]\n").exit(8);
}

#[test]
fn status_shows_every_entry_without_secret_and_network() {
    let scene = Scene::new();
    scene.get().fetched("no entry").success();
    scene.get().args(["--scope", "users routing"]).fetched("no entry").success();
    let requests = scene.server.log().len();
    let done = status(&scene.cache()).stdout("REGION *\n*\n*\n").success();
    assert_eq!(scene.server.log().len(), requests);
    let lines = done.stdout.lines().map(|line| line.split("  ").map(str::trim));
    let mut table: Vec<Vec<&str>> =
        lines.map(|cells| cells.filter(|cell| !cell.is_empty()).collect()).collect();
    assert_eq!(table.remove(0), ["REGION", "CLIENT", "SCOPES", "LANE", "AGE", "LEFT", "STATE"]);
    table.sort_by_key(|row| row[2]);
    let host = scene.server.login_url().replace("http://", "");
    for (row, scopes) in table.iter().zip(["-", "routing users"]) {
        assert_eq!(row[..4], [host.as_str(), "1111…5555", scopes, "-"]);
        assert_eq!(row[5..], ["23h 59m", "fresh"]);
    }
    assert!(!done.stdout.contains(CLIENT_ID), "{done:?}");
    done.leaks_nothing([""; 0]);
    for token in scene.server.tokens() {
        assert!(!done.stdout.contains(&token), "{done:?}");
    }
}

#[test]
fn a_row_in_json_has_exactly_ten_fields() {
    let scene = Scene::new();
    scene.get().fetched("no entry").success();
    let rows = rows(&scene.cache());
    assert_eq!(rows.len(), 1, "{rows:?}");
    let fields: Vec<&String> = rows[0].as_object().expect("an object").keys().collect();
    let expected = [
        "age",
        "client_id",
        "expires_at",
        "expires_in",
        "lane",
        "login_url",
        "region",
        "requested_at",
        "scopes",
        "state",
    ];
    assert_eq!(fields, expected);
    assert_eq!((&rows[0]["client_id"], &rows[0]["state"]), (&CLIENT_ID.into(), &"fresh".into()));
    assert_eq!(rows[0]["login_url"], scene.server.login_url().as_str());
    assert!(rows[0]["expires_in"].as_u64().expect("a number") > 86_000);
}

#[test]
fn the_state_of_an_entry_says_what_the_next_call_does_with_it() {
    for (age, state) in [
        (Duration::from_mins(1), "fresh"),
        (DAY.saturating_sub(Duration::from_mins(10)), "renewed at the next call"),
        (DAY.saturating_sub(Duration::from_secs(100)), "renewed at the next call"),
        (DAY, "expired"),
    ] {
        let cache = temporary_dir();
        entry::put(cache.path(), LOGIN_URL, "token", age, DAY);
        let rows = rows(cache.path());
        assert_eq!((&rows[0]["state"], &rows[0]["region"]), (&state.into(), &"eu-central-1".into()));
    }
}

#[test]
fn an_entry_that_was_requested_later_than_now_is_from_the_future() {
    let cache = temporary_dir();
    let store = entry::dir_store(cache.path());
    entry::put_at(&entry::cache(&store, LOGIN_URL), "token", entry::now().plus(DAY), DAY);
    assert_eq!(rows(cache.path())[0]["state"], "from the future");
}

#[test]
fn an_empty_cache_and_a_missing_one_have_an_exit_code_of_their_own() {
    let cache = temporary_dir();
    assert_nothing_is_cached(cache.path());
    assert_nothing_is_cached(&cache.path().join("nowhere"));
    assert_eq!(names(cache.path()), [""; 0], "looking creates no directory");
}

#[test]
fn a_forged_entry_sends_no_control_character_to_the_terminal() {
    let cache = temporary_dir();
    let name = format!("{}-{}.token", "a".repeat(64), "b".repeat(16));
    let header = format!(
        r#"{{"salt":"","client_id":"\u001b[2Jx","login_url":"https://x\u001b[1m","scopes":"\u0007","requested_at":{},"received_at":0,"expires_at":{}}}"#,
        entry::now().0,
        entry::now().plus(DAY).0
    );
    fs::write(cache.path().join(name), format!("{header}\nAAAA\n")).expect("a file");
    let done = status(cache.path()).stdout("REGION *\n?       […x     -  * fresh\n").success();
    assert!(done.stdout.chars().all(|c| c == '\n' || !c.is_control()), "{done:?}");
}
