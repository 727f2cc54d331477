//! What the cache keeps of the client secret while it runs: the root from which its keys are derived.
//!
//! HKDF-SHA-256 (RFC 5869) in its two steps: one extract per call, which is the costly one, and an expand for
//! each purpose. A purpose is a label and what is particular to it: the key's digest for a file's tag, a file's
//! random salt for the key it is sealed with.

use ring::{aead, hkdf};

use crate::secret::Secret;

const EXTRACT: &[u8] = b"genesys-token cache v1";
const TAG: &[u8] = b"tag";
const SEAL: &[u8] = b"seal";

/// How many bytes of a file's name tell secrets apart.
const TAG_BYTES: usize = 8;

/// The root of all keys of one secret. The secret can't be had back from it.
#[derive(Clone, Debug)]
pub struct Root(hkdf::Prk);

impl Root {
    /// The root of `secret`.
    pub fn new(secret: &Secret) -> Self {
        Self(hkdf::Salt::new(hkdf::HKDF_SHA256, EXTRACT).extract(secret.expose().as_bytes()))
    }

    /// What tells this secret's files from those of others with the same `digest`.
    pub(super) fn tag(&self, digest: &[u8]) -> [u8; TAG_BYTES] {
        struct Length;
        impl hkdf::KeyType for Length {
            fn len(&self) -> usize {
                TAG_BYTES
            }
        }
        let mut tag = [0; TAG_BYTES];
        self.0
            .expand(&[TAG, digest], Length)
            .and_then(|okm| okm.fill(&mut tag))
            .expect("8 bytes are within what HKDF-SHA-256 can give (RFC 5869 section 2.3)");
        tag
    }

    /// The key that seals the one file with this random `salt`.
    pub(super) fn sealing_key(&self, salt: &[u8]) -> aead::LessSafeKey {
        let info = [SEAL, salt];
        let okm = self.0.expand(&info, &aead::AES_256_GCM);
        aead::LessSafeKey::new(aead::UnboundKey::from(
            okm.expect("32 bytes are within what HKDF-SHA-256 can give"),
        ))
    }
}
