//! Reading a token response (RFC 6749 section 5.1), which may be anything.

use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use super::Granted;
use super::text::{repeats, showable};
use crate::scope::Scopes;
use crate::secret::Secret;

/// Genesys' longest lives are 450 days (SCIM clients); ten years is a mistake, or a date.
const ABSURD: u64 = 10 * 366 * 86_400;
/// Genesys' tokens have 86 characters; a JWT of another server may have some thousands.
const LONGEST_TOKEN: usize = 16 * 1024;
/// All of Genesys' scopes together have 3 KiB; with the longest token this still fits into a file of the cache.
const LONGEST_SCOPE: usize = 8 * 1024;

#[derive(Deserialize)]
struct TokenResponse {
    access_token: Secret,
    token_type: Option<Value>,
    expires_in: Option<Value>,
    scope: Option<Value>,
}

/// Reads the body of a 200 answer. `sent` is what must not come back in anything but the token.
///
/// # Errors
/// What is wrong with it, in words that contain nothing of it but the token type.
pub fn read(body: &[u8], sent: &[&str]) -> Result<Granted, String> {
    let response: TokenResponse = serde_json::from_slice(body).map_err(|error| {
        // The parser's own words may quote the body, and so the token.
        match error.classify() {
            serde_json::error::Category::Data => "it is JSON without an access_token",
            _ if body.is_empty() => "it is empty",
            _ if looks_like_html(body) => "it is an HTML page",
            _ => "it is not JSON",
        }
        .to_owned()
    })?;
    let token = response.access_token.expose();
    if token.is_empty() {
        return Err("the access_token is empty".to_owned());
    }
    if token.len() > LONGEST_TOKEN {
        return Err(format!("the access_token is longer than {LONGEST_TOKEN} bytes"));
    }
    // RFC 6749 appendix A.12 allows visible ASCII and space; a space would end a bearer token (RFC 6750).
    if let Some(position) = token.chars().position(|c| !c.is_ascii_graphic()) {
        return Err(format!(
            "the access_token has a character that no bearer token has, at position {}",
            position + 1
        ));
    }
    let hidden: Vec<&str> = sent.iter().copied().chain([token]).collect();
    match &response.token_type {
        Some(Value::String(kind)) if kind.eq_ignore_ascii_case("bearer") => {}
        Some(Value::String(kind)) => {
            return Err(format!("its token_type is '{}', not bearer", showable(kind, &hidden)));
        }
        _ => return Err("it has no token_type".to_owned()),
    }
    let (expires_in, doubt) = lifetime(response.expires_in.as_ref());
    let (scope, other_doubt) = scope(response.scope, &hidden);
    let remarks = [
        doubt.map(|doubt| format!("{doubt}, so the token is not cached")),
        other_doubt.map(|doubt| format!("{doubt}, so it is left out")),
    ];
    Ok(Granted {
        value: response.access_token,
        expires_in,
        scope,
        remarks: remarks.into_iter().flatten().collect(),
    })
}

/// Whether a body is a web page, as gateways and captive portals send.
pub fn looks_like_html(body: &[u8]) -> bool {
    body.trim_ascii_start().first() == Some(&b'<')
}

/// `expires_in` as a number or a numeric string; or why it can't be used.
fn lifetime(value: Option<&Value>) -> (Option<Duration>, Option<&'static str>) {
    let seconds = match value {
        None | Some(Value::Null) => return (None, Some("the answer has no expires_in")),
        Some(Value::Number(number)) => number.as_u64().or_else(|| number.as_f64().and_then(whole_seconds)),
        Some(Value::String(text)) => text.trim().parse::<u64>().ok(),
        Some(_) => None,
    };
    match seconds {
        Some(seconds @ 1..=ABSURD) => (Some(Duration::from_secs(seconds)), None),
        _ => (None, Some("the answer's expires_in makes no sense")),
    }
}

/// The scopes granted, if they are any (RFC 6749 section 3.3); or why they can't be used. They are kept in the readable
/// part of a cached token.
fn scope(value: Option<Value>, hidden: &[&str]) -> (Option<String>, Option<&'static str>) {
    match value {
        None | Some(Value::Null) => (None, None),
        Some(Value::String(text))
            if text.len() <= LONGEST_SCOPE
                && Scopes::parse([text.as_str()]).is_ok()
                && !repeats(&text, hidden) =>
        {
            (Some(text), None)
        }
        Some(_) => (None, Some("the answer's scope makes no sense")),
    }
}

/// Seconds written as a float; what is out of range stays out of range.
fn whole_seconds(seconds: f64) -> Option<u64> {
    Duration::try_from_secs_f64(seconds).ok().map(|life| life.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn granted(rest: &str) -> Granted {
        read(format!(r#"{{"access_token":"abc","token_type":"Bearer"{rest}}}"#).as_bytes(), &["hunter2"])
            .unwrap()
    }

    #[test]
    fn expires_in_is_a_number_or_a_numeric_string() {
        for text in ["86399", "\"86399\"", "86399.0"] {
            let granted = granted(&format!(",\"expires_in\":{text}"));
            assert_eq!(granted.expires_in, Some(Duration::from_secs(86_399)), "{text}");
            assert!(granted.remarks.is_empty());
        }
    }

    #[test]
    fn a_life_that_makes_no_sense_is_said_and_not_used() {
        for text in ["0", "-5", "1e300", "\"soon\"", "null", "true", "99999999999", "18446744073709551616"] {
            let granted = granted(&format!(",\"expires_in\":{text}"));
            assert_eq!((granted.expires_in, granted.remarks.len()), (None, 1), "{text}");
        }
        assert_eq!(granted("").expires_in, None);
    }

    #[test]
    fn a_scope_that_makes_no_sense_is_said_and_left_out() {
        let long = format!("\"{}\"", "a".repeat(LONGEST_SCOPE + 1));
        // The last two would put the token, or the secret, into the readable part of its file.
        for text in ["7", "[]", r#""a\u0007b""#, r#""a\"b""#, &long, "\"a abc\"", "\"hun ter2\""] {
            let granted = granted(&format!(",\"expires_in\":300,\"scope\":{text}"));
            assert_eq!((granted.scope, granted.remarks.len()), (None, 1), "{text}");
        }
        for (text, scope) in
            [("null", None), ("\"\"", Some("")), ("\"routing users\"", Some("routing users"))]
        {
            let granted = granted(&format!(",\"expires_in\":300,\"scope\":{text}"));
            assert_eq!((granted.scope.as_deref(), granted.remarks.len()), (scope, 0), "{text}");
        }
    }

    #[test]
    fn what_is_no_bearer_token_is_refused_without_quoting_it() {
        for (body, why) in [
            ("", "empty"),
            ("<html>", "HTML"),
            ("[]", "without an access_token"),
            ("{\"access_token\":7}", "without an access_token"),
            ("tok-secret", "not JSON"),
            (r#"{"access_token":"","token_type":"bearer"}"#, "is empty"),
            (r#"{"access_token":"tok-secret\n","token_type":"bearer"}"#, "position 11"),
            (r#"{"access_token":"tok-secret x","token_type":"bearer"}"#, "position 11"),
            (r#"{"access_token":"tok-secret","token_type":"mac"}"#, "'mac', not bearer"),
            (r#"{"access_token":"tok-secret"}"#, "no token_type"),
        ] {
            let refusal = read(body.as_bytes(), &[]).unwrap_err();
            assert!(refusal.contains(why), "{body}: {refusal}");
            assert!(!refusal.contains("tok-secret"), "{refusal}");
        }
    }
}
