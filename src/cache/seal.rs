//! Sealing: a readable header and a hidden payload, both under a key that only the client secret opens.
//!
//! A sealed file is two lines: the header (JSON) and the payload (base64). The payload is encrypted with
//! AES-256-GCM under a key derived from the secret and a salt; header and file name are authenticated with it.
//! The salt is random per file, so each key seals one message and the nonce can be constant.
//!
//! Limitation: **whoever has the secret can open and forge files.** He could ask for a token as well.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;
use ring::aead;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::root::Root;
use crate::random::Random;

const SALT_BYTES: usize = 32;
/// A token of 16 KiB in base64 with its header fits; nothing we write is longer.
pub const FILE_LIMIT: usize = 64 * 1024;

/// A header with the salt of its file.
#[derive(Serialize, Deserialize)]
struct Salted<H> {
    salt: String,
    #[serde(flatten)]
    header: H,
}

/// Why a file could not be opened. For the caller every one of them is a miss.
#[derive(Debug, PartialEq, Eq)]
pub struct Unreadable;

/// Seals `payload` under `root`, bound to `name`; `None` when the system has no randomness.
pub fn seal<H: Serialize>(
    root: &Root,
    name: &str,
    header: &H,
    payload: &[u8],
    random: &dyn Random,
) -> Option<Vec<u8>> {
    let mut salt = [0; SALT_BYTES];
    if !random.fill(&mut salt) {
        return None;
    }
    let mut file = serde_json::to_vec(&Salted { salt: BASE64.encode(salt), header }).ok()?;
    let mut sealed = payload.to_vec();
    root.sealing_key(&salt)
        .seal_in_place_append_tag(nonce(), aead::Aad::from(bound(name, &file)), &mut sealed)
        .ok()?;
    file.push(b'\n');
    file.extend_from_slice(BASE64.encode(sealed).as_bytes());
    file.push(b'\n');
    Some(file)
}

/// Reads the header without any proof that it is genuine: for housekeeping, which has no secret.
///
/// # Errors
/// The file is not of our form.
pub fn peek<'a, H: Deserialize<'a>>(file: &'a [u8]) -> Result<H, Unreadable> {
    let (header, _) = split(file)?;
    serde_json::from_slice::<H>(header).map_err(|_| Unreadable)
}

/// Opens a file sealed by [`seal`] with the same `root` and `name`.
///
/// # Errors
/// Not of our form, altered in any bit, of another name, or sealed with another secret.
pub fn open<'a, H: Deserialize<'a>>(
    root: &Root,
    name: &str,
    file: &'a [u8],
) -> Result<(H, Zeroizing<Vec<u8>>), Unreadable> {
    #[derive(Deserialize)]
    struct Salt<'a> {
        #[serde(borrow)]
        salt: &'a str,
    }
    let (header, payload) = split(file)?;
    let mut salt = [0; SALT_BYTES];
    let text = serde_json::from_slice::<Salt>(header).map_err(|_| Unreadable)?.salt;
    match BASE64.decode_slice(text, &mut salt) {
        Ok(SALT_BYTES) => {}
        _ => return Err(Unreadable),
    }
    let mut sealed = Zeroizing::new(BASE64.decode(payload).map_err(|_| Unreadable)?);
    let length = root
        .sealing_key(&salt)
        .open_in_place(nonce(), aead::Aad::from(bound(name, header)), &mut sealed)
        .map_err(|_| Unreadable)?
        .len();
    sealed.truncate(length);
    let header = serde_json::from_slice(header).map_err(|_| Unreadable)?;
    Ok((header, sealed))
}

fn split(file: &[u8]) -> Result<(&[u8], &[u8]), Unreadable> {
    let body = file.strip_suffix(b"\n").ok_or(Unreadable)?;
    let end = body.iter().position(|&byte| byte == b'\n').ok_or(Unreadable)?;
    Ok((&body[..end], &body[end + 1..]))
}

/// Constant, since each key is used for one message only.
fn nonce() -> aead::Nonce {
    aead::Nonce::assume_unique_for_key([0; aead::NONCE_LEN])
}

fn bound(name: &str, header: &[u8]) -> Vec<u8> {
    [name.as_bytes(), b"\n", header].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::Secret;

    fn root(secret: &str) -> Root {
        Root::new(&Secret::from(secret))
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

    fn file() -> Vec<u8> {
        seal(&root("secret"), "name", &Header { n: 3 }, b"token", &Fixed).unwrap()
    }

    #[test]
    fn what_was_sealed_opens_with_the_same_secret_and_name() {
        let file = file();
        let (header, payload) = open::<Header>(&root("secret"), "name", &file).unwrap();
        assert_eq!((header, payload.as_slice()), (Header { n: 3 }, b"token".as_slice()));
        assert_eq!(peek::<Header>(&file).unwrap(), Header { n: 3 });
    }

    #[test]
    fn another_secret_or_name_does_not_open_it() {
        assert!(open::<Header>(&root("other"), "name", &file()).is_err());
        assert!(open::<Header>(&root("secret"), "other", &file()).is_err());
    }

    #[test]
    fn a_flipped_bit_anywhere_or_a_cut_at_any_length_does_not_open() {
        let file = file();
        for at in 0..file.len() {
            for bit in 0..8 {
                let mut flipped = file.clone();
                flipped[at] ^= 1 << bit;
                assert!(open::<Header>(&root("secret"), "name", &flipped).is_err(), "{at}:{bit}");
            }
            assert!(open::<Header>(&root("secret"), "name", &file[..at]).is_err(), "{at}");
        }
    }
}
