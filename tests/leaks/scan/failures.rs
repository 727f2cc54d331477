//! Everything that makes a call fail, with the secret in it where that is possible.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use loopback_login_server::{Answer, Behaviour};

use crate::watched_scene::{ID, SECRET, TOKEN, fair};

pub(super) const SECRET_VARIABLE: &str = "GENESYSCLOUD_OAUTHCLIENT_SECRET";

/// Settings with which no call succeeds, some with the secret in the wrong variable; and the exit code.
pub(super) const WRONG_SETTINGS: [(&str, &str, i32); 9] = [
    (SECRET_VARIABLE, "", 3),
    (SECRET_VARIABLE, r#"canary'secret"of\the/scan+with=every%odd&char~43 x"#, 3),
    ("GENESYSCLOUD_OAUTHCLIENT_ID", r#"id:canary'secret"of\the/scan+with=every%odd&char~43"#, 3),
    ("GENESYSCLOUD_OAUTHCLIENT_ID", SECRET, 4),
    ("GENESYSCLOUD_REGION", SECRET, 2),
    ("GENESYS_TOKEN_LOGIN_URL", SECRET, 2),
    ("GENESYS_TOKEN_TIMEOUT", SECRET, 2),
    ("GENESYS_TOKEN_SCOPE", SECRET, 2),
    ("GENESYS_TOKEN_LOG", SECRET, 2),
];

/// The Basic header, without the word `Basic`.
pub(super) fn basic() -> String {
    BASE64_STANDARD.encode(format!("{ID}:{SECRET}"))
}

/// A server that brings no token.
pub(super) struct FailingServer {
    pub(super) behaviour: Behaviour,
    /// The exit code of a call.
    pub(super) code: i32,
    /// The deadline of a call, as the variable has it.
    pub(super) timeout: &'static str,
}

/// Every answer that brings no token, with the request repeated where there is text.
pub(super) fn failing_servers() -> Vec<FailingServer> {
    let with_answer = |(answer, code)| (Behaviour { answer, ..fair() }, code);
    let mut servers: Vec<_> = answers().into_iter().map(with_answer).collect();
    servers.push((Behaviour { token: Some(format!("{TOKEN}\n{TOKEN}")), ..fair() }, 6));
    servers.push((Behaviour { token_type: SECRET.to_owned(), ..fair() }, 6));
    let timed = |(behaviour, code)| FailingServer { behaviour, code, timeout: timeout_of(code) };
    servers.into_iter().map(timed).collect()
}

/// A failure of the server or of the network is repeated until the deadline, and a call that the deadline cuts off
/// before any answer has the same exit code. With another exit code the answer must come in time.
fn timeout_of(code: i32) -> &'static str {
    if code == 6 { "1s" } else { "5s" }
}

fn answers() -> [(Answer, i32); 19] {
    let basic = basic();
    let words = format!("no {ID}:{SECRET}, {SECRET}, Basic {basic}, {}", urlencoded(SECRET));
    let json = serde_json::json!({"access_token": TOKEN, "secret": SECRET, "basic": basic}).to_string();
    let oauth = |status, error: &str| Answer::OAuthError {
        status,
        error: error.to_owned(),
        description: words.clone(),
    };
    let page = |status, body: &str, kind: &str| Answer::Status(status, body.to_owned(), kind.to_owned());
    [
        (oauth(400, "invalid_client"), 4),
        (oauth(401, "invalid_scope"), 4),
        (oauth(403, SECRET), 6),
        (oauth(503, "server_error"), 6),
        (Answer::TooManyRequests { retry_after: Some("170".to_owned()) }, 5),
        (Answer::TooManyRequests { retry_after: Some(SECRET.to_owned()) }, 5),
        (page(200, &words, "text/plain"), 6),
        (page(200, &json, "application/json"), 6),
        (page(404, &json, "application/json"), 6),
        (page(502, &format!("<html>{words}</html>"), "text/html"), 6),
        (Answer::Redirect(format!("https://login.example/?{}", urlencoded(SECRET))), 6),
        (Answer::CloseAtOnce, 6),
        (Answer::ClosedHalfway, 6),
        (Answer::EmptyBody, 6),
        (Answer::InvalidUtf8, 6),
        (Answer::Gzip, 6),
        (Answer::HugeBody(3_000_000), 6),
        (Answer::SlowDrip, 6),
        (Answer::Swallow, 6),
    ]
}

fn urlencoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}
