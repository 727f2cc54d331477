//! The login server: the request for a token, and every answer to it.

#[path = "../harness/mod.rs"]
mod harness;

mod certificates;
mod granted_scopes;
mod lifetimes;
mod malformed_responses;
#[cfg(target_os = "linux")]
mod name_servers;
mod proxies;
mod proxy_values;
mod rate_limits;
mod redirects;
mod refusals;
mod requests;
mod shared_failures;
mod transient_failures;

use std::path::PathBuf;
use std::thread;
use std::time::{Duration, SystemTime};

use genesys_token::error::{Category, Error};
use harness::{Call, PROGRAM, Scene, basic_credentials, genesys_token, temporary_dir};
use loopback_login_server::{
    Answer, Behaviour, BlackHole, CLIENT_ID, CLIENT_SECRET, Certificate, ExpiresIn, LoginServer, Proxy,
    ProxyBehaviour, Record, VerifyAnswer, refused_url,
};

const JSON: &str = "application/json";
const HTML: &str = "text/html";
const PAGE: &str = "<!doctype html>\n<html><body>Sign in to the guest network</body></html>";
const CORRELATION: &str = "(ININ-Correlation-Id ";

fn oauth(status: u16, error: &str, description: &str) -> Answer {
    Answer::OAuthError { status, error: error.to_owned(), description: description.to_owned() }
}

fn status(status: u16, body: &str, content_type: &str) -> Answer {
    Answer::Status(status, body.to_owned(), content_type.to_owned())
}

fn limited(retry_after: Option<&str>) -> Answer {
    Answer::TooManyRequests { retry_after: retry_after.map(str::to_owned) }
}

fn tls(certificate: Certificate) -> Scene {
    Scene::of(LoginServer::start_tls(Behaviour::default(), certificate))
}

/// The error of a call that must fail, and leak none of the server's tokens.
#[track_caller]
fn failed(scene: &Scene, call: Call, category: Category) -> Error {
    let call = call.args(["--error-format", "json"]).stderr("{*}\n");
    call.exit(category.exit_code()).leaks_nothing(scene.server.tokens()).error()
}

/// The error of a call with this deadline, and how many requests it sent.
#[track_caller]
fn failed_within(timeout: &str, behaviour: Behaviour, category: Category) -> (Error, usize) {
    let scene = Scene::with(behaviour);
    let error = failed(&scene, scene.get().args(["--timeout", timeout]), category);
    (error, scene.server.token_requests())
}

/// The error of a call that must fail at its first request, since another one would get the same answer.
#[track_caller]
fn failed_at_once(behaviour: Behaviour, category: Category, says: &str) -> Error {
    let (error, requests) = failed_within("20s", behaviour, category);
    assert!(error.message.contains(says), "{says} is not in {error:?}");
    assert_eq!(requests, 1, "{error:?}");
    error
}

/// Asserts that the message ends with a correlation id.
#[track_caller]
fn assert_correlated(error: &Error) {
    let id = error.message.split_once(CORRELATION).and_then(|(_, rest)| rest.strip_suffix(')'));
    assert!(id.is_some_and(|id| id.len() == 22), "no correlation id in {error:?}");
}
