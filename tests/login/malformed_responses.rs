//! HTTP 200 with anything but a token.

use super::*;

#[test]
fn a_response_without_a_token_is_an_error_that_says_what_it_is_after_one_request() {
    let token = |token: &str| Behaviour { token: Some(token.to_owned()), ..Behaviour::default() };
    let rows = [
        (Behaviour::answering(status(200, PAGE, HTML)), "it is an HTML page"),
        (Behaviour::answering(status(200, "  \n", JSON)), "it is not JSON"),
        (Behaviour::answering(Answer::EmptyBody), "it is empty"),
        (Behaviour::answering(status(200, "{}", JSON)), "it is JSON without an access_token"),
        (
            Behaviour::answering(status(200, r#"{"access_token":17}"#, JSON)),
            "it is JSON without an access_token",
        ),
        (Behaviour::answering(Answer::HugeBody(10_000_000)), "it is longer than 65536 bytes"),
        (Behaviour::answering(Answer::Gzip), "it is not JSON (Content-Encoding gzip)"),
        (Behaviour::answering(Answer::InvalidUtf8), "it is not JSON"),
        (token(""), "the access_token is empty"),
        (
            token("half-a-token\nother-half"),
            "the access_token has a character that no bearer token has, at position 13",
        ),
        (token("two tokens"), "the access_token has a character that no bearer token has, at position 4"),
        (token("tökén"), "the access_token has a character that no bearer token has, at position 2"),
        (token(&"x".repeat(17_000)), "the access_token is longer than 16383 bytes"),
        (
            Behaviour { token_type: "mac".to_owned(), ..Behaviour::default() },
            "its token_type is 'mac', not bearer",
        ),
        (Behaviour { token_type: String::new(), ..Behaviour::default() }, "its token_type is '', not bearer"),
    ];
    for (behaviour, why) in rows {
        let says = format!("answered HTTP 200, but not with a token: {why}");
        failed_at_once(behaviour, Category::Unavailable, &says);
    }
}

#[test]
fn a_web_page_is_an_error_with_its_correlation_id_that_names_the_usual_cause() {
    let behaviour = Behaviour::answering(status(200, PAGE, HTML));
    let error = failed_at_once(behaviour, Category::Unavailable, "HTTP 200, but not with a token");
    assert!(error.hint().contains("captive portal"), "{error:?}");
    assert_correlated(&error);
}

#[test]
fn a_malformed_token_is_not_shown() {
    let token = "half-a-token\nother-half".to_owned();
    let scene = Scene::with(Behaviour { token: Some(token), ..Behaviour::default() });
    let done = scene.get().args(["-vv"]).any_stderr().exit(6);
    assert!(done.stderr.contains("answered HTTP 200, but not with a token: "), "{done:?}");
    done.leaks_nothing(["half-a-token", "other-half"]);
}

#[test]
fn a_bearer_token_type_in_any_case_is_a_token() {
    for token_type in ["Bearer", "BEARER", "bearer"] {
        let scene = Scene::with(Behaviour { token_type: token_type.to_owned(), ..Behaviour::default() });
        let done = scene.get().fetched("no entry").success();
        assert_eq!(done.token(), scene.server.tokens()[0]);
        done.leaks_nothing(scene.server.tokens());
    }
}

#[test]
fn a_response_may_have_64_kib_and_no_byte_more() {
    let response = r#"{"access_token":"abc","token_type":"bearer","expires_in":86400}"#;
    let padded = |length| response.to_owned() + &" ".repeat(length - response.len());
    let scene = Scene::answering(status(200, &padded(65_536), JSON));
    assert_eq!(scene.get().fetched("no entry").success().token(), "abc");
    let longer = Behaviour::answering(status(200, &padded(65_537), JSON));
    failed_at_once(longer, Category::Unavailable, "it is longer than 65536 bytes");
}
