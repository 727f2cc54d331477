//! The keys that the cache derives from a client secret.
//!
//! HKDF-SHA-256 (RFC 5869) in its two steps: one extract per call, which is the costly one, and one expand per
//! purpose. A purpose is a label and what is particular to it: the cache key's digest for the tag in an entry's name,
//! a record's random salt for the key that seals it, in its place.

use ring::{aead, hkdf};

use crate::client::ClientSecret;

const EXTRACT: &[u8] = b"genesys-token cache v1";
const TAG: &[u8] = b"tag";
const SEAL_FOR_DISK: &[u8] = b"seal";
const SEAL_FOR_BUILD: &[u8] = b"seal for the build";
const SEAL_FOR_FLEET: &[u8] = b"seal for the fleet";

/// How many bytes of an entry's name tell secrets apart.
const TAG_BYTES: usize = 8;

/// All keys of one client secret, which can't be recovered from them.
#[derive(Clone, Debug)]
pub struct DerivedKeys {
    prk: hkdf::Prk,
    /// A record that is sealed for one place opens in no other.
    seal: &'static [u8],
}

impl DerivedKeys {
    /// The keys of `secret`.
    pub fn new(secret: &ClientSecret) -> Self {
        let prk = hkdf::Salt::new(hkdf::HKDF_SHA256, EXTRACT).extract(secret.expose().as_bytes());
        Self { prk, seal: SEAL_FOR_DISK }
    }

    /// The same keys for what one agent of a build hands to the next.
    #[must_use]
    pub fn for_build(&self) -> Self {
        Self { prk: self.prk.clone(), seal: SEAL_FOR_BUILD }
    }

    /// The same keys for what the machines of a fleet share.
    #[must_use]
    pub fn for_fleet(&self) -> Self {
        Self { prk: self.prk.clone(), seal: SEAL_FOR_FLEET }
    }

    /// What tells this secret's entries from those of other secrets with the same `digest`.
    pub(super) fn tag(&self, digest: &[u8]) -> [u8; TAG_BYTES] {
        struct Length;
        impl hkdf::KeyType for Length {
            fn len(&self) -> usize {
                TAG_BYTES
            }
        }
        let mut tag = [0; TAG_BYTES];
        self.prk
            .expand(&[TAG, digest], Length)
            .and_then(|okm| okm.fill(&mut tag))
            .expect("HKDF-SHA-256 can give 8 bytes (RFC 5869 section 2.3)");
        tag
    }

    /// The key that seals the one record with this random `salt`.
    pub(super) fn sealing_key(&self, salt: &[u8]) -> aead::LessSafeKey {
        let info = [self.seal, salt];
        let okm = self.prk.expand(&info, &aead::AES_256_GCM);
        aead::LessSafeKey::new(aead::UnboundKey::from(okm.expect("HKDF-SHA-256 can give 32 bytes")))
    }
}
