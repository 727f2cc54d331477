//! What was learned about the cached token, beside its entry: one record, sealed, whose fields are all optional. It is
//! bound to the token, so that another token has no facts yet.
//!
//! # Limitations
//!
//! - **Two processes that learn at the same time** may lose one of two facts, which then costs a request.

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::derived_keys::DerivedKeys;
use super::seal::{self, InvalidRecord};
use crate::organization::NamedEntity;
use crate::random::Random;
use crate::time::{CommonTime, Timestamp};
use crate::token::AccessToken;

/// Changes when a field gets another meaning. Fields may be added: an older program passes over them.
const VERSION: u32 = 1;

/// What is known about a token beside its lifetime.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenFacts {
    /// The organisation that it is of, as the API host said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization: Option<NamedEntity>,
    /// When the API host last took it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alive_at: Option<Timestamp>,
    /// When it was requested, on the controller's clock, if it came from another agent of a build.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requested_in_build: Option<CommonTime>,
}

/// The sealed part of the record.
#[derive(Debug, Serialize, Deserialize)]
struct Payload {
    version: u32,
    /// SHA-256 of the token, in hexadecimal.
    token: String,
    #[serde(flatten)]
    facts: TokenFacts,
}

/// The readable part.
#[derive(Debug, Serialize, Deserialize)]
struct FactsHeader {
    /// When the token ends; microseconds since the epoch, on the writer's clock.
    expires_at: Timestamp,
}

/// Seals `facts` about the token `value`, which ends at `expires_at`, under the record's `name`. `None` when the system
/// has no randomness.
pub(super) fn encode(
    keys: &DerivedKeys,
    name: &str,
    (value, expires_at): (&AccessToken, Timestamp),
    facts: TokenFacts,
    random: &dyn Random,
) -> Option<Vec<u8>> {
    let payload = Payload { version: VERSION, token: value.digest(), facts };
    let payload = Zeroizing::new(serde_json::to_vec(&payload).ok()?);
    seal::seal(keys, name, &FactsHeader { expires_at }, &payload, random)
}

/// Opens what [`encode`] made under the same `name` about the token `value`.
///
/// # Errors
/// Anything but an intact record about this token.
pub(super) fn decode(
    keys: &DerivedKeys,
    name: &str,
    value: &AccessToken,
    record: &[u8],
) -> Result<TokenFacts, InvalidRecord> {
    let (_, payload): (FactsHeader, Zeroizing<Vec<u8>>) = seal::open(keys, name, record)?;
    let payload: Payload = serde_json::from_slice(&payload).map_err(|_| InvalidRecord)?;
    let is_ours = payload.version == VERSION && payload.token == value.digest();
    if is_ours { Ok(payload.facts) } else { Err(InvalidRecord) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::ClientSecret;
    use crate::random::SystemRandom;

    #[test]
    fn facts_are_of_one_token_and_fields_of_a_later_program_are_passed_over() {
        let keys = DerivedKeys::new(&ClientSecret::parse("s".repeat(43)).unwrap().0);
        let [token, other] = ["abc", "abd"].map(|text| AccessToken::parse(text).unwrap());
        let organization = Some(NamedEntity { id: "1".to_owned(), name: "Acme".to_owned() });
        let alive_at = Some(Timestamp::from_secs(7));
        let facts = TokenFacts { organization, alive_at, ..TokenFacts::default() };
        let random = SystemRandom::default();
        let record = encode(&keys, "n", (&token, Timestamp::from_secs(9)), facts.clone(), &random).unwrap();
        assert_eq!(decode(&keys, "n", &token, &record), Ok(facts));
        assert_eq!(decode(&keys, "n", &other, &record), Err(InvalidRecord));
        assert_eq!(decode(&keys, "m", &token, &record), Err(InvalidRecord));

        let sealed = |payload: String| {
            let header = FactsHeader { expires_at: Timestamp::from_secs(9) };
            seal::seal(&keys, "n", &header, payload.as_bytes(), &random).unwrap()
        };
        let digest = token.digest();
        let later = sealed(format!(r#"{{"version":1,"token":"{digest}","roles":["a"]}}"#));
        assert_eq!(decode(&keys, "n", &token, &later), Ok(TokenFacts::default()));
        let incompatible = sealed(format!(r#"{{"version":2,"token":"{digest}"}}"#));
        assert_eq!(decode(&keys, "n", &token, &incompatible), Err(InvalidRecord));
    }
}
