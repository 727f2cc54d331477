//! Sealing: a readable header and an encrypted payload, authenticated under a key derived from the client secret.
//!
//! A sealed record is two lines: the header (JSON) and the payload (base64). The payload is encrypted with
//! AES-256-GCM under a key derived from the secret and a salt; header and record name are authenticated with it.
//! The salt is random per record, so each key seals one message and the nonce can be constant.
//!
//! # Limitations
//!
//! - **The secret opens and forges records.** It also buys a token from the login server.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;
use ring::aead;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::derived_keys::DerivedKeys;
use crate::random::Random;

const SALT_BYTES: usize = 32;
/// Characters of a salt in base64 without padding.
const SALT_LEN: usize = (SALT_BYTES * 4).div_ceil(3);

/// A header with the salt of its record.
#[derive(Serialize, Deserialize)]
struct Salted<H> {
    salt: String,
    #[serde(flatten)]
    header: H,
}

/// A header of a record that shows nothing.
#[derive(Serialize, Deserialize)]
struct NoHeader {}

/// A record is not intact, or not ours. For the caller it is a miss.
#[derive(Debug, PartialEq, Eq)]
pub struct InvalidRecord;

/// Seals `payload` with `header` under `keys`, bound to `name`; `None` when the system has no randomness.
pub fn seal<H: Serialize>(
    keys: &DerivedKeys,
    name: &str,
    header: &H,
    payload: &[u8],
    random: &dyn Random,
) -> Option<Vec<u8>> {
    let mut salt = [0; SALT_BYTES];
    if !random.fill(&mut salt) {
        return None;
    }
    let mut record = serde_json::to_vec(&Salted { salt: BASE64.encode(salt), header }).ok()?;
    let mut sealed = payload.to_vec();
    keys.sealing_key(&salt)
        .seal_in_place_append_tag(nonce(), aead::Aad::from(bound(name, &record)), &mut sealed)
        .ok()?;
    record.push(b'\n');
    record.extend_from_slice(BASE64.encode(sealed).as_bytes());
    record.push(b'\n');
    Some(record)
}

/// Parses the header without any proof that it is genuine, for callers that have no secret.
///
/// # Errors
/// The record does not have our form.
pub fn peek<'a, H: Deserialize<'a>>(record: &'a [u8]) -> Result<H, InvalidRecord> {
    let (header, _) = split(record)?;
    serde_json::from_slice::<H>(header).map_err(|_| InvalidRecord)
}

/// Opens a record that [`seal`] made with the same `keys` and `name`.
///
/// # Errors
/// It does not have our form, was altered in any bit, has another name, or was sealed under another secret.
pub fn open<'a, H: Deserialize<'a>>(
    keys: &DerivedKeys,
    name: &str,
    record: &'a [u8],
) -> Result<(H, Zeroizing<Vec<u8>>), InvalidRecord> {
    let (header, payload) = split(record)?;
    let salt = salt_of(header).ok_or(InvalidRecord)?;
    let mut sealed = Zeroizing::new(BASE64.decode(payload).map_err(|_| InvalidRecord)?);
    let length = keys
        .sealing_key(&salt)
        .open_in_place(nonce(), aead::Aad::from(bound(name, header)), &mut sealed)
        .map_err(|_| InvalidRecord)?
        .len();
    sealed.truncate(length);
    let header = serde_json::from_slice(header).map_err(|_| InvalidRecord)?;
    Ok((header, sealed))
}

/// Seals `payload` as JSON, with nothing readable, under `keys`, bound to `name`; `None` when the system has no randomness.
pub(super) fn seal_json<P: Serialize>(
    keys: &DerivedKeys,
    name: &str,
    payload: &P,
    random: &dyn Random,
) -> Option<Vec<u8>> {
    let payload = Zeroizing::new(serde_json::to_vec(payload).ok()?);
    seal(keys, name, &NoHeader {}, &payload, random)
}

/// Opens a record that [`seal_json`] made with the same `keys` and `name`.
///
/// # Errors
/// As [`open`], or its payload has another form.
pub(super) fn open_json<P: DeserializeOwned>(
    keys: &DerivedKeys,
    name: &str,
    record: &[u8],
) -> Result<P, InvalidRecord> {
    let (NoHeader {}, payload) = open(keys, name, record)?;
    serde_json::from_slice(&payload).map_err(|_| InvalidRecord)
}

/// The salt, with which every header begins. A hit has no time to parse the header once more for it.
fn salt_of(header: &[u8]) -> Option<[u8; SALT_BYTES]> {
    let text = header.strip_prefix(br#"{"salt":""#)?.get(..SALT_LEN)?;
    let mut salt = [0; SALT_BYTES];
    let length = BASE64.decode_slice(text, &mut salt).ok()?;
    (length == SALT_BYTES).then_some(salt)
}

fn split(record: &[u8]) -> Result<(&[u8], &[u8]), InvalidRecord> {
    let body = record.strip_suffix(b"\n").ok_or(InvalidRecord)?;
    let end = body.iter().position(|&byte| byte == b'\n').ok_or(InvalidRecord)?;
    Ok((&body[..end], &body[end + 1..]))
}

/// Constant, since each key seals one message only.
fn nonce() -> aead::Nonce {
    aead::Nonce::assume_unique_for_key([0; aead::NONCE_LEN])
}

fn bound(name: &str, header: &[u8]) -> Vec<u8> {
    [name.as_bytes(), b"\n", header].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::ClientSecret;

    fn keys(secret: &str) -> DerivedKeys {
        DerivedKeys::new(&ClientSecret::parse(secret).unwrap().0)
    }

    struct Fixed;
    impl Random for Fixed {
        fn fill(&self, bytes: &mut [u8]) -> bool {
            bytes.fill(7);
            true
        }
    }

    #[derive(Serialize, Deserialize, PartialEq, Debug)]
    struct Header {
        n: u32,
    }

    fn record() -> Vec<u8> {
        seal(&keys("secret"), "name", &Header { n: 3 }, b"token", &Fixed).unwrap()
    }

    #[test]
    fn a_record_opens_with_the_secret_and_name_it_was_sealed_with() {
        let record = record();
        let (header, payload) = open::<Header>(&keys("secret"), "name", &record).unwrap();
        assert_eq!((header, payload.as_slice()), (Header { n: 3 }, b"token".as_slice()));
        assert_eq!(peek::<Header>(&record).unwrap(), Header { n: 3 });
    }

    #[test]
    fn another_secret_or_name_opens_no_record() {
        assert!(open::<Header>(&keys("other"), "name", &record()).is_err());
        assert!(open::<Header>(&keys("secret"), "other", &record()).is_err());
    }

    #[test]
    fn a_record_with_a_flipped_bit_or_a_cut_does_not_open() {
        let record = record();
        for at in 0..record.len() {
            for bit in 0..8 {
                let mut flipped = record.clone();
                flipped[at] ^= 1 << bit;
                assert!(open::<Header>(&keys("secret"), "name", &flipped).is_err(), "{at}:{bit}");
            }
            assert!(open::<Header>(&keys("secret"), "name", &record[..at]).is_err(), "{at}");
        }
    }
}
