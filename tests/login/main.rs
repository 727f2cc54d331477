//! The login server: what it is asked, and everything that it can answer.

#[path = "../harness/mod.rs"]
mod harness;

mod a_certificate;
mod a_failure_that_may_pass;
mod a_proxy;
mod a_rate_limit;
mod a_redirect;
mod a_refusal;
mod an_answer_that_is_no_token;
mod granted_scopes;
mod the_life_of_a_token;
mod the_request;

use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use genesys_token::error::{Category, Error};
use harness::refused::basic;
use harness::{Call, Done, PROGRAM, cached};
use loopback_login_server::{
    Answer, Behaviour, BlackHole, CLIENT_ID, CLIENT_SECRET, Certificate, ExpiresIn, LoginServer, Proxy,
    ProxyBehaviour, refused_url,
};
use tempfile::TempDir;

const JSON: &str = "application/json";
const HTML: &str = "text/html";
const PAGE: &str = "<!doctype html>\n<html><body>Sign in to the guest network</body></html>";
const CORRELATION: &str = "(ININ-Correlation-Id ";

fn cache() -> TempDir {
    tempfile::tempdir().expect("a temporary directory")
}

fn oauth(status: u16, error: &str, description: &str) -> Answer {
    Answer::OAuthError { status, error: error.to_owned(), description: description.to_owned() }
}

fn status(status: u16, body: &str, content_type: &str) -> Answer {
    Answer::Status(status, body.to_owned(), content_type.to_owned())
}

fn limited(retry_after: Option<&str>) -> Answer {
    Answer::TooManyRequests { retry_after: retry_after.map(str::to_owned) }
}

/// A call for a token whose error is to be read, with this deadline.
fn asking(server: &LoginServer, timeout: &str) -> Done {
    let cache = cache();
    let call = Call::new("get", server, cache.path()).args(["--error-format", "json", "--timeout", timeout]);
    let done = call.run();
    done.keeps_to_itself(server.tokens());
    done
}

/// What a call makes of a server that behaves like this, and how often it asks.
fn refusal(behaviour: Behaviour, timeout: &str) -> (Error, usize) {
    let server = LoginServer::start(behaviour);
    (asking(&server, timeout).refused(), server.token_requests())
}

/// Asserts that an answer is taken for what it is at once: the same question would get the same answer.
#[track_caller]
fn final_refusal(behaviour: Behaviour, category: Category, says: &str) -> Error {
    let (error, requests) = refusal(behaviour, "20s");
    assert_eq!(error.category, category, "{error:?}");
    assert!(error.message.contains(says), "{says} is not in {error:?}");
    assert_eq!(requests, 1, "{error:?}");
    error
}

#[track_caller]
fn assert_correlated(error: &Error) {
    let id = error.message.split_once(CORRELATION).and_then(|(_, rest)| rest.split_once(')'));
    assert!(id.is_some_and(|(id, _)| id.len() == 22), "no correlation id in {error:?}");
}
