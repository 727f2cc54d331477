//! Errors, whatever the server repeats of the request that it got.

use std::process::Child;

use loopback_login_server::{Answer, Behaviour, CLIENT_ID, CLIENT_SECRET};

use crate::harness::{Call, Done, Scene, basic_credentials};

/// How a call fails in each of its forms, when the server behaves like this.
struct Failed {
    text: Done,
    json: Done,
    step: Done,
}

impl Failed {
    #[track_caller]
    fn with(behaviour: Behaviour) -> Self {
        let scene = Scene::with(behaviour);
        let forms = [
            scene.get().arg("-vv"),
            scene.get().args(["--error-format", "json"]),
            scene.bind("block").args(["--for-step", "1"]),
        ];
        let alone = |call: Call| {
            call.without("GENESYS_TOKEN_CACHE_DIR").args(["--no-cache", "--timeout", "1s"]).spawn()
        };
        let started: [Child; 3] = forms.map(alone);
        let [text, json, step] =
            started.map(|child| Done::from(child.wait_with_output().expect("the program ends")));
        assert!(text.code > 1 && text.stdout.is_empty(), "{text:?}");
        assert!(text.stderr.contains("genesys-token: error: the login server"), "{text:?}");
        json.error();
        assert!(step.code == 0 && step.stdout.starts_with("GENESYS_TOKEN_ERROR={"), "{step:?}");
        Self { text, json, step }
    }

    #[track_caller]
    fn answering(answer: Answer) -> Self {
        Self::with(Behaviour::answering(answer))
    }

    #[track_caller]
    fn refused(status: u16, error: &str, description: &str) -> Self {
        let (error, description) = (error.to_owned(), description.to_owned());
        Self::answering(Answer::OAuthError { status, error, description })
    }

    fn all(&self) -> [&Done; 3] {
        [&self.text, &self.json, &self.step]
    }

    /// Fails if one of them repeats the secret or the Basic header, whole or in pieces.
    #[track_caller]
    fn assert_silent(&self) {
        for done in self.all() {
            assert!(done.stderr.len() + done.stdout.len() > 100, "it prints no error: {done:?}");
            done.leaks_nothing([""; 0]);
            let text = [done.stdout.as_str(), done.stderr.as_str()].concat();
            let joined: String = text.chars().filter(char::is_ascii_graphic).collect();
            let unpadded = basic_credentials().trim_end_matches('=').to_owned();
            for value in [CLIENT_SECRET, &unpadded] {
                assert!(!joined.contains(value), "{value} is in {done:?}");
            }
        }
    }
}

#[test]
fn an_error_does_not_repeat_the_secret_that_a_refusal_quotes() {
    for quote in [CLIENT_SECRET.to_owned(), format!("{CLIENT_ID}:{CLIENT_SECRET}")] {
        for status in [400, 401, 403, 503] {
            Failed::refused(status, "invalid_client", &format!("bad request: {quote}!")).assert_silent();
        }
    }
}

#[test]
fn an_error_does_not_repeat_the_basic_header_with_any_padding() {
    let basic = basic_credentials();
    for quote in [format!("Basic {basic}"), basic.trim_end_matches('=').to_owned(), basic.replace('=', "%3D")]
    {
        Failed::refused(400, "invalid_client", &quote).assert_silent();
    }
}

#[test]
fn an_error_does_not_repeat_a_secret_in_pieces() {
    let basic = basic_credentials();
    for separator in ["\n", "\r\n ", "\u{0}", " "] {
        let header = [&basic[..76], separator, &basic[76..]].concat();
        Failed::refused(400, "invalid_client", &header).assert_silent();
        let secret = [&CLIENT_SECRET[..20], separator, &CLIENT_SECRET[20..]].concat();
        Failed::refused(400, "invalid_client", &secret).assert_silent();
    }
}

#[test]
fn an_error_does_not_repeat_a_secret_with_invisible_characters_in_it() {
    for invisible in ["\u{200b}", "\u{feff}", "\u{202e}", "\u{ad}", "\u{fe0f}", "\u{e0020}"] {
        let secret = [&CLIENT_SECRET[..20], invisible, &CLIENT_SECRET[20..]].concat();
        Failed::refused(400, "invalid_client", &secret).assert_silent();
    }
}

#[test]
fn an_error_does_not_repeat_the_beginning_of_a_secret_at_which_it_is_cut() {
    // The text is cut at 300 characters, after it was redacted.
    let text = ["x".repeat(270), CLIENT_SECRET.to_owned()].concat();
    for done in Failed::refused(400, "invalid_client", &text).all() {
        let beginning = &CLIENT_SECRET[..12];
        assert!(!(done.stderr.contains(beginning) || done.stdout.contains(beginning)), "{done:?}");
    }
}

#[test]
fn an_error_does_not_repeat_an_error_code_that_is_a_secret() {
    for error in [CLIENT_SECRET.to_owned(), basic_credentials()] {
        Failed::refused(400, &error, "").assert_silent();
    }
}

#[test]
fn an_error_does_not_repeat_a_page_that_repeats_the_request() {
    let page = format!("<html>Authorization: Basic {}\n{CLIENT_SECRET}</html>", basic_credentials());
    for status in [200, 403, 404, 502] {
        Failed::answering(Answer::Status(status, page.clone(), "text/html".to_owned())).assert_silent();
    }
}

#[test]
fn an_error_does_not_repeat_a_secret_in_the_target_of_a_redirect() {
    for location in [
        format!("https://{CLIENT_SECRET}.evil.example/"),
        format!("https://{CLIENT_ID}:{CLIENT_SECRET}@evil.example/"),
        format!("https://evil.example/{CLIENT_SECRET}?basic={}", basic_credentials()),
        format!("{CLIENT_SECRET}:x"),
    ] {
        Failed::answering(Answer::Redirect(location)).assert_silent();
    }
}

#[test]
fn an_error_does_not_repeat_a_token_type_that_is_a_secret() {
    for token_type in [CLIENT_SECRET.to_owned(), basic_credentials()] {
        Failed::with(Behaviour { token_type, ..Behaviour::default() }).assert_silent();
    }
}

#[test]
fn an_error_does_not_repeat_the_token_of_an_unusable_answer() {
    let token = "the-token-in-an-unusable-answer";
    let body = format!(r#"{{"access_token":"{token}","token_type":"{token}"}}"#);
    let twice = format!(r#"{{"access_token":"{token}" "{token}"}}"#);
    for (status, body) in [(200, &body), (200, &twice), (403, &body), (502, &body)] {
        let json = "application/json".to_owned();
        for done in Failed::answering(Answer::Status(status, body.clone(), json)).all() {
            assert!(!(done.stdout.contains(token) || done.stderr.contains(token)), "{done:?}");
        }
    }
}
