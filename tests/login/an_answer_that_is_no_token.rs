//! HTTP 200 with anything else in it.

use super::*;

#[test]
fn is_told_by_what_it_is_and_not_asked_for_again() {
    let token = |token: &str| Behaviour { token: Some(token.to_owned()), ..Behaviour::default() };
    let rows = [
        (Behaviour::answering(status(200, PAGE, HTML)), "it is an HTML page"),
        (Behaviour::answering(status(200, "  \n", JSON)), "it is not JSON"),
        (Behaviour::answering(Answer::EmptyBody), "it is empty"),
        (Behaviour::answering(status(200, "{}", JSON)), "without an access_token"),
        (Behaviour::answering(status(200, r#"{"access_token":17}"#, JSON)), "without an access_token"),
        (Behaviour::answering(Answer::HugeBody(10_000_000)), "longer than 65536 bytes"),
        (Behaviour::answering(Answer::Gzip), "Content-Encoding gzip"),
        (Behaviour::answering(Answer::InvalidUtf8), "it is not JSON"),
        (token(""), "the access_token is empty"),
        (token("half-a-token\nother-half"), "at position 13"),
        (token("two tokens"), "at position 4"),
        (token("tökén"), "at position 2"),
        (token(&"x".repeat(17_000)), "longer than 16384 bytes"),
        (Behaviour { token_type: "mac".to_owned(), ..Behaviour::default() }, "'mac', not bearer"),
        (Behaviour { token_type: String::new(), ..Behaviour::default() }, "not bearer"),
    ];
    for (behaviour, says) in rows {
        final_refusal(behaviour, Category::Unavailable, says);
    }
}

#[test]
fn carries_its_correlation_id_and_says_that_a_page_is_a_page() {
    let behaviour = Behaviour::answering(status(200, PAGE, HTML));
    let error = final_refusal(behaviour, Category::Unavailable, "HTTP 200, but not with a token");
    assert!(error.hint.contains("captive portal"), "{error:?}");
    assert_correlated(&error);
}

#[test]
fn does_not_leave_the_refused_token_behind() {
    let token = "half-a-token\nother-half".to_owned();
    let (server, cache) =
        (LoginServer::start(Behaviour { token: Some(token), ..Behaviour::default() }), cache());
    let done = Call::new("get", &server, cache.path()).args(["-vv"]).run();
    assert_eq!((done.code, done.stdout.as_str()), (6, ""));
    done.keeps_to_itself(["half-a-token", "other-half"]);
}

#[test]
fn is_not_one_whose_token_type_is_bearer_in_another_case() {
    for kind in ["Bearer", "BEARER", "bearer"] {
        let behaviour = Behaviour { token_type: kind.to_owned(), ..Behaviour::default() };
        let server = LoginServer::start(behaviour);
        assert_eq!(asking(&server, "20s").token(), server.tokens()[0]);
    }
}
