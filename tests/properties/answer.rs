//! The token response parser against a generic reading of the same JSON, and what becomes of a token that it accepts.

use std::time::Duration;

use genesys_token::cache::Root;
use genesys_token::cache::entry::{self, Owner};
use genesys_token::cache::seal::FILE_LIMIT;
use genesys_token::login::Granted;
use genesys_token::login::answer::read;
use genesys_token::random::SystemRandom;
use genesys_token::scope::Scopes;
use genesys_token::secret::Secret;
use genesys_token::time::Timestamp;
use genesys_token::token::{Lifetime, Token};
use serde_json::Value;

/// A token and a secret that no sentence of ours has in it, and what stands for them in the data.
const TOKEN: &str = "q9Zk-7_XbT3vLw0s8RfYh2Jd5NcPgMuE";
const SECRET: &str = "AbCdEf0123456789-bCdEf01234+6789_bCdEf0/234";
const PLACES: [(&[u8], &str); 2] = [(b"@@", TOKEN), (b"$$", SECRET)];
const NAME: &str = "one.token";
const LONGEST_TOKEN: usize = 16 * 1024;
const TEN_YEARS: u64 = 10 * 366 * 86_400;
/// The sentence and 300 characters of the token type.
const LONGEST_REFUSAL: usize = 400;

/// The data: the body of an answer with status 200.
pub fn holds(data: &[u8]) {
    let body = filled_in(data);
    // None for what only a strict reading refuses, such as a field that nobody looks at and that is not UTF-8.
    let json: Option<Value> = serde_json::from_slice(&body).ok();
    match read(&body, &[SECRET]) {
        Ok(granted) => {
            is_sane(&granted);
            if let Some(json) = json {
                is_what_stands_there(&granted, &json);
            }
            is_discreet(&granted);
            can_be_cached(granted);
        }
        Err(why) => {
            assert!(!why.is_empty() && why.chars().count() <= LONGEST_REFUSAL, "{why}");
            assert!(!why.contains(char::is_control), "{why:?}");
            let token = json.as_ref().and_then(|json| json.get("access_token"));
            is_silent(token.and_then(Value::as_str).unwrap_or_default(), why.as_bytes());
        }
    }
}

fn filled_in(data: &[u8]) -> Vec<u8> {
    let (mut body, mut rest) = (Vec::new(), data);
    while !rest.is_empty() {
        let place = PLACES.iter().find(|(place, _)| rest.starts_with(place));
        let length = place.map_or(1, |(place, _)| place.len());
        body.extend_from_slice(place.map_or(&rest[..1], |(_, value)| value.as_bytes()));
        rest = &rest[length..];
    }
    body
}

fn is_sane(granted: &Granted) {
    let token = granted.value.expose();
    assert!((1..=LONGEST_TOKEN).contains(&token.len()), "{} bytes", token.len());
    assert!(token.bytes().all(|byte| byte.is_ascii_graphic()), "{token:?}");
    let is_said = granted.remarks.iter().any(|remark| remark.contains("not cached"));
    assert_eq!(granted.expires_in.is_none(), is_said, "{:?}", granted.remarks);
}

fn is_what_stands_there(granted: &Granted, json: &Value) {
    let text = |name: &str| json.get(name).and_then(Value::as_str);
    assert_eq!(Some(granted.value.expose()), text("access_token"));
    assert!(text("token_type").is_some_and(|kind| kind.eq_ignore_ascii_case("bearer")), "{json}");
    assert_eq!(granted.expires_in, life(json.get("expires_in")), "{json}");
    assert!(granted.scope.is_none() || granted.scope.as_deref() == text("scope"), "{json}");
}

/// `expires_in` as a number or a numeric string, when it makes sense.
fn life(value: Option<&Value>) -> Option<Duration> {
    let seconds = match value? {
        Value::String(text) => text.trim().parse().ok()?,
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        value => value.as_u64().or_else(|| value.as_f64().map(|seconds| seconds as u64))?,
    };
    (1..=TEN_YEARS).contains(&seconds).then(|| Duration::from_secs(seconds))
}

/// What is printed of it is the same for any other token.
fn is_discreet(granted: &Granted) {
    let other = Granted { value: Secret::from("other"), ..granted.clone() };
    assert_eq!(format!("{granted:?}"), format!("{other:?}"));
    is_silent(granted.value.expose(), format!("{granted:?}").as_bytes());
}

fn can_be_cached(granted: Granted) {
    let at = Timestamp::from_secs(1_795_514_400);
    let lifetime = granted.expires_in.map(|life| Lifetime {
        requested_at: at,
        received_at: at,
        expires_at: at.plus(life),
    });
    let token = Token { value: granted.value, lifetime, scope: granted.scope };
    let root = Root::new(&Secret::from("the secret"));
    let (client_id, login_url) = ("a-client".to_owned(), "https://login.example".to_owned());
    let owner = Owner { client_id, login_url, scopes: Scopes::default() };
    let file = entry::encode(&owner, &root, NAME, &token, &SystemRandom::default());
    assert_eq!(file.is_some(), lifetime.is_some());
    if let Some(file) = file {
        assert!(file.len() <= FILE_LIMIT, "a file of {} bytes is never read again", file.len());
        is_silent(token.value.expose(), &file);
        assert_eq!(entry::decode(&root, NAME, &file), Ok(token));
    }
}

/// Neither the secret nor the token can be read in it. Only if it is a token: a server may say what it likes.
fn is_silent(token: &str, shown: &[u8]) {
    let shown = String::from_utf8_lossy(shown);
    assert!(token != TOKEN || !shown.contains(TOKEN), "{shown}");
    assert!(!shown.contains(SECRET), "{shown}");
}
