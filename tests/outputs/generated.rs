//! Help, man page and completions.

use super::*;

fn answer(call: Call) -> String {
    let done = call.run();
    assert_eq!((done.code, done.stderr.as_str()), (0, ""));
    done.stdout
}

#[test]
fn completions_know_every_verb_and_flag() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = answer(Call::bare("completions").args([shell]));
        for word in ["regions", "client-secret-file", "for-step", "keep-credentials"] {
            assert!(script.contains(word), "{word} is not in {shell}");
        }
    }
}

#[test]
fn completions_of_bash_are_a_script() {
    let script = answer(Call::bare("completions").args(["bash"]));
    let Ok(bash) = std::process::Command::new("bash").args(["-n", "-c", &script]).output() else {
        return;
    };
    assert!(bash.status.success(), "{}", String::from_utf8_lossy(&bash.stderr));
}

#[test]
fn the_man_page_names_every_verb_flag_and_variable() {
    let page = answer(Call::bare("man")).replace("\\-", "-");
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
fn regions_are_a_table_for_people_and_json_for_scripts() {
    let table = answer(Call::bare("regions"));
    let row = table.lines().find(|row| row.starts_with("eu-central-1 ")).expect("a row");
    let columns: Vec<_> = row.split_whitespace().collect();
    assert_eq!(columns, ["eu-central-1", "mypurecloud.de", "login.mypurecloud.de", "api.mypurecloud.de"]);
    let json: Value =
        serde_json::from_str(&answer(Call::bare("regions").args(["--format", "json"]))).expect("JSON");
    let rows = json.as_array().expect("an array");
    assert_eq!(rows.len() + 1, table.lines().count());
    assert_eq!(rows[0]["region"], "us-east-1");
    assert_eq!(rows[0]["login_url"], "https://login.mypurecloud.com");
}

#[test]
fn answers_need_no_reader() {
    for verb in [&["man"][..], &["completions", "bash"], &["regions"]] {
        let mut child = Call::bare(verb[0]).args(&verb[1..]).start();
        drop(child.stdout.take());
        let done = Done::from(child.wait_with_output().expect("it ends"));
        assert_eq!((done.code, done.stderr.as_str()), (0, ""), "{verb:?}");
    }
}

#[test]
fn answers_know_no_client() {
    let cache = dir();
    for verb in ["man", "regions"] {
        let done = Call::bare(verb).credential(CLIENT_ID, "x").cache(&cache.path().join("cache")).run();
        assert_eq!(done.code, 0);
    }
    assert!(names(cache.path()).is_empty());
}
