//! OAuth errors, and answers that only look like one.

use super::*;

#[test]
fn an_unknown_client_is_an_error_that_names_the_region_and_the_usual_causes() {
    for code in [400, 401] {
        let answer = oauth(code, "invalid_client", "client not found: 4711");
        let says = " refused client 1111…5555: invalid_client: client not found: 4711 (";
        let error = failed_at_once(Behaviour::answering(answer), Category::Rejected, says);
        for words in ["us-east-1, the default", "another region", "deleted", "IP allow list"] {
            assert!(error.hint().contains(words), "{words} is not in {error:?}");
        }
        assert_correlated(&error);
    }
}

#[test]
fn a_region_that_was_given_is_not_called_the_default() {
    let scene = Scene::answering(oauth(401, "invalid_client", ""));
    let error = failed(&scene, scene.get().args(["--region", "EU_CENTRAL_1"]), Category::Rejected);
    assert!(error.hint().contains("eu-central-1, mypurecloud.de"), "{error:?}");
    assert!(!error.hint().contains("default"), "{error:?}");
}

#[test]
fn a_mistake_in_the_credential_is_the_first_cause_of_a_refusal() {
    let scene = Scene::new();
    for (id, secret, mistake) in [
        (CLIENT_SECRET, CLIENT_ID, "client id and client secret look swapped"),
        (
            CLIENT_ID,
            "${GENESYS_SECRET}",
            "the client secret is the placeholder ${GENESYS_SECRET}, not a value",
        ),
        (CLIENT_ID, "changeme", "the client secret is the placeholder changeme, not a value"),
        ("$CLIENT_ID", CLIENT_SECRET, "the client id is the placeholder $CLIENT_ID, not a value"),
    ] {
        let error = failed(&scene, scene.get().credential(id, secret), Category::Rejected);
        assert_eq!(error.causes[0], mistake);
        assert!(!error.fixes[0].contains("region"), "{error:?}");
    }
}

#[test]
fn what_is_only_unusual_is_the_last_cause_of_a_refusal() {
    let scene = Scene::new();
    let error = failed(&scene, scene.get().credential(CLIENT_ID, "not-of-genesys"), Category::Rejected);
    assert!(error.causes[0].starts_with("the client lives in another region: "), "{error:?}");
    assert!(error.hint().contains("; unusual client secret, shorter than usual: "), "{error:?}");
}

#[test]
fn a_region_under_a_name_that_nothing_reads_is_a_cause_of_a_refusal_in_the_default_region() {
    let scene = Scene::answering(oauth(400, "invalid_client", "client not found"));
    let call = scene.get().env("GENESYS_CLOUD_ENVIRONMENT", "mypurecloud.de");
    let error = failed(&scene, call.clone(), Category::Rejected);
    let cause = "GENESYS_CLOUD_ENVIRONMENT is set, but the name that is read is GENESYSCLOUD_REGION; ";
    assert!(error.hint().starts_with(cause), "{error:?}");
    let error = failed(&scene, call.args(["--region", "eu-west-1"]), Category::Rejected);
    assert!(!error.hint().contains("GENESYS_CLOUD_ENVIRONMENT"), "{error:?}");
}

#[test]
fn an_error_without_a_token_ends_with_the_next_command_to_run() {
    let find_region = "; next: genesys-token doctor --find-region";
    let doctor = "; next: genesys-token doctor";
    for (answer, category, next) in [
        (oauth(400, "invalid_client", "client not found"), Category::Rejected, find_region),
        (oauth(400, "unauthorized_client", ""), Category::Rejected, doctor),
        (status(404, PAGE, HTML), Category::Unavailable, doctor),
        (status(200, PAGE, HTML), Category::Unavailable, doctor),
        (Answer::Redirect("https://login.example/".to_owned()), Category::Unavailable, doctor),
        (status(503, PAGE, HTML), Category::Unavailable, doctor),
    ] {
        let scene = Scene::answering(answer);
        let call = || scene.get().args(["--timeout", "1s"]);
        let error = failed(&scene, call(), category);
        assert!(error.hint().ends_with(next), "{error:?}");
        let done = call().any_stderr().exit(category.exit_code());
        let last = next.replace("; ", "  ") + "\n";
        assert!(done.stderr.ends_with(&last), "{done:?}");
    }
    let scene = Scene::new();
    let call = scene.get().login_url(&refused_url()).args(["--timeout", "1s"]);
    let error = failed(&scene, call, Category::Unavailable);
    assert!(error.hint().ends_with(doctor), "{error:?}");
}

#[test]
fn an_oauth_error_is_a_refusal_with_a_hint_of_its_own() {
    let rows = [
        (400, "invalid_scope", "leave the scope out"),
        (400, "unauthorized_client", "Client Credentials"),
        (403, "invalid_grant", "or roles do not allow"),
        (400, "invalid_request", "look at it in Genesys"),
        (404, "unsupported_grant_type", "look at it in Genesys"),
        (200, "invalid_scope", "leave the scope out"),
    ];
    for (code, error, hint) in rows {
        let answer = oauth(code, error, "a reason");
        let says = format!(" refused client 1111…5555: {error}: a reason (");
        let error = failed_at_once(Behaviour::answering(answer), Category::Rejected, &says);
        assert!(error.hint().contains(hint), "{hint} is not in {error:?}");
        assert_correlated(&error);
    }
}

