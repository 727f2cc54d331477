//! Answers that need no client: completions, the man page and the list of regions.

#[cfg(unix)]
use std::process::Command;

use loopback_login_server::CLIENT_ID;
use serde_json::Value;

use super::names;
use crate::harness::{Call, Done, genesys_token, temporary_dir};

fn answer(call: Call) -> String {
    call.any_stdout().success().stdout
}

fn completions(shell: &str) -> String {
    answer(genesys_token().verb("completions").arg(shell))
}

#[test]
fn completions_know_every_verb_and_flag() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = completions(shell);
        for word in ["regions", "client-secret-file", "for-step", "keep-credentials"] {
            assert!(script.contains(word), "{word} is not in {shell}");
        }
    }
}

#[cfg(unix)]
#[test]
fn bash_can_parse_its_completions() {
    let bash = Command::new("bash").args(["-n", "-c", &completions("bash")]).output().expect("bash");
    assert!(bash.status.success(), "{}", String::from_utf8_lossy(&bash.stderr));
}

#[test]
fn the_man_page_names_every_verb_flag_and_variable() {
    let page = answer(genesys_token().verb("man")).replace("\\-", "-");
    assert!(page.contains(".TH"), "{page}");
    for word in [
        "--client-secret-file",
        "--for-step",
        "--no-masking",
        "completions",
        "GENESYSCLOUD_OAUTHCLIENT_ID",
        "GENESYSCLOUD_OAUTHCLIENT_SECRET",
        "GENESYSCLOUD_REGION",
        "GENESYS_TOKEN_LOGIN_URL",
        "GENESYS_TOKEN_API_URL",
        "GENESYS_TOKEN_SCOPE",
        "GENESYS_TOKEN_CACHE_DIR",
        "GENESYS_TOKEN_MIN_TTL",
        "GENESYS_TOKEN_VERIFY",
        "GENESYS_TOKEN_TIMEOUT",
        "GENESYS_TOKEN_CA_CERT",
        "SSL_CERT_FILE",
        "GENESYS_TOKEN_LOG",
    ] {
        assert!(page.contains(word), "{word} is not in the man page");
    }
}

#[test]
fn the_regions_are_a_table_for_people_and_json_for_scripts() {
    let table = answer(genesys_token().verb("regions"));
    let row = table.lines().find(|row| row.starts_with("eu-central-1 ")).expect("a row");
    let columns: Vec<_> = row.split_whitespace().collect();
    assert_eq!(columns, ["eu-central-1", "mypurecloud.de", "login.mypurecloud.de", "api.mypurecloud.de"]);
    let json = answer(genesys_token().verb("regions").args(["--format", "json"]));
    let json: Value = serde_json::from_str(&json).expect("JSON");
    let rows = json.as_array().expect("an array");
    assert_eq!(rows.len() + 1, table.lines().count());
    assert_eq!(rows[0]["region"], "us-east-1");
    assert_eq!(rows[0]["login_url"], "https://login.mypurecloud.com");
}

#[test]
fn an_answer_without_a_reader_is_a_success() {
    for words in [&["man"][..], &["completions", "bash"], &["regions"]] {
        let call = genesys_token().verb(words[0]).args(&words[1..]);
        let mut child = call.clone().spawn();
        drop(child.stdout.take());
        let done = Done::from(child.wait_with_output().expect("the program ends"));
        call.check(&done, 0);
    }
}

#[test]
fn an_answer_that_needs_no_client_makes_no_cache() {
    let dir = temporary_dir();
    for verb in ["man", "regions"] {
        answer(genesys_token().verb(verb).credential(CLIENT_ID, "x").cache(&dir.path().join("cache")));
    }
    assert_eq!(names(dir.path()), [""; 0]);
}
