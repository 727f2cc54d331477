//! Whose token an answer has: what `bind` and `exec` tell the calls inside of them.

use serde::{Deserialize, Serialize};

use crate::cache::CacheKey;
use crate::token::AccessToken;

/// Hexadecimal digits. Enough to tell a client's own tokens from any other, too few to find a token by.
const DIGEST_LEN: usize = 16;

/// Whose token it is, as one line of JSON in `GENESYS_TOKEN_OF`. Each value in its canonical form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct TokenOf {
    /// Base URL of the login server.
    pub(crate) login_url: String,
    /// AWS name of the region.
    pub(crate) region: String,
    /// The client id.
    pub(crate) client_id: String,
    /// The requested scopes, in order, separated by spaces.
    pub(crate) scopes: String,
    /// The lane, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) lane: Option<String>,
    /// The first 16 hexadecimal digits of the token's SHA-256.
    #[serde(rename = "token")]
    token_digest: String,
}

impl TokenOf {
    /// `token` was fetched for `cache_key`, in the region of this AWS name.
    pub(crate) fn new(cache_key: &CacheKey, region: &str, token: &AccessToken) -> Self {
        Self {
            login_url: cache_key.login_url.as_str().to_owned(),
            region: region.to_owned(),
            client_id: cache_key.client_id.as_str().to_owned(),
            scopes: cache_key.scopes.to_string(),
            lane: cache_key.lane.as_ref().map(ToString::to_string),
            token_digest: Self::digest_of(token),
        }
    }

    fn digest_of(token: &AccessToken) -> String {
        let mut digits = token.digest();
        digits.truncate(DIGEST_LEN);
        digits
    }

    /// Whether it speaks of `token`.
    pub(crate) fn is_of(&self, token: &AccessToken) -> bool {
        self.token_digest == Self::digest_of(token)
    }

    /// One line of JSON.
    pub(crate) fn to_json(&self) -> String {
        serde_json::to_string(self).expect("strings are JSON")
    }

    /// Parses [`TokenOf::to_json`]; `None` for anything else.
    pub(crate) fn parse(json: &str) -> Option<Self> {
        serde_json::from_str(json).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base_url::BaseUrl;
    use crate::client::ClientId;
    use crate::lane::Lane;
    use crate::scope::Scopes;

    #[test]
    fn the_json_form_is_pinned() {
        let token = AccessToken::parse("abc").unwrap();
        let cache_key = CacheKey {
            login_url: BaseUrl::parse("https://login.mypurecloud.de/").unwrap(),
            client_id: ClientId::parse("a-client").unwrap().0,
            scopes: Scopes::parse(["users routing"]).unwrap(),
            lane: None,
        };
        let of = TokenOf::new(&cache_key, "eu-central-1", &token);
        let json = r#"{"login_url":"https://login.mypurecloud.de","region":"eu-central-1","client_id":"a-client","scopes":"routing users","token":"ba7816bf8f01cfea"}"#;
        assert_eq!(of.to_json(), json);
        assert_eq!(TokenOf::parse(json), Some(of.clone()));
        assert!(of.is_of(&token) && !of.is_of(&AccessToken::parse("abd").unwrap()));
        assert_eq!(TokenOf::parse("{}"), None);
        let lane = Lane::parse("export", "--lane").ok();
        let of = TokenOf::new(&CacheKey { lane, ..cache_key }, "eu-central-1", &token);
        assert!(of.to_json().contains(r#""scopes":"routing users","lane":"export","token":"#), "{of:?}");
    }
}
