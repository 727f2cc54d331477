//! The login host: `POST /oauth/token`.

use crate::reply::{Body, Reply, cut, dripping, header, json, random_text, streamed, whole};
use crate::state::State;
use crate::{Answer, Behaviour, Record};
use base64::prelude::{BASE64_STANDARD, Engine};
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use hyper::Response;
use hyper::header::{CONTENT_ENCODING, HeaderValue, LOCATION, RETRY_AFTER};
use serde_json::{Map, Value, json as object};
use std::io::Write;
use std::sync::Arc;

/// The header by which Genesys support finds a request.
const CORRELATION_ID: &str = "inin-correlation-id";
/// Random bytes in a token: 86 characters of base64url, like the tokens of Genesys Cloud.
const TOKEN_BYTES: usize = 64;

/// Answers a token request, which the log has under this number, by the current behaviour.
pub(crate) async fn token(state: &Arc<State>, request: &Record, number: usize) -> Reply {
    if request.method != "POST" {
        return json(405, &object!({"message": "method not allowed", "status": 405})).into();
    }
    let (_in_flight, behaviour, answer) = state.token_request(number);
    tokio::time::sleep(behaviour.delay).await;
    match answer {
        Answer::TokenWithoutScope if request.body.contains("scope=") => {
            oauth_error(400, "invalid_scope", "unknown scope").into()
        }
        Answer::Token | Answer::TokenWithoutScope => {
            with_token(state, request, &behaviour, |answer| whole_json(answer.into()))
        }
        Answer::HugeBody(size) => {
            with_token(state, request, &behaviour, |answer| streamed(padded(answer, size).into()))
        }
        Answer::ClosedHalfway => with_token(state, request, &behaviour, |answer| cut(&answer.into())),
        Answer::Gzip => with_token(state, request, &behaviour, |answer| gzipped(answer.as_bytes())),
        Answer::RateLimitedFor(_) => oauth_error(
            400,
            "invalid_request",
            "rate limit exceeded; too many token requests, try again in a minute",
        )
        .into(),
        Answer::TooManyRequests { retry_after } => too_many_requests(retry_after.as_deref()).into(),
        Answer::OAuthError { status, error, description } => oauth_error(status, &error, &description).into(),
        Answer::Status(status, body, content_type) => correlated(whole(status, &content_type, body)).into(),
        Answer::FailTimes(_, status) => correlated(whole(status, "text/html", gateway_page(status))).into(),
        Answer::Redirect(location) => {
            let mut response = whole(307, "text/html", "");
            response.headers_mut().insert(LOCATION, header(&location));
            response.into()
        }
        Answer::EmptyBody => whole_json(Bytes::new()).into(),
        Answer::SlowDrip => dripping().into(),
        Answer::InvalidUtf8 => whole_json(Bytes::from_static(
            b"{\"access_token\":\"\xff\xfe\xc3\x28\",\"token_type\":\"bearer\"}",
        ))
        .into(),
        Answer::CloseAtOnce => Reply::HangUp,
        Answer::Swallow => Reply::Silence,
    }
}

/// A token in the response that `wrap` makes, or the error for an invalid request.
fn with_token(
    state: &State,
    request: &Record,
    behaviour: &Behaviour,
    wrap: impl FnOnce(String) -> Response<Body>,
) -> Reply {
    let client = match client_of(state, request) {
        Ok(client) => client,
        Err(refusal) => return (*refusal).into(),
    };
    let token = behaviour.token.clone().unwrap_or_else(|| random_text(TOKEN_BYTES));
    let mut answer = Map::new();
    answer.insert("access_token".to_owned(), token.as_str().into());
    answer.insert("token_type".to_owned(), behaviour.token_type.as_str().into());
    if let Some(expires_in) = behaviour.expires_in.json() {
        answer.insert("expires_in".to_owned(), expires_in);
    }
    if let Some(scope) = &behaviour.scope {
        answer.insert("scope".to_owned(), scope.as_str().into());
    }
    state.issue_token(&token, &client);
    Reply::Answer(wrap(Value::Object(answer).to_string()), Some(token))
}

/// The client that sent the request, if the request is valid.
///
/// Genesys Cloud also accepts credentials in the body. This server refuses them, since the program under test must not
/// send them.
fn client_of(state: &State, request: &Record) -> Result<String, Box<Response<Body>>> {
    let refuse = |error: &str, description: &str| Err(Box::new(oauth_error(400, error, description)));
    let form =
        |field: &str| request.body.split('&').find_map(|pair| pair.strip_prefix(field)?.strip_prefix('='));
    if !request
        .header("content-type")
        .is_some_and(|value| value.starts_with("application/x-www-form-urlencoded"))
    {
        return refuse("invalid_request", "the body must be application/x-www-form-urlencoded");
    }
    if form("grant_type") != Some("client_credentials") {
        return refuse("unsupported_grant_type", "grant_type must be client_credentials");
    }
    if form("client_id").is_some() || form("client_secret").is_some() {
        return refuse("invalid_client", "credentials in the body");
    }
    let Some((id, secret)) = request.header("authorization").and_then(basic) else {
        return refuse("invalid_client", "no basic credentials");
    };
    match state.secret_of(&id) {
        None => refuse("invalid_client", "client not found"),
        Some(expected) if expected != secret => refuse("invalid_client", "authentication failed"),
        Some(_) => Ok(id),
    }
}

/// The id and the secret of an `Authorization: Basic` header.
fn basic(value: &str) -> Option<(String, String)> {
    let decoded = BASE64_STANDARD.decode(value.strip_prefix("Basic ")?).ok()?;
    let (id, secret) = std::str::from_utf8(&decoded).ok()?.split_once(':')?;
    Some((id.to_owned(), secret.to_owned()))
}

/// An OAuth error with its text under two names: Genesys' own, and that of RFC 6749 section 5.2.
fn oauth_error(status: u16, error: &str, description: &str) -> Response<Body> {
    correlated(json(
        status,
        &object!({"error": error, "description": description, "error_description": description}),
    ))
}

fn too_many_requests(retry_after: Option<&str>) -> Response<Body> {
    let seconds = retry_after.unwrap_or("60");
    let mut response = correlated(json(
        429,
        &object!({
            "message": format!("Rate limit exceeded the maximum. Retry the request in [{seconds}] seconds"),
            "code": "too.many.requests.retry.after",
            "status": 429,
        }),
    ));
    for value in retry_after.unwrap_or_default().lines() {
        response.headers_mut().append(RETRY_AFTER, header(value));
    }
    response
}

fn correlated(mut response: Response<Body>) -> Response<Body> {
    response.headers_mut().insert(CORRELATION_ID, header(&random_text(16)));
    response
}

fn whole_json(body: Bytes) -> Response<Body> {
    whole(200, "application/json", body)
}

fn gzipped(body: &[u8]) -> Response<Body> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    let packed = encoder.write_all(body).and_then(|()| encoder.finish()).expect("memory takes every byte");
    let mut response = whole_json(packed.into());
    response.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    response
}

/// The same JSON, with white space before the last brace.
fn padded(mut answer: String, size: usize) -> String {
    let padding = size.saturating_sub(answer.len());
    answer.insert_str(answer.len() - 1, &" ".repeat(padding));
    answer
}

/// A gateway's error page for a host that does not answer.
fn gateway_page(status: u16) -> String {
    format!("<html><head><title>{status}</title></head><body><h1>{status}</h1></body></html>")
}
