//! The cache keys of the soak: a few clients, each with a few sets of scopes, some with lanes.

use std::ops::Range;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use genesys_token::base_url::BaseUrl;
use genesys_token::cache::{CacheKey, DerivedKeys};
use genesys_token::client::{ClientId, ClientSecret};
use genesys_token::lane::Lane;
use genesys_token::scope::Scopes;
use loopback_login_server::{LoginServer, Record};
use url::form_urlencoded;

use crate::machine::{ALONE, FLEET, Machine};
use CallPattern::{Mixed, ShortDeadline, Spared, Undisturbed};

/// Seconds. So many that half of them, after which a caller may continue without the lock, hardly ever pass.
const LONG_DEADLINE: u64 = 40;
/// Seconds.
const SHORT_DEADLINES: Range<u64> = 1..4;

/// A client with a set of scopes, and how its callers behave.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(crate) struct SoakKey {
    pub(crate) id: &'static str,
    pub(crate) secret: &'static str,
    /// The scopes as the program requests them.
    pub(crate) scope: &'static str,
    /// The scopes as callers write them.
    pub(crate) spellings: &'static [&'static str],
    /// The lanes of its callers.
    pub(crate) lanes: &'static [Option<&'static str>],
    /// Whether it is used by the machines that share a store, or by the one that is alone.
    pub(crate) in_fleet: bool,
    pattern: CallPattern,
}

/// How the callers of a key behave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum CallPattern {
    /// They use every verb and flag.
    Mixed,
    /// They never force a new token or drop the old one, so that tokens reach the end of their lifetime.
    Undisturbed,
    /// Their deadline is so short that they continue without the lock when half of it has passed.
    ShortDeadline,
    /// As undisturbed ones, and they are never killed either: no lock or lease outlives its holder.
    Spared,
}

const NONE: (&str, &[&str]) = ("", &[""]);
const ONE: (&str, &[&str]) = ("users:readonly", &["users:readonly"]);
const TWO: (&str, &[&str]) = (
    "routing users:readonly",
    &["routing users:readonly", "users:readonly routing", "routing users:readonly routing"],
);

const A: [&str; 2] = ["aaaaaaaa-2222-3333-4444-555555555555", "secret-of-client-a_that-opens-nothing-at-al"];
const B: [&str; 2] = ["bbbbbbbb-2222-3333-4444-555555555555", "secret-of-client-b_that-opens-nothing-at-al"];
const C: [&str; 2] = ["cccccccc-2222-3333-4444-555555555555", "secret-of-client-c_that-opens-nothing-at-al"];
const D: [&str; 2] = ["dddddddd-2222-3333-4444-555555555555", "secret-of-client-d_that-opens-nothing-at-al"];
const E: [&str; 2] = ["eeeeeeee-2222-3333-4444-555555555555", "secret-of-client-e_that-opens-nothing-at-al"];

pub(crate) static KEYS: [SoakKey; 12] = [
    soak_key(A, NONE, Undisturbed),
    soak_key(A, ONE, Mixed),
    soak_key(A, TWO, Mixed),
    soak_key(B, NONE, Mixed).with_lanes(&[None, Some("wide")]),
    soak_key(B, ONE, Undisturbed),
    soak_key(B, TWO, Undisturbed),
    soak_key(C, NONE, ShortDeadline),
    soak_key(D, NONE, Mixed).with_lanes(&[None, Some("wide")]).of_fleet(),
    soak_key(D, ONE, Undisturbed).of_fleet(),
    soak_key(D, TWO, Spared).of_fleet(),
    soak_key(E, NONE, Spared).with_lanes(&[None, Some("wide"), Some("export")]).of_fleet(),
    soak_key(E, ONE, ShortDeadline).of_fleet(),
];

const fn soak_key(
    client: [&'static str; 2],
    scopes: (&'static str, &'static [&'static str]),
    pattern: CallPattern,
) -> SoakKey {
    let ([id, secret], (scope, spellings)) = (client, scopes);
    SoakKey { id, secret, scope, spellings, lanes: &[None], in_fleet: false, pattern }
}

impl SoakKey {
    const fn with_lanes(self, lanes: &'static [Option<&'static str>]) -> Self {
        Self { lanes, ..self }
    }

    const fn of_fleet(self) -> Self {
        Self { in_fleet: true, ..self }
    }

    pub(crate) fn machines(&self) -> &'static [Machine] {
        if self.in_fleet { &FLEET } else { &ALONE }
    }

    pub(crate) fn is_undisturbed(&self) -> bool {
        matches!(self.pattern, Undisturbed | Spared)
    }

    pub(crate) fn is_spared(&self) -> bool {
        self.pattern == Spared
    }

    /// The deadlines of its callers, in seconds.
    pub(crate) fn deadlines(&self) -> Range<u64> {
        if self.has_short_deadline() { SHORT_DEADLINES } else { LONG_DEADLINE..LONG_DEADLINE + 1 }
    }

    pub(crate) fn has_short_deadline(&self) -> bool {
        self.pattern == ShortDeadline
    }

    /// The name of each lane's entry in the cache, and the keys that open it.
    pub(crate) fn entries(&self, login_url: &str) -> impl Iterator<Item = (String, DerivedKeys)> {
        self.lanes.iter().map(move |lane| {
            let (secret, _) = ClientSecret::parse(self.secret).expect("a client secret");
            let cache_key = CacheKey {
                client_id: ClientId::parse(self.id).expect("a client id").0,
                login_url: BaseUrl::parse(login_url).expect("a base URL"),
                scopes: Scopes::parse([self.scope]).expect("scopes"),
                lane: lane.map(|lane| Lane::parse(lane, "lane").expect("a lane")),
            };
            let keys = DerivedKeys::new(&secret);
            (cache_key.entry_name(&keys).as_str().to_owned(), keys)
        })
    }
}

impl std::fmt::Display for SoakKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "client {}… [{}]", &self.id[..8], self.scope)
    }
}

/// Adds every client to the server.
pub(crate) fn register(server: &LoginServer) {
    for soak_key in &KEYS {
        server.add_client(soak_key.id, soak_key.secret);
    }
}

/// The key that a token request was for, by its header and its body.
pub(crate) fn of_request(record: &Record) -> Option<&'static SoakKey> {
    let basic = record.header("authorization")?.strip_prefix("Basic ")?;
    let credentials = String::from_utf8(BASE64.decode(basic).ok()?).ok()?;
    let (id, _) = credentials.split_once(':')?;
    let fields = form_urlencoded::parse(record.body.as_bytes());
    let scope = fields.filter(|(name, _)| name == "scope").map(|(_, value)| value).next().unwrap_or_default();
    KEYS.iter().find(|soak_key| soak_key.id == id && soak_key.scope == scope)
}
