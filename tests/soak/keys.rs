//! Whose tokens they are: a few clients with a few sets of scopes, each pair a key of the cache.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use loopback_login_server::{LoginServer, Record};
use url::form_urlencoded;

use Temper::{Calm, Hasty, Lively};

/// One key of the cache.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct Key {
    pub id: &'static str,
    pub secret: &'static str,
    /// The scopes in the form in which they are asked for.
    pub scope: &'static str,
    /// How callers write them.
    pub spellings: &'static [&'static str],
    pub temper: Temper,
}

/// What its callers are like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Temper {
    /// They do whatever can be done.
    Lively,
    /// They leave its tokens to grow old: nobody forces a new one, or drops the old.
    Calm,
    /// They set so short a deadline that they go without the lock when half of it is over.
    Hasty,
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

pub const KEYS: [Key; 7] = [
    key(A, NONE, Calm),
    key(A, ONE, Lively),
    key(A, TWO, Lively),
    key(B, NONE, Lively),
    key(B, ONE, Calm),
    key(B, TWO, Calm),
    key(C, NONE, Hasty),
];

const fn key(
    client: [&'static str; 2],
    scopes: (&'static str, &'static [&'static str]),
    temper: Temper,
) -> Key {
    let ([id, secret], (scope, spellings)) = (client, scopes);
    Key { id, secret, scope, spellings, temper }
}

impl Key {
    pub fn is_calm(&self) -> bool {
        self.temper == Calm
    }

    pub fn is_hasty(&self) -> bool {
        self.temper == Hasty
    }
}

impl std::fmt::Display for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "client {}… [{}]", &self.id[..8], self.scope)
    }
}

/// Makes the clients known to the server.
pub fn register(server: &LoginServer) {
    for key in &KEYS {
        server.add_client(key.id, key.secret);
    }
}

/// The key that a token request was for, by its own words.
pub fn of_request(record: &Record) -> Option<&'static Key> {
    let basic = record.header("authorization")?.strip_prefix("Basic ")?;
    let credentials = String::from_utf8(BASE64.decode(basic).ok()?).ok()?;
    let (id, _) = credentials.split_once(':')?;
    let fields = form_urlencoded::parse(record.body.as_bytes());
    let scope = fields.filter(|(name, _)| name == "scope").map(|(_, value)| value).next().unwrap_or_default();
    KEYS.iter().find(|key| key.id == id && key.scope == scope)
}