#[test]
fn an_answer_without_an_oauth_error_in_json_is_no_refusal_of_the_client() {
    let rows = [
        (401, PAGE, HTML),
        (403, "", "text/plain"),
        (404, r#"{"message":"not found","status":404}"#, JSON),
        (400, r#"{"error":{"code":"invalid_client"}}"#, JSON),
        (418, r#"["error"]"#, JSON),
        (400, r#"{"error":"access_denied","error_description":"by the gateway"}"#, JSON),
    ];
    for (code, body, content_type) in rows {
        let behaviour = Behaviour::answering(status(code, body, content_type));
        let says = format!(" answered HTTP {code} without an OAuth error {CORRELATION}");
        assert_correlated(&failed_at_once(behaviour, Category::Unavailable, &says));
    }
}

#[test]
fn an_oauth_error_that_may_pass_is_retried_and_named() {
    for (code, error) in [(400, "server_error"), (200, "temporarily_unavailable"), (503, "invalid_client")] {
        let answer = oauth(code, error, "a reason");
        let (failed, requests) = failed_within("2s", Behaviour::answering(answer), Category::Unavailable);
        assert!(failed.message.contains(&format!(" answered HTTP {code}: {error}: a reason")), "{failed:?}");
        assert!(requests > 1, "{code} {error}");
    }
}

#[test]
fn a_firewalls_page_is_named_by_its_title_and_the_id_of_the_request() {
    let page = "<html><head><title>Request Rejected</title></head><body>The requested URL was rejected.<br>Your \
        support ID is: 1421574312345</body></html>";
    let says = "(\"Request Rejected\", support id 1421574312345)";
    for code in [401, 403, 200] {
        let error =
            failed_at_once(Behaviour::answering(status(code, page, HTML)), Category::Unavailable, says);
        assert!(code == 200 || error.hint().contains("IP allow list"), "{error:?}");
    }
    for (code, category) in [(503, Category::Unavailable), (429, Category::RateLimited)] {
        let (error, _) = failed_within("1s", Behaviour::answering(status(code, page, HTML)), category);
        assert!(error.message.contains(says), "{error:?}");
    }
}

#[test]
fn a_client_that_is_refused_may_be_used_from_another_address() {
    for code in ["invalid_client", "unauthorized_client", "invalid_grant"] {
        let behaviour = Behaviour::answering(oauth(400, code, ""));
        let error = failed_at_once(behaviour, Category::Rejected, code);
        assert!(error.hint().contains("the client's IP allow list"), "{error:?}");
    }
}

#[test]
fn a_client_that_the_server_calls_disabled_or_inactive_is_to_be_activated() {
    for (code, words) in [("invalid_client", "client is disabled"), ("invalid_client", "INACTIVE client")] {
        let behaviour = Behaviour::answering(oauth(400, code, words));
        let error = failed_at_once(behaviour, Category::Rejected, words);
        assert_eq!(error.causes[0], "this OAuth client is disabled");
        assert!(error.fixes[0].starts_with("activate the OAuth client, in "), "{error:?}");
        assert!(error.hint().ends_with("; next: genesys-token doctor"), "{error:?}");
    }
}

#[test]
fn a_byte_order_mark_before_json_changes_nothing() {
    let body = "\u{feff}{\"error\":\"invalid_client\",\"error_description\":\"client not found\"}";
    failed_at_once(Behaviour::answering(status(400, body, JSON)), Category::Rejected, "invalid_client");
    let body = "\u{feff}{\"access_token\":\"abc\",\"token_type\":\"bearer\",\"expires_in\":600}";
    let scene = Scene::answering(status(200, body, JSON));
    scene
        .get()
        .stdout("abc\n")
        .provided("fetched token of client 1111…5555 at HOST, * left (no entry)")
        .success();
}

#[test]
fn the_server_s_text_is_cut_and_has_no_control_characters() {
    let text = format!("line one\nline two\u{1b}[31m {}", "x".repeat(2_000));
    let behaviour = Behaviour::answering(oauth(400, "invalid_grant", &text));
    let error = failed_at_once(behaviour, Category::Rejected, "line one line two");
    assert!(!error.message.contains(char::is_control), "{error:?}");
    assert!(!error.message.contains(&"x".repeat(300)), "{error:?}");
}

#[test]
fn a_refusal_that_repeats_the_secret_or_the_basic_header_shows_neither() {
    for repeated in [CLIENT_SECRET.to_owned(), basic_credentials()] {
        let answer = oauth(401, "invalid_client", &format!("{repeated} is wrong"));
        let error = failed_at_once(Behaviour::answering(answer), Category::Rejected, " is wrong");
        assert!(!error.message.contains(&repeated), "{error:?}");
    }
}
