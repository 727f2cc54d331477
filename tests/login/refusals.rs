//! OAuth errors, and answers that only look like one.

use super::*;

#[test]
fn an_unknown_client_is_an_error_that_names_the_region_and_the_usual_causes() {
    for code in [400, 401] {
        let answer = oauth(code, "invalid_client", "client not found: 4711");
        let says = " refused client 1111…5555: invalid_client: client not found: 4711 (";
        let error = failed_at_once(Behaviour::answering(answer), Category::Rejected, says);
        for words in ["us-east-1, the default", "another region", "rotated", "swapped", "deleted"] {
            assert!(error.hint.contains(words), "{words} is not in {error:?}");
        }
        assert_correlated(&error);
    }
}

#[test]
fn a_region_that_was_given_is_not_called_the_default() {
    let scene = Scene::answering(oauth(401, "invalid_client", ""));
    let error = failed(&scene, scene.get().args(["--region", "EU_CENTRAL_1"]), Category::Rejected);
    assert!(error.hint.contains("eu-central-1, mypurecloud.de"), "{error:?}");
    assert!(!error.hint.contains("default"), "{error:?}");
}

#[test]
fn a_refusal_says_what_else_looks_wrong_with_the_credential() {
    let scene = Scene::new();
    let call = scene.get().credential(CLIENT_SECRET, CLIENT_ID);
    let error = failed(&scene, call, Category::Rejected);
    assert!(error.hint.ends_with("; client id and client secret look swapped"), "{error:?}");
}

#[test]
fn an_oauth_error_is_a_refusal_with_a_hint_of_its_own() {
    let rows = [
        (400, "invalid_scope", "leave the scope out"),
        (400, "unauthorized_client", "Client Credentials"),
        (403, "access_denied", "its roles"),
        (400, "invalid_request", "check the OAuth client"),
        (404, "unsupported_grant_type", "check the OAuth client"),
    ];
    for (code, error, hint) in rows {
        let answer = oauth(code, error, "a reason");
        let says = format!(" refused client 1111…5555: {error}: a reason (");
        let error = failed_at_once(Behaviour::answering(answer), Category::Rejected, &says);
        assert!(error.hint.contains(hint), "{hint} is not in {error:?}");
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
    ];
    for (code, body, content_type) in rows {
        let behaviour = Behaviour::answering(status(code, body, content_type));
        let says = format!(" answered HTTP {code} without an OAuth error {CORRELATION}");
        assert_correlated(&failed_at_once(behaviour, Category::Unavailable, &says));
    }
}

#[test]
fn the_server_s_text_is_cut_and_has_no_control_characters() {
    let text = format!("line one\nline two\u{1b}[31m {}", "x".repeat(2_000));
    let behaviour = Behaviour::answering(oauth(400, "invalid_grant", &text));
    let error = failed_at_once(behaviour, Category::Rejected, "line one line two");
    assert!(!error.message.contains(char::is_control), "{error:?}");
    assert!(!error.message.contains(&"x".repeat(300)), "{error:?}");
}
