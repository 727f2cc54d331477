//! Who is asking: a client id and its secret.
//!
//! Two kinds of checks, kept apart. Cleaning ([`clean`]) runs on every call and refuses what no credential can have.
//! Doubting ([`doubt`]) looks at length and shape and only ever warns, since Genesys may change both; a cache hit has
//! proved the credential and can skip it.

pub mod clean;
pub mod doubt;

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use crate::secret::Secret;
use doubt::{has_encoded_pair, is_secret};

/// How much of each end of a client id is shown.
const ID_END: usize = 4;

/// The id of an OAuth client: not empty, no colon, no white space, nothing invisible.
///
/// It is no secret, but whole ids make logs longer and attacks easier: `Display` and `Debug` abbreviate it.
#[derive(Clone, PartialEq, Eq)]
pub struct ClientId(String);

/// A client id with its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// Which OAuth client.
    pub id: ClientId,
    /// What proves it.
    pub secret: Secret,
}

impl ClientId {
    /// The whole id, for the request and the cache.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Both are secrets given as the id by mistake.
        if is_secret(&self.0) || has_encoded_pair(&self.0) {
            return f.write_str("…");
        }
        let shown = |c: char| if c.is_ascii_graphic() { c } else { '?' };
        let length = self.0.chars().count();
        // Never more than half of a short one.
        let end = ID_END.min(length / 4);
        self.0.chars().take(end).try_for_each(|c| write!(f, "{}", shown(c)))?;
        f.write_str("…")?;
        self.0.chars().skip(length - end).try_for_each(|c| write!(f, "{}", shown(c)))
    }
}

impl fmt::Debug for ClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Client {
    /// The value of an `Authorization: Basic` header, without the word `Basic`.
    ///
    /// RFC 6749 section 2.3.1 would percent-encode both parts first. No SDK of Genesys' does, and for the
    /// characters their credentials are made of it makes no difference.
    pub fn basic_credentials(&self) -> Secret {
        let (id, secret) = (self.id.as_str(), self.secret.expose());
        // Of the right size at once: growing would leave copies behind that nobody wipes.
        let mut pair = Zeroizing::new(String::with_capacity(id.len() + 1 + secret.len()));
        pair.push_str(id);
        pair.push(':');
        pair.push_str(secret);
        Secret::new(STANDARD.encode(pair.as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "11111111-2222-3333-4444-555555555555";
    const SECRET: &str = "AbCdEf0123456789-bCdEf0123456789_bCdEf01234";

    fn id(raw: &str) -> ClientId {
        ClientId::clean(raw).unwrap().0
    }

    fn client(id_value: &str, secret: &str) -> Client {
        Client { id: id(id_value), secret: Secret::from(secret) }
    }

    #[test]
    fn the_id_is_abbreviated_wherever_it_is_printed() {
        let whole = id(ID);
        assert_eq!(format!("{whole} {whole:?}"), "1111…5555 1111…5555");
        assert_eq!(format!("{:?}", client(ID, SECRET)), "Client { id: 1111…5555, secret: **** }");
        assert_eq!(whole.as_str(), ID);
    }

    #[test]
    fn a_short_id_never_shows_more_than_half() {
        for (raw, shown) in
            [("abc", "…"), ("abcd", "a…d"), ("abcdefghijklmno", "abc…mno"), ("äöüßäöüß", "??…??")]
        {
            assert_eq!(id(raw).to_string(), shown);
        }
    }

    #[test]
    fn a_secret_given_as_the_id_shows_nothing() {
        assert_eq!(id(SECRET).to_string(), "…");
        assert_eq!(id(client(ID, SECRET).basic_credentials().expose()).to_string(), "…");
    }

    #[test]
    fn basic_credentials_are_one_line_of_standard_base64() {
        // 36 + 1 + 43 bytes: too long for the line of many a base64 command.
        let basic = client(ID, SECRET).basic_credentials();
        assert_eq!(basic.expose().len(), 108);
        assert_eq!(STANDARD.decode(basic.expose()).unwrap(), format!("{ID}:{SECRET}").into_bytes());
        assert_eq!(client("a", "?>~%").basic_credentials().expose(), "YTo/Pn4l");
    }
}
