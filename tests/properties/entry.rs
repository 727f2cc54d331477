//! Sealed records: what was sealed under this secret and this name opens unchanged, and anything else is a miss.

use genesys_token::base_url::BaseUrl;
use genesys_token::cache::entry::{self, EntryTimes};
use genesys_token::cache::failure_record::{self, FailureHeader};
use genesys_token::cache::seal::{self, InvalidRecord};
use genesys_token::cache::{CacheKey, DerivedKeys, EntryHeader, FailureRecord, RecordClass};
use genesys_token::client::{ClientId, ClientSecret};
use genesys_token::error::Error;
use genesys_token::random::Random;
use genesys_token::scope::Scopes;
use genesys_token::time::Timestamp;
use genesys_token::token::{AccessToken, Lifetime, Token};
use serde_json::Value;

const NAME: &str = "one.token";

/// Takes the data for a record, for an edit of an intact record, for the payload of one, and for the header of one.
pub(crate) fn holds(data: &[u8]) {
    let records = Records::new();
    records.assert_only_intact_ones_open(data);
    records.assert_no_edit_opens(data);
    records.assert_payload_comes_back(data);
    records.assert_header_is_parsed_or_refused(data);
}

/// The same in every run, so that a fuzzer can learn the intact records.
struct Constant;
impl Random for Constant {
    fn fill(&self, bytes: &mut [u8]) -> bool {
        bytes.fill(7);
        true
    }
}

/// An intact entry and an intact failure record, with what is sealed in them.
struct Records {
    keys: DerivedKeys,
    token: Token,
    token_record: Vec<u8>,
    failure: FailureRecord,
    failure_record: Vec<u8>,
}

fn keys(secret: &str) -> DerivedKeys {
    DerivedKeys::new(&ClientSecret::parse(secret).expect("a secret").0)
}

fn cache_key() -> CacheKey {
    CacheKey {
        client_id: ClientId::parse("a-client").expect("an id").0,
        login_url: BaseUrl::parse("https://login.example").expect("a base URL"),
        scopes: Scopes::parse(["routing users:readonly"]).expect("scopes"),
        lane: None,
    }
}

impl Records {
    fn new() -> Self {
        let keys = keys("the-secret");
        let at = Timestamp::from_secs;
        let lifetime = Lifetime { requested_at: at(1), received_at: at(2), expires_at: at(86_400) };
        let value = AccessToken::parse("the-token").expect("a token");
        let token = Token { value, lifetime: Some(lifetime), scope: Some("routing".to_owned()) };
        let token_record = encoded(&keys, &token);
        let error = Error::internal("for a reason").fix("do something");
        let class = RecordClass::Transient;
        let failure = FailureRecord {
            class,
            requested_at: Some(at(2)),
            answered_at: at(3),
            transport_id: Some("direct".to_owned()),
            not_before: at(4),
            streak: 5,
            error,
        };
        let failure_record =
            failure_record::encode(&keys, NAME, &failure, &Constant).expect("it can be sealed");
        Self { keys, token, token_record, failure, failure_record }
    }

    fn assert_only_intact_ones_open(&self, record: &[u8]) {
        match entry::decode(&self.keys, NAME, record) {
            Ok(token) => assert!(record == self.token_record && token == self.token),
            Err(InvalidRecord) => assert_ne!(record, self.token_record),
        }
        match failure_record::decode(&self.keys, NAME, record) {
            Ok(failure) => assert!(record == self.failure_record && failure == self.failure),
            Err(InvalidRecord) => assert_ne!(record, self.failure_record),
        }
        let other = keys("another-secret");
        assert!(entry::decode(&other, NAME, record).is_err());
        assert!(failure_record::decode(&other, NAME, record).is_err());
        assert!(entry::decode(&self.keys, "two.token", record).is_err());
        // `status` and `clear` read headers without any proof.
        if let Ok(header) = seal::peek::<EntryHeader>(record) {
            assert!(!format!("{header:?}").is_empty());
        }
        let _ = seal::peek::<FailureHeader>(record);
    }

