//! What looks wrong with a credential but may be right.

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use zeroize::Zeroizing;

use super::{Client, ClientId};

/// The characters of a client secret of Genesys'.
const SECRET_LENGTH: usize = 43;

/// Something about a credential that looks wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Doubt {
    /// What, without either value.
    pub sentence: String,
    /// Whether it looks like a known mistake, and not only unusual.
    pub is_mistake: bool,
}

impl Doubt {
    fn mistake(sentence: impl Into<String>) -> Self {
        Self { sentence: sentence.into(), is_mistake: true }
    }

    fn unusual(sentence: String) -> Self {
        Self { sentence, is_mistake: false }
    }
}

impl Client {
    /// A sentence for each thing that looks wrong but may be right. Never contains either value.
    pub fn warnings(&self) -> Vec<String> {
        self.doubts().into_iter().map(|doubt| doubt.sentence).collect()
    }

    /// What looks wrong, and how surely. Never contains either value.
    pub fn doubts(&self) -> Vec<Doubt> {
        let (id, secret) = (self.id.as_str(), self.secret.expose());
        if is_secret(id) && is_uuid(secret) {
            return vec![Doubt::mistake("client id and client secret look swapped")];
        }
        [id_doubt(id), secret_doubt(secret, id)].into_iter().flatten().collect()
    }
}

fn id_doubt(id: &str) -> Option<Doubt> {
    if is_uuid(id) {
        None
    } else if is_quoted(id) {
        Some(quotes_doubt(ClientId::WHAT))
    } else if has_encoded_pair(id) {
        Some(Doubt::mistake("the client id looks like base64 of id and secret: give each by itself"))
    } else {
        let length = id.chars().count();
        let sentence =
            format!("unusual client id of {length} characters, Genesys' are UUIDs of 36 characters");
        Some(Doubt::unusual(sentence))
    }
}

fn secret_doubt(secret: &str, id: &str) -> Option<Doubt> {
    let mistake = if is_secret(secret) {
        return None;
    } else if secret == id {
        "the client secret is the same as the client id"
    } else if is_uuid(secret) {
        "the client secret looks like a client id: it is a UUID"
    } else if is_quoted(secret) {
        return Some(quotes_doubt("client secret"));
    } else if is_pair(secret.as_bytes()) {
        "the client secret looks like id and secret in one: give each by itself"
    } else if has_encoded_pair(secret) {
        "the client secret looks like base64 of id and secret: give the secret alone, as Genesys shows it"
    } else {
        // The exact length of a secret is nobody's business.
        let how = match secret.chars().count() {
            length if length < SECRET_LENGTH => "shorter",
            length if length > SECRET_LENGTH => "longer",
            _ => "made of other characters",
        };
        return Some(Doubt::unusual(format!(
            "unusual client secret, {how} than usual: Genesys' are {SECRET_LENGTH} characters of A-Z a-z 0-9 - _"
        )));
    };
    Some(Doubt::mistake(mistake))
}

fn quotes_doubt(what: &str) -> Doubt {
    Doubt::mistake(format!("the {what} is in quotes, which are sent as a part of it: Genesys' have none"))
}

fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, b)| match at {
            8 | 13 | 18 | 23 => b == b'-',
            _ => b.is_ascii_hexdigit(),
        })
}

/// Whether `text` has the shape of Genesys' secrets: 256 bits in base64url.
pub(super) fn is_secret(text: &str) -> bool {
    text.len() == SECRET_LENGTH && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
}

fn is_quoted(text: &str) -> bool {
    [('"', '"'), ('\'', '\''), ('`', '`'), ('“', '”'), ('‘', '’')]
        .iter()
        .any(|(open, close)| text.strip_prefix(*open).is_some_and(|rest| rest.ends_with(*close)))
}

/// Whether `bytes` are `id:secret`.
fn is_pair(bytes: &[u8]) -> bool {
    bytes
        .split_at_checked(36)
        .is_some_and(|(id, rest)| rest.starts_with(b":") && std::str::from_utf8(id).is_ok_and(is_uuid))
}

/// Whether `text` is base64 of `id:secret`.
pub(super) fn has_encoded_pair(text: &str) -> bool {
    // 36 characters and a colon are 50 in base64: no UUID and no secret is ever decoded.
    text.len() >= 50
        && STANDARD_NO_PAD
            .decode(text.trim_end_matches('='))
            .is_ok_and(|bytes| is_pair(&Zeroizing::new(bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::Secret;

    const ID: &str = "11111111-2222-3333-4444-555555555555";
    const SECRET: &str = "AbCdEf0123456789-bCdEf0123456789_bCdEf01234";

    fn client(id_value: &str, secret: &str) -> Client {
        Client { id: ClientId::clean(id_value).unwrap().0, secret: Secret::from(secret) }
    }

    #[test]
    fn the_usual_shape_raises_no_warning() {
        assert!(client(ID, SECRET).warnings().is_empty());
        assert!(client("ABCDEF01-2222-3333-4444-555555555555", SECRET).warnings().is_empty());
    }

    #[test]
    fn pastes_that_may_be_right_are_warnings() {
        let basic = client(ID, SECRET).basic_credentials();
        let unpadded = basic.expose().trim_end_matches('=').to_owned();
        for (id, secret, expected) in [
            (SECRET, ID, "client id and client secret look swapped"),
            (ID, ID, "the client secret is the same as the client id"),
            (ID, "21111111-2222-3333-4444-555555555555", "the client secret looks like a client id"),
            (ID, &format!("'{SECRET}'"), "the client secret is in quotes"),
            (&format!("“{ID}”"), SECRET, "the client id is in quotes"),
            (ID, &format!("{ID}:{SECRET}"), "the client secret looks like id and secret in one"),
            (ID, basic.expose(), "the client secret looks like base64 of id and secret"),
            (ID, &unpadded, "the client secret looks like base64 of id and secret"),
            (&unpadded, SECRET, "the client id looks like base64 of id and secret"),
            ("ci-client", SECRET, "unusual client id of 9 characters, Genesys' are UUIDs"),
            (ID, "tiny", "unusual client secret, shorter than usual: Genesys' are 43"),
            (ID, &SECRET.repeat(2), "unusual client secret, longer than usual"),
            (ID, &SECRET.replace('_', "+"), "unusual client secret, made of other characters than usual"),
        ] {
            let warnings = client(id, secret).warnings();
            assert_eq!(warnings.len(), 1, "{warnings:?}");
            assert!(warnings[0].starts_with(expected), "{warnings:?}");
            for value in [id, secret] {
                assert!(!warnings[0].contains(value), "{warnings:?}");
            }
        }
    }

    #[test]
    fn a_lone_quote_is_no_pair_of_quotes() {
        assert!(!is_quoted("\""));
        assert!(is_quoted("\"\""));
    }
}
