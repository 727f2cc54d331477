//! What the build offers to an agent: the one intact entry of its name gives its token, and anything else gives none.

use genesys_token::cache::seal;
use genesys_token::cache::{BuildShare, DerivedKeys, SharedToken, TokenFacts};
use genesys_token::time::{CommonClock, Timestamp};
use genesys_token::token::{AccessToken, Lifetime, Token};
use serde_json::{Map, Value, json};

use crate::sharing_client::{Constant, cache_key, secret};

/// Seconds on this machine's clock, and on the controller's.
const LOCAL: i64 = 1_000_000;
const CONTROLLER: i64 = 2_000_000;
const MICROS: i128 = 1_000_000;

/// Takes the data for an offer, for an edit of an intact one, and for fields of the sealed part of one.
pub(crate) fn holds(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let intact = intact();
    assert_only_the_intact_one_is_taken(&text, &intact);
    assert_no_edit_is_taken(data, &intact);
    if let Ok(Value::Object(fields)) = serde_json::from_slice(data) {
        assert_payload_is_checked(fields);
    }
}

fn share(offered: &str) -> BuildShare {
    let clock = CommonClock::new(Timestamp::from_secs(CONTROLLER), Timestamp::from_secs(LOCAL));
    BuildShare::new(&cache_key(), &secret(), offered, clock)
}

fn taken(offered: &str) -> Option<SharedToken> {
    share(offered).offered(Timestamp::from_secs(LOCAL))
}

fn token() -> Token {
    let at = |seconds| Timestamp::from_secs(LOCAL + seconds);
    let lifetime = Lifetime { requested_at: at(-100), received_at: at(-99), expires_at: at(86_300) };
    let value = AccessToken::parse("the-token").expect("a token");
    Token { value, lifetime: Some(lifetime), scope: None }
}

fn intact() -> String {
    share("").answer(&token(), TokenFacts::default(), &Constant).expect("it can be sealed")
}

fn assert_only_the_intact_one_is_taken(offered: &str, intact: &str) {
    let name = intact.split(':').next().expect("a name");
    let words = offered.split_ascii_whitespace().take(8).filter(|word| word.len() <= 4096);
    let own = words.filter_map(|word| word.split_once(':')).find(|(its_name, _)| *its_name == name);
    let is_intact = own.is_some_and(|(_, record)| intact[name.len() + 1..] == *record);
    match taken(offered) {
        Some(shared) => assert!(is_intact && offered.len() <= 16 * 1024 && shared.token == token()),
        None => assert!(!is_intact || offered.len() > 16 * 1024, "{offered}"),
    }
}

/// The first two bytes say where to edit, the third one how many bytes to cut out, and the rest is inserted there.
fn assert_no_edit_is_taken(edit: &[u8], intact: &str) {
    let [high, low, cut, inserted @ ..] = edit else { return };
    let from = usize::from(u16::from_be_bytes([*high, *low])) % (intact.len() + 1);
    let to = (from + usize::from(*cut)).min(intact.len());
    let edited = [&intact.as_bytes()[..from], inserted, &intact.as_bytes()[to..]].concat();
    assert_only_the_intact_one_is_taken(&String::from_utf8_lossy(&edited), intact);
}

/// Sealed under the right key, so that only the checks behind the seal can refuse it.
fn assert_payload_is_checked(fields: Map<String, Value>) {
    let micros = |seconds: i64| seconds * 1_000_000;
    let mut payload = json!({
        "version": 1,
        "token": "the-token",
        "requested_at": micros(CONTROLLER - 100),
        "answered_after": micros(1),
        "lives": micros(86_400),
        "requested_here": micros(LOCAL - 100),
    });
    payload.as_object_mut().expect("an object").extend(fields);
    let intact = intact();
    let name = intact.split(':').next().expect("a name");
    let text = serde_json::to_vec(&payload).expect("JSON");
    let record = seal::seal(&DerivedKeys::new(&secret()).for_build(), name, &json!({}), &text, &Constant);
    let record = record.expect("it can be sealed");
    let offered = format!("{name}:{}", base64(&record));
    let Some(SharedToken { token, lifetime, facts, .. }) = taken(&offered) else { return };
    let number = |name: &str| i128::from(payload[name].as_i64().expect("a number"));
    let whole = |name: &str| payload[name].as_u64().map(i128::from).expect("a number");
    assert_eq!(
        (payload["version"].as_u64(), payload["token"].as_str()),
        (Some(1), Some(token.value.expose()))
    );
    let age = i128::from(CONTROLLER) * MICROS - number("requested_at");
    assert!((0..whole("lives")).contains(&age), "{payload}");
    let ahead = number("requested_here") - i128::from(LOCAL) * MICROS;
    let quarter_of_an_hour = 900 * MICROS;
    assert!(ahead <= quarter_of_an_hour && -ahead <= whole("lives") + quarter_of_an_hour, "{payload}");
    let now = Timestamp::from_secs(LOCAL);
    assert!(lifetime.requested_at <= now && now < lifetime.expires_at, "{payload}");
    assert!(lifetime.requested_at <= lifetime.received_at, "{payload}");
    assert!(facts.alive_at.is_none_or(|at| at <= now), "{payload}");
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD_NO_PAD.encode(bytes)
}
