//! `/_control`: reads and changes the behaviour of a server in another process, over HTTP.
//!
//! `GET` answers `{"token_requests", "verify_requests", "tokens", "handed_out", "log"}`: three counts, every issued
//! token, and every request except those to this path. `POST` takes a JSON object, changes the fields that it names, and
//! gives the same answer. An unknown or invalid field is answered with HTTP 400, which names it, and changes nothing.
//!
//! | field | value |
//! |---|---|
//! | `reset` | `true`: first back to the default behaviour, then the other fields |
//! | `answer` | the name of an answer in snake case (`token`, `rate_limited_for`, `fail_times`, …) |
//! | `ms`, `retry_after`, `status`, `error`, `description`, `body`, `content_type`, `location`, `size`, `times` | the details of that answer |
//! | `delay_ms`, `verify_delay_ms` | milliseconds |
//! | `expires_in` | any JSON; `null` leaves the field out of token answers |
//! | `token_type`, `scope`, `token` | a string, or `null` for the default |
//! | `clock_ahead` | seconds, for the `Date` headers |
//! | `verify_answer` | `"normal"`, `"swallow"` or a status |
//! | `add_client` | `{"id", "secret"}` |
//! | `kill_all_tokens` | `true` |

use crate::reply::{Body, json};
use crate::state::State;
use crate::{Answer, Behaviour, ExpiresIn, ORGANIZATION, ORGANIZATION_ID, Record, VerifyAnswer};
use hyper::Response;
use serde_json::{Map, Value, json as object};
use std::time::Duration;

/// The fields that belong to `answer`.
const DETAILS: [&str; 10] = [
    "ms",
    "retry_after",
    "status",
    "error",
    "description",
    "body",
    "content_type",
    "location",
    "size",
    "times",
];

/// Answers a control request.
pub(crate) fn answer(state: &State, request: &Record) -> Response<Body> {
    if request.method == "POST"
        && let Err(problem) = change(state, &request.body)
    {
        return json(400, &object!({"message": problem}));
    }
    json(
        200,
        &object!({
            "token_requests": state.token_requests(),
            "verify_requests": state.verify_requests(),
            "tokens": state.tokens().len(),
            "handed_out": state.tokens(),
            "log": requests(state),
        }),
    )
}

/// Every request except those to this path.
fn requests(state: &State) -> Vec<Value> {
    let log = state.log().into_iter().filter(|record| !record.path.starts_with("/_control"));
    log.map(|record| object!({"method": record.method, "path": record.path, "body": record.body})).collect()
}

fn change(state: &State, body: &str) -> Result<(), String> {
    let fields: Map<String, Value> = serde_json::from_str(body).map_err(|error| error.to_string())?;
    let mut behaviour = match fields.get("reset") {
        Some(Value::Bool(true)) => Behaviour::default(),
        _ => Behaviour::clone(&state.behaviour()),
    };
    let (mut is_changed, mut kills_tokens, mut new_client) = (false, false, None);
    for (name, value) in &fields {
        match name.as_str() {
            "kill_all_tokens" => {
                kills_tokens = value == &Value::Bool(true);
                continue;
            }
            "add_client" => {
                let client = value.as_object().ok_or("add_client: must be an object")?;
                new_client = Some((text(client, "id")?, text(client, "secret")?));
                continue;
            }
            "reset" => {}
            "answer" => behaviour.answer = token_answer(&fields)?,
            "delay_ms" => behaviour.delay = millis(&fields, "delay_ms")?,
            "verify_delay_ms" => behaviour.verify_delay = millis(&fields, "verify_delay_ms")?,
            "expires_in" if value.is_null() => behaviour.expires_in = ExpiresIn::Missing,
            "expires_in" => behaviour.expires_in = ExpiresIn::Raw(value.clone()),
            "token_type" => value.as_str().unwrap_or("bearer").clone_into(&mut behaviour.token_type),
            "scope" => behaviour.scope = value.as_str().map(str::to_owned),
            "token" => behaviour.token = value.as_str().map(str::to_owned),
            "clock_ahead" => {
                behaviour.clock_ahead = value.as_i64().ok_or("clock_ahead: must be a number")?;
            }
            "verify_answer" => behaviour.verify_answer = verify_answer(value)?,
            detail if DETAILS.contains(&detail) && fields.contains_key("answer") => {}
            unknown => return Err(format!("{unknown}: unknown field")),
        }
        is_changed = true;
    }
    // Every field has been read: an invalid request changes nothing.
    if kills_tokens {
        state.kill_all_tokens();
    }
    if let Some((id, secret)) = new_client {
        state.add_client(id, secret, (ORGANIZATION_ID, ORGANIZATION));
    }
    // Only for a change: setting a behaviour restarts the count of `fail_times`, and killing tokens must not.
    if is_changed {
        state.set(behaviour);
    }
    Ok(())
}

