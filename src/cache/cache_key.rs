//! What a token is cached for, and the name of its entry.
//!
//! The name is the SHA-256 of a canonical encoding of login server, client id, scopes and lane, and a 64-bit tag derived
//! from the secret. So callers with different secrets never share an entry, not even in the middle of a rotation. A
//! guessable secret could be tried offline against the tag; Genesys' secrets are random, 256 bits.

use ring::digest;

use super::derived_keys::DerivedKeys;
use crate::base_url::BaseUrl;
use crate::client::ClientId;
use crate::lane::Lane;
use crate::scope::Scopes;
use crate::store::EntryName;

/// Changes with the encoding below, so that two versions of the program never share a name.
const VERSION: &[u8] = b"genesys-token cache key v1";
/// Instead of it in front of a lane, so that lane `x` is not scope `x`.
const VERSION_WITH_LANE: &[u8] = b"genesys-token cache key v1 with lane";

/// What a token is cached for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CacheKey {
    /// The client.
    pub client_id: ClientId,
    /// The login server.
    pub login_url: BaseUrl,
    /// The requested scopes.
    pub scopes: Scopes,
    /// The lane, if the token is one of its own.
    pub lane: Option<Lane>,
}

impl CacheKey {
    /// The name of the entry, for callers with the secret of `keys`.
    pub fn entry_name(&self, keys: &DerivedKeys) -> EntryName {
        self.name(self.lane.as_ref(), keys)
    }

    /// The name of what all lanes of the client share.
    pub fn client_entry_name(&self, keys: &DerivedKeys) -> EntryName {
        self.name(None, keys)
    }

    fn name(&self, lane: Option<&Lane>, keys: &DerivedKeys) -> EntryName {
        let mut encoding = Vec::with_capacity(256);
        let mut field = |bytes: &[u8]| {
            // Prefixed with its length, so that no two lists of fields have the same encoding.
            encoding.extend_from_slice(&(bytes.len() as u64).to_be_bytes());
            encoding.extend_from_slice(bytes);
        };
        match lane {
            None => field(VERSION),
            Some(lane) => {
                field(VERSION_WITH_LANE);
                field(lane.as_str().as_bytes());
            }
        }
        field(self.login_url.as_str().as_bytes());
        field(self.client_id.as_str().as_bytes());
        self.scopes.iter().for_each(|scope| field(scope.as_bytes()));
        let digest = digest::digest(&digest::SHA256, &encoding);
        let digest = digest.as_ref().try_into().expect("a SHA-256 digest has 32 bytes");
        EntryName::new(digest, keys.tag(&digest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::ClientSecret;

    fn cache_key(login_url: &str, client_id: &str, scopes: &[&str], lane: Option<&str>) -> CacheKey {
        CacheKey {
            client_id: ClientId::parse(client_id).unwrap().0,
            login_url: BaseUrl::parse(login_url).unwrap(),
            scopes: Scopes::parse(scopes.iter().copied()).unwrap(),
            lane: lane.map(|lane| Lane::parse(lane, "--lane").unwrap()),
        }
    }

    fn name_of(key: &CacheKey, secret: &str) -> String {
        key.entry_name(&DerivedKeys::new(&ClientSecret::parse(secret).unwrap().0)).as_str().to_owned()
    }

    fn name(login_url: &str, client_id: &str, scopes: &[&str], secret: &str) -> String {
        name_of(&cache_key(login_url, client_id, scopes, None), secret)
    }

    #[test]
    fn a_lane_has_a_name_of_its_own_that_no_scope_can_have() {
        let in_lane = |scopes: &[&str], lane| name_of(&cache_key("https://l", "c", scopes, Some(lane)), "s");
        let names = [
            name("https://l", "c", &[], "s"),
            name("https://l", "c", &["x"], "s"),
            in_lane(&[], "x"),
            in_lane(&["x"], "x"),
            in_lane(&["x"], "y"),
            in_lane(&["y"], "x"),
        ];
        for (index, one) in names.iter().enumerate() {
            assert!(!names[..index].contains(one), "{index}");
        }
        let keys = DerivedKeys::new(&ClientSecret::parse("s").unwrap().0);
        let client_entry = cache_key("https://l", "c", &["x"], Some("y")).client_entry_name(&keys);
        assert_eq!(client_entry.as_str(), names[1]);
    }

    #[test]
    fn the_order_and_the_number_of_scopes_do_not_matter() {
        assert_eq!(name("https://l", "c", &["b", "a", "a"], "s"), name("https://l", "c", &["a b"], "s"));
    }

    #[test]
    fn every_part_matters_and_no_part_runs_into_the_next() {
        let base = name("https://l", "c", &["a"], "s");
        for other in [
            name("https://l2", "c", &["a"], "s"),
            name("https://l", "c2", &["a"], "s"),
            name("https://l", "c", &["a", "b"], "s"),
            name("https://l", "ca", &[], "s"),
            name("https://lc", "a", &[], "s"),
            name("https://l", "c", &["a"], "s2"),
        ] {
            assert_ne!(base, other);
        }
    }

    #[test]
    fn another_secret_changes_the_tag_alone() {
        let (one, two) = (name("https://l", "c", &[], "s"), name("https://l", "c", &[], "s2"));
        assert_eq!(one[..64], two[..64]);
        assert_ne!(one[65..], two[65..]);
    }

    #[test]
    fn a_name_is_the_same_in_every_release() {
        assert_eq!(
            name("https://login.mypurecloud.com", "11111111-2222-3333-4444-555555555555", &["a"], "secret"),
            "0dfd9a79762707690b623fa40e0c8c074eefa07f0138f8c614541b5d5e7ba156-802531e5fda3b0c7"
        );
    }
}
