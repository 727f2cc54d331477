//! The token response parser against a generic parse of the same JSON, and the cache with every token that it accepts.

use std::time::Duration;

use genesys_token::base_url::BaseUrl;
use genesys_token::cache::{CacheKey, DerivedKeys, entry};
use genesys_token::client::{ClientId, ClientSecret};
use genesys_token::login::TokenGrant;
use genesys_token::login::token_response::parse;
use genesys_token::random::SystemRandom;
use genesys_token::scope::Scopes;
use genesys_token::store::MAX_VALUE_LEN;
use genesys_token::time::Timestamp;
use genesys_token::token::{AccessToken, Lifetime, Token};
use serde_json::Value;

/// A token and a secret that appear in none of the program's own messages.
const TOKEN: &str = "q9Zk-7_XbT3vLw0s8RfYh2Jd5NcPgMuE";
const SECRET: &str = "AbCdEf0123456789-bCdEf01234+6789_bCdEf0/234";
/// What stands for them in the data.
const PLACEHOLDERS: [(&[u8], &str); 2] = [(b"@@", TOKEN), (b"$$", SECRET)];
const NAME: &str = "one.token";
const MAX_TOKEN_LEN: usize = 16 * 1024;
const MAX_EXPIRES_IN: u64 = 10 * 366 * 86_400;
/// The sentence and 300 characters of the token type.
const MAX_REFUSAL_CHARS: usize = 400;

/// The data: the body of an answer with status 200.
pub(crate) fn holds(data: &[u8]) {
    let body = without_placeholders(data);
    // `None` where only a strict parser refuses, such as a field that is neither read nor UTF-8.
    let json: Option<Value> = serde_json::from_slice(&body).ok();
    match parse(&body, &[SECRET]) {
        Ok(grant) => {
            assert_sane(&grant);
            if let Some(json) = json {
                assert_as_in_json(&grant, &json);
            }
            assert_debug_output_hides_token(&grant);
            assert_cacheable(grant);
        }
        Err(refusal) => {
            assert!(!refusal.is_empty() && refusal.chars().count() <= MAX_REFUSAL_CHARS, "{refusal}");
            assert!(!refusal.contains(char::is_control), "{refusal:?}");
            let token = json.as_ref().and_then(|json| json.get("access_token"));
            assert_shows_neither(token.and_then(Value::as_str).unwrap_or_default(), refusal.as_bytes());
        }
    }
}

fn without_placeholders(data: &[u8]) -> Vec<u8> {
    let (mut body, mut rest) = (Vec::new(), data);
    while !rest.is_empty() {
        let found = PLACEHOLDERS.iter().find(|(placeholder, _)| rest.starts_with(placeholder));
        let length = found.map_or(1, |(placeholder, _)| placeholder.len());
        body.extend_from_slice(found.map_or(&rest[..1], |(_, value)| value.as_bytes()));
        rest = &rest[length..];
    }
    body
}

fn assert_sane(grant: &TokenGrant) {
    let token = grant.value.expose();
    assert!((1..=MAX_TOKEN_LEN).contains(&token.len()), "{} bytes", token.len());
    assert!(token.bytes().all(|byte| byte.is_ascii_graphic()), "{token:?}");
    let warns = grant.warnings.iter().any(|warning| warning.contains("not cached"));
    assert_eq!(grant.expires_in.is_none(), warns, "{:?}", grant.warnings);
}

fn assert_as_in_json(grant: &TokenGrant, json: &Value) {
    let text = |name: &str| json.get(name).and_then(Value::as_str);
    assert_eq!(Some(grant.value.expose()), text("access_token"));
    assert!(text("token_type").is_some_and(|token_type| token_type.eq_ignore_ascii_case("bearer")), "{json}");
    assert_eq!(grant.expires_in, expected_lifetime(json.get("expires_in")), "{json}");
    assert!(grant.scope.is_none() || grant.scope.as_deref() == text("scope"), "{json}");
}

/// `expires_in` as a number or a numeric string, within its limits.
fn expected_lifetime(value: Option<&Value>) -> Option<Duration> {
    let seconds = match value? {
        Value::String(text) => text.trim().parse().ok()?,
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "out of range stays so")]
        value => value.as_u64().or_else(|| value.as_f64().map(|seconds| seconds as u64))?,
    };
    (1..=MAX_EXPIRES_IN).contains(&seconds).then(|| Duration::from_secs(seconds))
}

/// It is the same for any other token.
fn assert_debug_output_hides_token(grant: &TokenGrant) {
    let value = AccessToken::parse("other").expect("a token");
    let other = TokenGrant { value, ..grant.clone() };
    assert_eq!(format!("{grant:?}"), format!("{other:?}"));
    assert_shows_neither(grant.value.expose(), format!("{grant:?}").as_bytes());
}

fn assert_cacheable(grant: TokenGrant) {
    let at = Timestamp::from_secs(1_795_514_400);
    let lifetime = grant.expires_in.map(|lifetime| Lifetime {
        requested_at: at,
        received_at: at,
        expires_at: at.plus(lifetime),
    });
    let token = Token { value: grant.value, lifetime, scope: grant.scope };
    let keys = DerivedKeys::new(&ClientSecret::parse("the-secret").expect("a secret").0);
    let cache_key = CacheKey {
        client_id: ClientId::parse("a-client").expect("an id").0,
        login_url: BaseUrl::parse("https://login.example").expect("a base URL"),
        scopes: Scopes::default(),
        lane: None,
    };
    let record = entry::encode(&cache_key, &keys, NAME, &token, &SystemRandom::default());
    assert_eq!(record.is_some(), lifetime.is_some());
    if let Some(record) = record {
        assert!(record.len() <= MAX_VALUE_LEN, "{} bytes are too long to be read back", record.len());
        assert_shows_neither(token.value.expose(), &record);
        assert_eq!(entry::decode(&keys, NAME, &record), Ok(token));
    }
}

/// Fails if `shown` contains the secret, or the token if it is the one of this test: a server may send any other as a
/// word of its answer.
fn assert_shows_neither(token: &str, shown: &[u8]) {
    let shown = String::from_utf8_lossy(shown);
    assert!(token != TOKEN || !shown.contains(TOKEN), "{shown}");
    assert!(!shown.contains(SECRET), "{shown}");
}