/// The answer that the field `answer` names, with its details from the other fields.
fn token_answer(fields: &Map<String, Value>) -> Result<Answer, String> {
    Ok(match text(fields, "answer")? {
        "token" => Answer::Token,
        "token_without_scope" => Answer::TokenWithoutScope,
        "rate_limited_for" => Answer::RateLimitedFor(millis(fields, "ms")?),
        "too_many_requests" => {
            Answer::TooManyRequests { retry_after: text(fields, "retry_after").ok().map(str::to_owned) }
        }
        "oauth_error" => Answer::OAuthError {
            status: status(fields)?,
            error: text(fields, "error")?.to_owned(),
            description: text(fields, "description").unwrap_or_default().to_owned(),
        },
        "status" => Answer::Status(
            status(fields)?,
            text(fields, "body").unwrap_or_default().to_owned(),
            text(fields, "content_type").unwrap_or("text/html").to_owned(),
        ),
        "redirect" => Answer::Redirect(text(fields, "location")?.to_owned()),
        "empty_body" => Answer::EmptyBody,
        "huge_body" => Answer::HugeBody(count(fields, "size")?),
        "slow_drip" => Answer::SlowDrip,
        "closed_halfway" => Answer::ClosedHalfway,
        "close_at_once" => Answer::CloseAtOnce,
        "gzip" => Answer::Gzip,
        "invalid_utf8" => Answer::InvalidUtf8,
        "swallow" => Answer::Swallow,
        "fail_times" => Answer::FailTimes(count(fields, "times")?, status(fields)?),
        unknown => return Err(format!("{unknown}: unknown answer")),
    })
}

fn verify_answer(value: &Value) -> Result<VerifyAnswer, String> {
    match (value.as_str(), value.as_u64().map(valid_status)) {
        (Some("normal"), _) => Ok(VerifyAnswer::Normal),
        (Some("swallow"), _) => Ok(VerifyAnswer::Swallow),
        (None, Some(status)) => status.map(VerifyAnswer::Status),
        _ => Err("verify_answer: must be normal, swallow or a status".to_owned()),
    }
}

fn text<'a>(fields: &'a Map<String, Value>, name: &str) -> Result<&'a str, String> {
    fields.get(name).and_then(Value::as_str).ok_or_else(|| format!("{name}: must be a string"))
}

fn number(fields: &Map<String, Value>, name: &str) -> Result<u64, String> {
    fields.get(name).and_then(Value::as_u64).ok_or_else(|| format!("{name}: must be a number"))
}

fn count(fields: &Map<String, Value>, name: &str) -> Result<usize, String> {
    usize::try_from(number(fields, name)?).map_err(|_| format!("{name}: too large"))
}

fn millis(fields: &Map<String, Value>, name: &str) -> Result<Duration, String> {
    number(fields, name).map(Duration::from_millis)
}

fn status(fields: &Map<String, Value>) -> Result<u16, String> {
    number(fields, "status").and_then(valid_status)
}

/// A status that hyper can send. The check turns a typing error into HTTP 400 instead of a panic.
fn valid_status(number: u64) -> Result<u16, String> {
    u16::try_from(number)
        .ok()
        .filter(|status| (200..=999).contains(status))
        .ok_or(format!("{number}: not a status"))
}
