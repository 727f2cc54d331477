//! The names in the cache directory: what a file belongs to, and for whom.
//!
//! A name is the SHA-256 of a canonical encoding of login server, client id and scopes, plus a 64-bit tag
//! derived from the secret. Callers with different secrets so never meet in one file, not even in the middle
//! of a rotation. A guessable secret could be tried offline against the tag; Genesys' are random, 256 bits.

use ring::digest;

use super::root::Root;
use crate::scope::Scopes;

/// Changes with the encoding below, so that two versions of the program never share a name.
const VERSION: &[u8] = b"genesys-token cache key v1";

/// Ending of a sealed token.
pub const TOKEN: &str = ".token";
/// Ending of a sealed note.
pub const NOTE: &str = ".note";
/// Ending of a lock file.
pub const LOCK: &str = ".lock";
/// How the name of a file that is being written begins.
pub const TEMPORARY: &str = ".writing-";

/// What a file of ours holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// A sealed token.
    Token,
    /// A sealed note.
    Note,
    /// What is being written, or was when its writer was killed.
    Unfinished,
}

impl Content {
    /// What a file of this name holds; `None` when it is a lock, which is never touched, or none of ours.
    pub fn of(name: &str) -> Option<Self> {
        if name.starts_with(TEMPORARY) {
            return Some(Self::Unfinished);
        }
        [(TOKEN, Self::Token), (NOTE, Self::Note)].into_iter().find_map(|(ending, content)| {
            name.strip_suffix(ending).is_some_and(Key::is_key).then_some(content)
        })
    }
}

/// The file stem of one key: `<64 hex digits>-<16 hex digits>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key(String);

impl Key {
    /// The key of `client_id`, asking `login_url` for `scopes`, known to whoever has the secret of `root`.
    pub fn new(login_url: &str, client_id: &str, scopes: &Scopes, root: &Root) -> Self {
        let mut encoding = Vec::with_capacity(256);
        let mut field = |bytes: &[u8]| {
            // Length-prefixed, so that no two lists of fields have one encoding.
            encoding.extend_from_slice(&(bytes.len() as u64).to_be_bytes());
            encoding.extend_from_slice(bytes);
        };
        field(VERSION);
        field(login_url.as_bytes());
        field(client_id.as_bytes());
        scopes.iter().for_each(|scope| field(scope.as_bytes()));
        let digest = digest::digest(&digest::SHA256, &encoding);

        Self([hex(digest.as_ref()).as_str(), "-", &hex(&root.tag(digest.as_ref()))].concat())
    }

    /// The stem itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether `stem` could have come from [`Key::new`].
    pub fn is_key(stem: &str) -> bool {
        let digits = |part: &str| part.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        stem.split_once('-')
            .is_some_and(|(key, tag)| key.len() == 64 && tag.len() == 16 && digits(key) && digits(tag))
    }
}

/// `bytes` in lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from(b"0123456789abcdef"[usize::from(nibble)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::Secret;

    fn key(login: &str, id: &str, scopes: &[&str], secret: &str) -> Key {
        Key::new(
            login,
            id,
            &Scopes::parse(scopes.iter().copied()).unwrap(),
            &Root::new(&Secret::from(secret)),
        )
    }

    #[test]
    fn the_order_and_the_number_of_scopes_do_not_matter() {
        assert_eq!(key("l", "c", &["b", "a", "a"], "s"), key("l", "c", &["a b"], "s"));
    }

    #[test]
    fn every_part_matters_and_no_part_runs_into_the_next() {
        let base = key("l", "c", &["a"], "s");
        for other in [
            key("l2", "c", &["a"], "s"),
            key("l", "c2", &["a"], "s"),
            key("l", "c", &["a", "b"], "s"),
            key("l", "ca", &[], "s"),
            key("lc", "", &["a"], "s"),
            key("l", "c", &["a"], "s2"),
        ] {
            assert_ne!(base, other);
        }
    }

    #[test]
    fn another_secret_changes_the_tag_alone() {
        let (one, two) = (key("l", "c", &[], "s"), key("l", "c", &[], "s2"));
        assert_eq!(one.as_str()[..64], two.as_str()[..64]);
        assert_ne!(one.as_str()[65..], two.as_str()[65..]);
        assert!(Key::is_key(one.as_str()));
        assert!(!Key::is_key("README-md"));
    }
}
