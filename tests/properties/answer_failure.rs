//! The classification of failed answers against a table of its own, and what of an answer may be shown.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use genesys_token::client::{Client, ClientId, ClientSecret};
use genesys_token::error::Category;
use genesys_token::login::answer_failure::{HttpAnswer, of_answer, of_malformed};
use genesys_token::login::{Endpoint, Failure, FailureClass, RegionSource, Transport};
use genesys_token::region::Region;
use serde_json::Value;

const ID: &str = "11111111-2222-3333-4444-555555555555";
const SECRET: &str = "AbCdEf0123456789-bCdEf01234+6789_bCdEf0/234";
/// The server's OAuth error, its correlation id and a redirect's target are cut at 300 characters each.
const MAX_MESSAGE_CHARS: usize = 3 * 300 + 200;

/// Spells a value that was sent. The argument is the Basic header's value.
type Spell = fn(&str) -> String;

/// In the data, a `\` and one of these letters stand for a value that was sent.
const SPELLINGS: [(u8, Spell); 6] = [
    (b'S', |_| SECRET.to_owned()),
    (b'B', str::to_owned),
    (b'U', |basic| basic.trim_end_matches('=').to_owned()),
    (b'P', |_| SECRET.replace('+', "%2B").replace('/', "%2F")),
    (b'6', |_| surrounded()),
    (b'X', |_| SECRET.to_lowercase()),
];

/// The data: the status, a line break, the correlation id, a line break, `Location`, a line break, and the body.
pub(crate) fn holds(data: &[u8]) {
    let secret = ClientSecret::parse(SECRET).expect("a secret").0;
    let client = Client { id: ClientId::parse(ID).expect("an id").0, secret };
    let basic = client.basic_credentials();
    let sent = [SECRET, basic.expose()];
    let mut parts = data.splitn(4, |&byte| byte == b'\n');
    let mut part = || with_spellings(parts.next().unwrap_or_default(), basic.expose());
    let Ok(status) = String::from_utf8_lossy(&part()).parse::<u16>() else { return };
    // 200 is no failure, and a status has three digits.
    if !(100..=999).contains(&status) || status == 200 {
        return;
    }
    let correlation_id = header(&part());
    let location = header(&part());
    let body = part();
    let retry_after = body.first().map(|&byte| Duration::from_secs(byte.into()));
    let correlation_id = correlation_id.as_deref();
    let answer =
        HttpAnswer { status, body: &body, retry_after, correlation_id, location: location.as_deref() };
    let endpoint = endpoint(client.id);

    let failure = of_answer(&endpoint, &answer, &sent);
    assert_eq!((failure.class, failure.error.category), expected_class(status, &body), "{status}");
    assert_eq!(failure.retry_after, retry_after);
    assert!(!failure.error.hint().is_empty());
    assert_fit_to_be_shown(&failure, &sent);
    let malformed = of_malformed(&endpoint, &String::from_utf8_lossy(&body), &answer, &sent);
    assert_fit_to_be_shown(&malformed, &sent);
    // Parsing puts the host of a redirect's target into lower case.
    let redirect = of_answer(&endpoint, &HttpAnswer { body: b"", correlation_id: None, ..answer }, &sent);
    assert!(!legible(&shown_text(&redirect)).contains(&SECRET.to_lowercase()), "{redirect:?}");
}

fn endpoint(client_id: ClientId) -> Endpoint {
    let region = Region::default();
    Endpoint {
        login_url: region.login_url(),
        api_url: region.api_url(),
        client_id,
        region,
        region_source: RegionSource::Default,
        transport: Transport::default(),
    }
}

fn with_spellings(data: &[u8], basic: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(data.len());
    let mut bytes = data.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        let spelling = SPELLINGS.iter().find(|(letter, _)| byte == b'\\' && bytes.peek() == Some(letter));
        match spelling {
            Some((_, spell)) => {
                bytes.next();
                out.extend(spell(basic).into_bytes());
            }
            None => out.push(byte),
        }
    }
    out
}

/// The secret in the middle of a base64 text, at another alignment than in the Basic header.
fn surrounded() -> String {
    BASE64.encode(format!("xx{SECRET}y"))
}

