//! Errors, whatever a server quotes of what it was sent.

use loopback_login_server::{Answer, Behaviour, CLIENT_ID, CLIENT_SECRET, LoginServer};

use crate::dir;
use crate::harness::refused::basic;
use crate::harness::{Call, Done, together};

/// What calls of every form say when the server behaves like this.
fn behaving(behaviour: Behaviour) -> Vec<Done> {
    let forms: [(&str, &[&str]); 3] = [
        ("get", &["-vv"]),
        ("get", &["--error-format", "json"]),
        ("bind", &["--for-step", "1", "--dir", "x"]),
    ];
    let (server, dir) = (LoginServer::start(behaviour), dir());
    let call = |(verb, flags): (_, &[_])| {
        let call = Call::new(verb, &server, dir.path()).args(["--no-cache", "--timeout", "1s"]);
        call.without("GENESYS_TOKEN_CACHE_DIR").args(flags)
    };
    together(forms.map(call))
}

fn answering(answer: Answer) -> Vec<Done> {
    behaving(Behaviour::answering(answer))
}

fn refusing(status: u16, error: &str, description: &str) -> Vec<Done> {
    let (error, description) = (error.to_owned(), description.to_owned());
    answering(Answer::OAuthError { status, error, description })
}

/// Fails if any of these calls says the secret or the Basic header, broken up or not.
#[track_caller]
fn assert_silent(done: &[Done]) {
    for done in done {
        assert!(done.stderr.len() + done.stdout.len() > 100, "it says something: {done:?}");
        done.keeps_to_itself([""; 0]);
        let text = [done.stdout.as_str(), done.stderr.as_str()].concat();
        let joined: String = text.chars().filter(char::is_ascii_graphic).collect();
        let unpadded = basic().trim_end_matches('=').to_owned();
        for value in [CLIENT_SECRET, &unpadded] {
            assert!(!joined.contains(value), "{value} is in {done:?}");
        }
    }
}

#[test]
fn does_not_repeat_the_secret_of_a_refusal_that_quotes_it() {
    for quote in [CLIENT_SECRET.to_owned(), format!("{CLIENT_ID}:{CLIENT_SECRET}")] {
        for status in [400, 401, 403, 503] {
            assert_silent(&refusing(status, "invalid_client", &format!("bad request: {quote}!")));
        }
    }
}

#[test]
fn does_not_repeat_the_basic_header_however_it_is_padded() {
    let basic = basic();
    for quote in [format!("Basic {basic}"), basic.trim_end_matches('=').to_owned(), basic.replace('=', "%3D")]
    {
        assert_silent(&refusing(400, "invalid_client", &quote));
    }
}

#[test]
fn does_not_repeat_what_is_broken_up() {
    let basic = basic();
    for by in ["\n", "\r\n ", "\u{0}", " "] {
        assert_silent(&refusing(400, "invalid_client", &[&basic[..76], by, &basic[76..]].concat()));
        let secret = [&CLIENT_SECRET[..20], by, &CLIENT_SECRET[20..]].concat();
        assert_silent(&refusing(400, "invalid_client", &secret));
    }
}

#[test]
fn does_not_repeat_what_hides_behind_invisible_characters() {
    for by in ["\u{200b}", "\u{feff}", "\u{202e}", "\u{ad}", "\u{fe0f}", "\u{e0020}"] {
        let secret = [&CLIENT_SECRET[..20], by, &CLIENT_SECRET[20..]].concat();
        assert_silent(&refusing(400, "invalid_client", &secret));
    }
}

#[test]
fn does_not_repeat_what_is_cut_in_the_middle() {
    // The text is cut at 300 characters; what was sent is struck out before that.
    let text = ["x".repeat(270), CLIENT_SECRET.to_owned()].concat();
    for done in refusing(400, "invalid_client", &text) {
        assert!(!done.stderr.contains(&CLIENT_SECRET[..12]), "{done:?}");
    }
}

#[test]
fn does_not_repeat_an_error_code_that_is_the_request() {
    for error in [CLIENT_SECRET.to_owned(), basic()] {
        assert_silent(&refusing(400, &error, ""));
    }
}

#[test]
fn does_not_repeat_a_page_that_echoes_the_request() {
    let page = format!("<html>Authorization: Basic {}\n{CLIENT_SECRET}</html>", basic());
    for status in [200, 403, 404, 502] {
        assert_silent(&answering(Answer::Status(status, page.clone(), "text/html".to_owned())));
    }
}

#[test]
fn does_not_repeat_where_a_redirect_leads_to() {
    for location in [
        format!("https://{CLIENT_SECRET}.evil.example/"),
        format!("https://{CLIENT_ID}:{CLIENT_SECRET}@evil.example/"),
        format!("https://evil.example/{CLIENT_SECRET}?basic={}", basic()),
        format!("{CLIENT_SECRET}:x"),
    ] {
        assert_silent(&answering(Answer::Redirect(location)));
    }
}

#[test]
fn does_not_repeat_a_token_type_that_is_the_request() {
    for token_type in [CLIENT_SECRET.to_owned(), basic()] {
        assert_silent(&behaving(Behaviour { token_type, ..Behaviour::default() }));
    }
}

#[test]
fn does_not_show_the_token_of_an_answer_that_is_refused() {
    let token = "the-token-in-an-answer-that-is-refused";
    let body = format!(r#"{{"access_token":"{token}","token_type":"{token}"}}"#);
    let twice = format!(r#"{{"access_token":"{token}" "{token}"}}"#);
    for (status, body) in [(200, &body), (200, &twice), (403, &body), (502, &body)] {
        for done in answering(Answer::Status(status, body.clone(), "application/json".to_owned())) {
            assert!(!(done.stdout.contains(token) || done.stderr.contains(token)), "{done:?}");
        }
    }
}
