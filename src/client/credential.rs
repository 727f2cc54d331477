//! A client id with its secret.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::shape::{has_encoded_pair, is_secret};
use crate::secret::Secret;

/// How many characters of each end of a client id are shown.
const SHOWN_END: usize = 4;

/// The id of an OAuth client: not empty, no colon, no white space, nothing invisible.
///
/// It is no secret, but whole ids make logs longer and attacks easier: `Display` and `Debug` abbreviate it.
#[derive(Clone, PartialEq, Eq)]
pub struct ClientId(pub(super) String);

/// The secret of an OAuth client: not empty, no white space, nothing invisible.
///
/// `Debug` prints `****`; [`ClientSecret::expose`] marks every place where the value leaves the type.
#[derive(Clone, PartialEq, Eq)]
pub struct ClientSecret(pub(super) Secret);

/// The credential of an OAuth client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// Its id.
    pub id: ClientId,
    /// Its secret.
    pub secret: ClientSecret,
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
        let end = SHOWN_END.min(length / 4);
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

impl ClientSecret {
    /// The secret itself. The caller keeps it out of argv, logs and errors.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    /// The client secret as any other secret, for masking.
    pub(crate) fn as_secret(&self) -> &Secret {
        &self.0
    }
}

impl fmt::Debug for ClientSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl Client {
    /// The value of an `Authorization: Basic` header (RFC 7617), without the word `Basic`.
    ///
    /// RFC 6749 section 2.3.1 would percent-encode both parts first. None of Genesys' SDKs does, and for the
    /// characters of their credentials it makes no difference.
    pub fn basic_credentials(&self) -> Secret {
        let (id, secret) = (self.id.as_str(), self.secret.expose());
        // Allocated at its full size: growing would leave unwiped copies behind.
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
        ClientId(raw.to_owned())
    }

    fn client(id_value: &str, secret: &str) -> Client {
        Client { id: id(id_value), secret: ClientSecret(Secret::from(secret)) }
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