/// A header's value as the HTTP client returns it: visible ASCII, or none.
fn header(value: &[u8]) -> Option<String> {
    let is_text = value.iter().all(|&byte| (b' '..=b'~').contains(&byte) || byte == b'\t');
    is_text.then(|| String::from_utf8_lossy(value).into_owned())
}

const CODES: [&str; 8] = [
    "invalid_request",
    "invalid_client",
    "invalid_grant",
    "unauthorized_client",
    "unsupported_grant_type",
    "invalid_scope",
    "server_error",
    "temporarily_unavailable",
];
const MAY_PASS: [&str; 2] = ["server_error", "temporarily_unavailable"];

/// The class and the category of an answer: an OAuth error counts before the status, if that is no server's fault.
fn expected_class(status: u16, body: &[u8]) -> (FailureClass, Category) {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    let json: Value = serde_json::from_slice(body).unwrap_or_default();
    let text = |name: &str| json.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let code = text("error").filter(|code| CODES.contains(code));
    let description = text("error_description").or(text("description")).unwrap_or_default();
    // As it is shown: without what nobody sees.
    let seen: String = description.chars().filter(|&c| c == ' ' || !is_unseen(c)).collect();
    let begins = seen.trim_start().to_ascii_lowercase().starts_with("rate limit exceeded");
    let is_limit = code == Some("invalid_request") && begins;
    match status {
        429 => (FailureClass::RateLimited, Category::RateLimited),
        400 if is_limit => (FailureClass::RateLimited, Category::RateLimited),
        407 => (FailureClass::Blocked, Category::Unavailable),
        408 | 425 | 500.. => (FailureClass::Transient, Category::Unavailable),
        _ if code.is_some_and(|code| MAY_PASS.contains(&code)) => {
            (FailureClass::Transient, Category::Unavailable)
        }
        _ if code.is_some() => (FailureClass::Refused, Category::Rejected),
        _ => (FailureClass::Refused, Category::Unavailable),
    }
}

fn assert_fit_to_be_shown(failure: &Failure, sent: &[&str]) {
    let message = &failure.error.message;
    assert!(message.chars().count() <= MAX_MESSAGE_CHARS, "{message}");
    let oauth = failure.oauth.iter().flat_map(|oauth| [oauth.code.to_string(), oauth.description.clone()]);
    let correlation_id = failure.correlation_id.as_deref().map(str::to_owned);
    for text in oauth.chain(correlation_id).chain([message.clone()]) {
        assert!(!text.contains(|c| is_unseen(c) && c != ' '), "{text:?}");
        assert_shows_nothing_sent(&text, sent);
    }
    assert_shows_nothing_sent(&shown_text(failure), sent);
}

/// Fails if `text` contains the secret or the Basic header: whole or in pieces, percent-encoded, or inside base64.
fn assert_shows_nothing_sent(text: &str, sent: &[&str]) {
    let legible = legible(text);
    // Of the 64 characters, those that depend on the secret alone.
    assert!(!legible.contains(&surrounded()[3..60]), "{text}");
    for value in sent {
        let bare = value.trim_end_matches('=');
        let percent = bare.replace('+', "%2B").replace('/', "%2F");
        for spelling in [bare, &percent, &percent.replace("%2B", "%2b").replace("%2F", "%2f")] {
            assert!(!legible.contains(spelling), "{spelling} is in {text}");
        }
    }
}

fn shown_text(failure: &Failure) -> String {
    [failure.error.message.as_str(), &failure.error.hint()].concat()
}

/// What a reader sees of a text, with the pieces joined.
fn legible(text: &str) -> String {
    text.chars().filter(|c| !is_unseen(*c)).collect()
}

/// White space, control characters, and what Unicode calls invisible (`Default_Ignorable_Code_Point`).
fn is_unseen(c: char) -> bool {
    let ignorable = matches!(u32::from(c),
        0xad | 0x34f | 0x61c | 0x115f..=0x1160 | 0x17b4..=0x17b5 | 0x180b..=0x180f | 0x200b..=0x200f
        | 0x202a..=0x202e | 0x2060..=0x206f | 0x3164 | 0xfe00..=0xfe0f | 0xfeff | 0xffa0 | 0xfff0..=0xfff8
        | 0x1bca0..=0x1bca3 | 0x1d173..=0x1d17a | 0xe0000..=0xe0fff);
    ignorable || c.is_whitespace() || c.is_control()
}
