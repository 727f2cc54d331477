//! What lies in a shared cache: anything that is not sealed under the secret, in its place, is missing; and whatever the
//! sealed part says, no record is taken that has ended or is from the future.

use std::time::Duration;

use genesys_token::cache::seal;
use genesys_token::cache::{DerivedKeys, SharedCache, SharedLocation, SharedLook};
use genesys_token::store::{MemorySharedStore, SharedName};
use genesys_token::time::{Clock, Timestamp};
use serde_json::{Map, Value, json};

use crate::sharing_client::{Constant, cache_key, secret};

/// Seconds on every clock here.
const NOW: i64 = 1_000_000;
const MICROS: i64 = 1_000_000;
/// What the store says is left of each record.
const LEFT: Duration = Duration::from_secs(290);
/// A store's milliseconds may lose so much.
const ROUNDING: Duration = Duration::from_millis(100);
const PREFIX: &str = "p:";

/// Takes the data for records, and for fields of the sealed parts of such.
pub(crate) fn holds(data: &[u8]) {
    let look = look([data, data, data]);
    assert!(look.token.is_none() && look.failure.is_none());
    if let Ok(Value::Object(fields)) = serde_json::from_slice(data) {
        assert_sealed_parts_are_checked(&fields);
    }
}

struct Stopped;
impl Clock for Stopped {
    fn now(&self) -> Timestamp {
        Timestamp::from_secs(NOW)
    }

    fn elapsed(&self) -> Duration {
        Duration::ZERO
    }

    fn sleep(&self, _: Duration) {}
}

/// The names of the token, the dropped tokens and the failure.
fn names() -> [SharedName; 3] {
    let client = cache_key().client_entry_name(&DerivedKeys::new(&secret()));
    [":token", ":dropped", ":failure"].map(|suffix| SharedName::new(PREFIX, &client, suffix))
}

/// What a machine sees when these are the records.
fn look(records: [&[u8]; 3]) -> SharedLook {
    let store = MemorySharedStore::new(&Stopped);
    for (name, record) in names().iter().zip(records) {
        store.plant(name, record, LEFT);
    }
    let location = SharedLocation { prefix: PREFIX, identity: String::new() };
    let (cache_key, secret) = (cache_key(), secret());
    let shared = SharedCache::new(&store, location, &cache_key, &secret, &Stopped, &Constant);
    shared.look().expect("a store in memory answers")
}

/// Seals parts that would be taken, but for the fields of `changed`.
fn assert_sealed_parts_are_checked(changed: &Map<String, Value>) {
    let keys = DerivedKeys::new(&secret()).for_fleet();
    let requested_at = (NOW - 10) * MICROS;
    let parts = [
        json!({"version": 1, "token": "the-token", "requested_at": requested_at, "answered_after": 1,
            "lives": 300 * MICROS, "requested_here": requested_at}),
        json!({"version": 1, "tokens": [{"digest": "d", "expires_at": (NOW + 9) * MICROS}]}),
        json!({"version": 1, "class": "rate_limited", "requested_at": requested_at, "answered_after": 1,
            "waits": 20 * MICROS, "requested_here": requested_at, "streak": 1,
            "error": {"category": "rate_limited", "message": "no", "hint": ""}}),
    ];
    let names = names();
    let mut records = Vec::new();
    for (name, mut part) in names.iter().zip(parts) {
        let fields = part.as_object_mut().expect("an object");
        fields.extend(changed.clone());
        let payload = serde_json::to_vec(&part).expect("JSON");
        records
            .push(seal::seal(&keys, name.as_str(), &json!({}), &payload, &Constant).expect("it is sealed"));
    }
    let look = look([&records[0], &records[1], &records[2]]);
    let now = Timestamp::from_secs(NOW);
    if changed.is_empty() {
        assert!(look.token.is_some() && look.failure.is_some());
    }
    if let Some(shared) = look.token {
        let lifetime = shared.lifetime;
        assert!(lifetime.requested_at <= now && lifetime.expires_at > now, "{lifetime:?}");
        assert!(lifetime.remaining(now) <= LEFT + ROUNDING, "{lifetime:?}");
    }
    if let Some(shared) = look.failure {
        assert!(shared.record.answered_at <= now, "{:?}", shared.record);
    }
}
