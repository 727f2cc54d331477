//! Parsing a token response (RFC 6749 section 5.1), which may be anything.

use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use super::interface::TokenGrant;
use super::json;
use super::web_page::is_web_page;
use crate::sanitize::{repeats, sanitize};
use crate::scope::Scopes;
use crate::secret::Secret;
use crate::token::AccessToken;

/// Seconds. Genesys' longest-lived tokens have 450 days (SCIM clients); ten years is a mistake, or a date.
const MAX_EXPIRES_IN: u64 = 10 * 366 * 86_400;
/// Bytes. All of Genesys' scopes together have 3 KiB; with the longest token this still fits into a record of the
/// cache.
const MAX_SCOPE_LEN: usize = 8 * 1024;

#[derive(Deserialize)]
struct TokenResponse {
    access_token: Secret,
    token_type: Option<Value>,
    expires_in: Option<Value>,
    scope: Option<Value>,
}

/// Parses the body of a 200 answer. `sent` is what must not come back in anything but the token.
///
/// # Errors
/// What is wrong with it, in words that contain nothing of it but the token type.
pub fn parse(body: &[u8], sent: &[&str]) -> Result<TokenGrant, String> {
    let response: TokenResponse = json::from_body(body).map_err(|error| {
        // The parser's own words may quote the body, and so the token.
        match error.classify() {
            serde_json::error::Category::Data => "it is JSON without an access_token",
            _ if body.is_empty() => "it is empty",
            _ if is_web_page(body) => "it is an HTML page",
            _ => "it is not JSON",
        }
        .to_owned()
    })?;
    let value = AccessToken::parse(response.access_token).map_err(|why| format!("the access_token {why}"))?;
    let hidden: Vec<&str> = sent.iter().copied().chain([value.expose()]).collect();
    match &response.token_type {
        Some(Value::String(kind)) if kind.eq_ignore_ascii_case("bearer") => {}
        Some(Value::String(kind)) => {
            return Err(format!("its token_type is '{}', not bearer", sanitize(kind, &hidden)));
        }
        _ => return Err("it has no token_type".to_owned()),
    }
    let (expires_in, no_lifetime) = lifetime(response.expires_in.as_ref());
    let (scope, no_scope) = scope(response.scope, &hidden);
    let warnings = [
        no_lifetime.map(|why| format!("{why}, so the token is not cached")),
        no_scope.map(|why| format!("{why}, so it is left out")),
    ];
    let warnings = warnings.into_iter().flatten().collect();
    Ok(TokenGrant { value, expires_in, scope, warnings })
}

/// `expires_in` as a number or a numeric string, or why it can't be used.
fn lifetime(value: Option<&Value>) -> (Option<Duration>, Option<&'static str>) {
    let seconds = match value {
        None | Some(Value::Null) => return (None, Some("the answer has no expires_in")),
        Some(Value::Number(number)) => number.as_u64().or_else(|| number.as_f64().and_then(whole_seconds)),
        Some(Value::String(text)) => text.trim().parse::<u64>().ok(),
        Some(_) => None,
    };
    match seconds {
        Some(seconds @ 1..=MAX_EXPIRES_IN) => (Some(Duration::from_secs(seconds)), None),
        _ => (None, Some("the answer's expires_in makes no sense")),
    }
}

/// The granted scopes (RFC 6749 section 3.3), or why they can't be used. They are kept in the readable part of a cached
/// token.
fn scope(value: Option<Value>, hidden: &[&str]) -> (Option<String>, Option<&'static str>) {
    match value {
        None | Some(Value::Null) => (None, None),
        Some(Value::String(text))
            if text.len() <= MAX_SCOPE_LEN
                && Scopes::parse([text.as_str()]).is_ok()
                && !repeats(&text, hidden) =>
        {
            (Some(text), None)
        }
        Some(_) => (None, Some("the answer's scope makes no sense")),
    }
}

/// Seconds written as a float; a value out of range stays out of range.
fn whole_seconds(seconds: f64) -> Option<u64> {
    Duration::try_from_secs_f64(seconds).ok().map(|life| life.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grant(rest: &str) -> TokenGrant {
        parse(format!(r#"{{"access_token":"abc","token_type":"Bearer"{rest}}}"#).as_bytes(), &["hunter2"])
            .unwrap()
    }

    #[test]
    fn a_byte_order_mark_is_no_part_of_the_answer() {
        let body = "\u{feff}{\"access_token\":\"abc\",\"token_type\":\"Bearer\"}";
        assert_eq!(parse(body.as_bytes(), &[]).unwrap().value.expose(), "abc");
    }

    #[test]
    fn expires_in_is_a_number_or_a_numeric_string() {
        for text in ["86399", "\"86399\"", "86399.0"] {
            let grant = grant(&format!(",\"expires_in\":{text}"));
            assert_eq!(grant.expires_in, Some(Duration::from_secs(86_399)), "{text}");
            assert!(grant.warnings.is_empty());
        }
    }

    #[test]
    fn a_lifetime_of_ten_years_is_the_longest() {
        let expires_in = |seconds: u64| {
            grant(&format!(",\"expires_in\":{seconds}")).expires_in.map(|lifetime| lifetime.as_secs())
        };
        assert_eq!(expires_in(316_224_000), Some(316_224_000));
        assert_eq!(expires_in(316_224_001), None);
    }

    #[test]
    fn a_lifetime_that_makes_no_sense_is_a_warning_and_not_used() {
        for text in ["0", "-5", "1e300", "\"soon\"", "null", "true", "99999999999", "18446744073709551616"] {
            let grant = grant(&format!(",\"expires_in\":{text}"));
            assert_eq!((grant.expires_in, grant.warnings.len()), (None, 1), "{text}");
        }
        assert_eq!(grant("").expires_in, None);
    }

    #[test]
    fn a_scope_that_makes_no_sense_is_a_warning_and_left_out() {
        let scope = |length| format!("\"{}\"", "a".repeat(length));
        let (longest, long) = (scope(8_192), scope(8_193));
        // The last two would put the token, or the secret, into the readable part of its record.
        for text in ["7", "[]", r#""a\u0007b""#, r#""a\"b""#, &long, "\"a abc\"", "\"hun ter2\""] {
            let grant = grant(&format!(",\"expires_in\":300,\"scope\":{text}"));
            assert_eq!((grant.scope, grant.warnings.len()), (None, 1), "{text}");
        }
        for (text, scope) in [
            ("null", None),
            ("\"\"", Some("")),
            ("\"routing users\"", Some("routing users")),
            (&longest, Some(longest.trim_matches('"'))),
        ] {
            let grant = grant(&format!(",\"expires_in\":300,\"scope\":{text}"));
            assert_eq!((grant.scope.as_deref(), grant.warnings.len()), (scope, 0), "{text}");
        }
    }

    #[test]
    fn a_response_without_a_bearer_token_is_refused_and_not_quoted() {
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
            let refusal = parse(body.as_bytes(), &[]).unwrap_err();
            assert!(refusal.contains(why), "{body}: {refusal}");
            assert!(!refusal.contains("tok-secret"), "{refusal}");
        }
    }
}