    /// The first two bytes say where to edit, the third one how many bytes to cut out, and the rest is inserted there.
    fn assert_no_edit_opens(&self, edit: &[u8]) {
        let [high, low, cut, inserted @ ..] = edit else { return };
        for intact in [&self.token_record, &self.failure_record] {
            let from = usize::from(u16::from_be_bytes([*high, *low])) % (intact.len() + 1);
            let to = (from + usize::from(*cut)).min(intact.len());
            self.assert_only_intact_ones_open(&[&intact[..from], inserted, &intact[to..]].concat());
            // Once more in place, so that the record keeps its length and its lines.
            let over = &inserted[..inserted.len().min(intact.len() - from)];
            let edited = [&intact[..from], over, &intact[from + over.len()..]].concat();
            self.assert_only_intact_ones_open(&edited);
        }
    }

    fn assert_payload_comes_back(&self, payload: &[u8]) {
        let times = &self.times();
        let record = seal::seal(&self.keys, NAME, times, payload, &Constant).expect("it can be sealed");
        let opened = seal::open::<EntryTimes>(&self.keys, NAME, &record).map(|(_, payload)| payload.to_vec());
        assert_eq!(opened.as_deref(), Ok(payload));
        let decoded = entry::decode(&self.keys, NAME, &record);
        assert_eq!(decoded.is_ok(), is_bearer_token(payload), "{payload:?}");
        if let Ok(token) = decoded {
            assert_eq!(token.value.expose().as_bytes(), payload);
            assert_eq!(token.lifetime, self.token.lifetime);
            assert_eq!(entry::decode(&self.keys, NAME, &encoded(&self.keys, &token)), Ok(token));
        }
        let header = FailureHeader { written_at: Timestamp::from_secs(3) };
        let record = seal::seal(&self.keys, NAME, &header, payload, &Constant).expect("it can be sealed");
        if let Ok(failure) = failure_record::decode(&self.keys, NAME, &record) {
            let again =
                failure_record::encode(&self.keys, NAME, &failure, &Constant).expect("it can be sealed");
            assert_eq!(failure_record::decode(&self.keys, NAME, &again), Ok(failure));
        }
    }

    /// Sealed under the right key, so that only the header's own parser can refuse it.
    fn assert_header_is_parsed_or_refused(&self, header: &[u8]) {
        let Ok(header @ Value::Object(_)) = serde_json::from_slice(header) else { return };
        let Some(record) = seal::seal(&self.keys, NAME, &header, b"the-token", &Constant) else { return };
        let peeked = seal::peek::<EntryTimes>(&record);
        match entry::decode(&self.keys, NAME, &record) {
            Ok(token) => {
                let times = peeked.expect("the header of a record that opens can be read");
                let lifetime = token.lifetime.expect("an entry has a lifetime");
                assert_eq!(lifetime.expires_at, times.expires_at);
                assert_eq!(token.scope, times.scope);
                assert!(lifetime.remaining(times.received_at) <= lifetime.remaining(Timestamp(i64::MIN)));
                assert_eq!(entry::decode(&self.keys, NAME, &encoded(&self.keys, &token)), Ok(token));
            }
            // A header with a salt of its own has two, and is invalid.
            Err(InvalidRecord) => assert!(peeked.is_err() || header.get("salt").is_some(), "{header}"),
        }
        let _ = failure_record::decode(&self.keys, NAME, &record);
    }

    fn times(&self) -> EntryTimes {
        seal::peek(&self.token_record).expect("it is intact")
    }
}

fn encoded(keys: &DerivedKeys, token: &Token) -> Vec<u8> {
    entry::encode(&cache_key(), keys, NAME, token, &Constant).expect("it can be sealed")
}

/// What RFC 6750 and the limit of 16 KiB allow.
fn is_bearer_token(payload: &[u8]) -> bool {
    (1..=16 * 1024).contains(&payload.len()) && payload.iter().all(u8::is_ascii_graphic)
}
