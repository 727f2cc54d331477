//! OAuth errors.

use super::*;

#[test]
fn of_the_client_names_region_default_and_usual_causes_for_either_status() {
    for code in [400, 401] {
        let answer = oauth(code, "invalid_client", "client not found: 4711");
        let error = final_refusal(Behaviour::answering(answer), Category::Rejected, "client not found: 4711");
        assert!(error.message.contains("invalid_client"), "{error:?}");
        assert!(error.message.contains("client 1111…5555"), "{error:?}");
        for words in ["us-east-1", "the default", "another region", "rotated", "swapped", "deleted"] {
            assert!(error.hint.contains(words), "{words} is not in {error:?}");
        }
        assert_correlated(&error);
    }
}

#[test]
fn of_the_client_does_not_call_a_region_the_default_that_was_given() {
    let server = LoginServer::start(Behaviour::answering(oauth(401, "invalid_client", "")));
    let cache = cache();
    let call = Call::new("get", &server, cache.path()).args(["--region", "EU_CENTRAL_1"]);
    let error = call.args(["--error-format", "json"]).run().refused();
    assert!(error.hint.contains("eu-central-1, mypurecloud.de"), "{error:?}");
    assert!(!error.hint.contains("default"), "{error:?}");
}

#[test]
fn says_what_else_looks_odd_about_the_credential() {
    let server = LoginServer::start(Behaviour::default());
    let cache = cache();
    let call = Call::new("get", &server, cache.path()).credential(CLIENT_SECRET, CLIENT_ID);
    let done = call.args(["--error-format", "json"]).run();
    done.keeps_to_itself([""; 0]);
    let error = done.refused();
    assert_eq!(error.category, Category::Rejected);
    assert!(error.hint.contains("look swapped"), "{error:?}");
}

#[test]
fn in_oauth_json_is_rejected_with_a_remedy_of_its_own() {
    let rows = [
        (400, "invalid_scope", "leave the scope out"),
        (400, "unauthorized_client", "Client Credentials"),
        (403, "access_denied", "its roles"),
        (400, "invalid_request", "check the OAuth client"),
        (404, "unsupported_grant_type", "check the OAuth client"),
    ];
    for (code, error, remedy) in rows {
        let answer = oauth(code, error, "as told");
        let says = format!("{error}: as told");
        let error = final_refusal(Behaviour::answering(answer), Category::Rejected, &says);
        assert!(error.hint.contains(remedy), "{remedy} is not in {error:?}");
        assert_correlated(&error);
    }
}

#[test]
fn without_an_oauth_error_in_json_is_no_refusal_of_the_client() {
    let rows = [
        status(401, PAGE, HTML),
        status(403, "", "text/plain"),
        status(404, r#"{"message":"not found","status":404}"#, JSON),
        status(400, r#"{"error":{"code":"invalid_client"}}"#, JSON),
        status(418, r#"["error"]"#, JSON),
    ];
    for answer in rows {
        let behaviour = Behaviour::answering(answer);
        let error = final_refusal(behaviour, Category::Unavailable, "without an OAuth error");
        assert_correlated(&error);
    }
}

#[test]
fn is_cut_and_has_no_control_characters() {
    let text = format!("line one\nline two\u{1b}[31m {}", "x".repeat(2_000));
    let behaviour = Behaviour::answering(oauth(400, "invalid_grant", &text));
    let error = final_refusal(behaviour, Category::Rejected, "line one line two");
    assert!(!error.message.contains(char::is_control), "{error:?}");
    assert!(!error.message.contains(&"x".repeat(300)), "{error:?}");
}
