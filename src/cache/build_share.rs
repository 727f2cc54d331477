//! The token of a build, from one agent to the next, whose disk has nothing yet: the step keeps the sealed entry on the
//! controller, offers it to each binding, and gives it the controller's time.
//!
//! On the way it is `NAME:BASE64`: the entry's name and the sealed token. What can't be read is no offer, whatever it is.

use std::cell::Cell;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;

use super::cache_key::CacheKey;
use super::derived_keys::DerivedKeys;
use super::shared_token::{self, SharedToken};
use super::token_facts::TokenFacts;
use crate::client::ClientSecret;
use crate::random::Random;
use crate::store::EntryName;
use crate::time::{CommonClock, CommonTime, Timestamp};
use crate::token::Token;

/// Bytes of one entry with its name. A token of Genesys Cloud takes 500.
const MAX_ENTRY_LEN: usize = 4 * 1024;
/// Bytes of all that is offered.
const MAX_OFFER_LEN: usize = 16 * 1024;
/// How many entries are looked at.
const MAX_ENTRIES: usize = 8;
/// What a token's time on the controller's clock may differ by from one binding to the next: Jenkins reads that clock
/// some time before the program starts.
const TOLERANCE: Duration = Duration::from_secs(30);

/// What one binding is offered under its own name, and what it hands on.
#[derive(Debug)]
pub struct BuildShare {
    keys: DerivedKeys,
    name: EntryName,
    offer: Option<Vec<u8>>,
    clock: CommonClock,
    is_refuted: Cell<bool>,
}

impl BuildShare {
    /// The share of callers with `secret` in `offered`, `NAME:BASE64` per word, of a build whose controller has `clock`.
    pub fn new(cache_key: &CacheKey, secret: &ClientSecret, offered: &str, clock: CommonClock) -> Self {
        let keys = DerivedKeys::new(secret);
        let name = cache_key.entry_name(&keys);
        let words = offered.split_ascii_whitespace().filter(|_| offered.len() <= MAX_OFFER_LEN);
        let own = words.take(MAX_ENTRIES).filter(|word| word.len() <= MAX_ENTRY_LEN).find_map(|word| {
            let (its_name, record) = word.split_once(':')?;
            (its_name == name.as_str()).then_some(record)
        });
        let offer = own.and_then(|record| BASE64.decode(record).ok());
        Self { keys: keys.for_build(), name, offer, clock, is_refuted: Cell::new(false) }
    }

    /// Whether there is something to look at.
    pub fn has_offer(&self) -> bool {
        self.offer.is_some()
    }

    /// The offered token, if it lives at `now`, on this machine's clock.
    pub fn offered(&self, now: Timestamp) -> Option<SharedToken> {
        let record = self.offer.as_ref()?;
        let mut shared =
            shared_token::decode(&self.keys, self.name.as_str(), record, self.clock, now).ok()?;
        shared.facts.requested_in_build = Some(shared.requested_at);
        Some(shared)
    }

    /// Keeps the offered token from being offered again: it is dead, or was dropped.
    pub fn refute(&self) {
        self.is_refuted.set(true);
    }

    /// What to tell the step when there is no token: to forget the offered one, if it was refuted.
    pub fn forgotten(&self) -> Option<String> {
        self.is_refuted.get().then(|| format!("{}:", self.name.as_str()))
    }

    /// What to offer to the next agent: `token`, of which `facts` are known. `None` leaves the step as it is, since the
    /// token has no lifetime or is too long.
    pub fn answer(&self, token: &Token, facts: TokenFacts, random: &dyn Random) -> Option<String> {
        let requested_at = self.requested_at(token.lifetime?.requested_at, facts.requested_in_build);
        let name = self.name.as_str();
        let record = shared_token::encode(&self.keys, name, token, requested_at, facts, self.clock, random)?;
        let entry = format!("{name}:{}", BASE64.encode(record));
        (entry.len() <= MAX_ENTRY_LEN).then_some(entry).or_else(|| self.forgotten())
    }

    /// When a token was requested, on the controller's clock. What came with it is handed on unchanged, so that no binding
    /// makes it younger; unless it makes the token much younger than it is here, since another controller gave it.
    fn requested_at(&self, local: Timestamp, given: Option<CommonTime>) -> CommonTime {
        let computed = self.clock.to_common(local);
        let earliest_given = self.clock.to_common(local.plus(TOLERANCE));
        given.filter(|given| *given <= earliest_given).unwrap_or(computed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base_url::BaseUrl;
    use crate::client::ClientId;
    use crate::lane::Lane;
    use crate::organization::NamedEntity;
    use crate::random::SystemRandom;
    use crate::scope::Scopes;
    use crate::token::{AccessToken, Lifetime};

    const NOW: Timestamp = Timestamp::from_secs(1_000);

    fn cache_key(lane: Option<&str>) -> CacheKey {
        CacheKey {
            client_id: ClientId::parse("a-client").unwrap().0,
            login_url: BaseUrl::parse("https://login.example").unwrap(),
            scopes: Scopes::default(),
            lane: lane.map(|lane| Lane::parse(lane, "--lane").unwrap()),
        }
    }

    fn share_of(cache_key: &CacheKey, secret: &str, offered: &str) -> BuildShare {
        let secret = ClientSecret::parse(secret).unwrap().0;
        BuildShare::new(cache_key, &secret, offered, CommonClock::new(NOW, NOW))
    }

    fn share(offered: &str) -> BuildShare {
        share_of(&cache_key(None), "secret", offered)
    }

    fn token(length: usize) -> Token {
        let requested_at = NOW.minus(Duration::from_secs(10));
        let lifetime = Lifetime {
            requested_at,
            received_at: requested_at.plus(Duration::from_secs(1)),
            expires_at: requested_at.plus(Duration::from_hours(24)),
        };
        let value = AccessToken::parse("x".repeat(length)).unwrap();
        Token { value, lifetime: Some(lifetime), scope: Some("users".to_owned()) }
    }

    fn entry(length: usize) -> String {
        share("").answer(&token(length), TokenFacts::default(), &SystemRandom::default()).unwrap()
    }

    #[test]
    fn an_entry_brings_the_token_its_times_and_what_is_known_about_it() {
        let organization = Some(NamedEntity { id: "1".to_owned(), name: "Acme".to_owned() });
        let facts = TokenFacts { organization, alive_at: Some(NOW), requested_in_build: None };
        let entry = share("").answer(&token(86), facts.clone(), &SystemRandom::default()).unwrap();
        let shared = share(&entry).offered(NOW).unwrap();
        assert_eq!(shared.token, token(86));
        assert_eq!(Some(shared.lifetime), token(86).lifetime);
        let requested_at = CommonClock::new(NOW, NOW).to_common(shared.lifetime.requested_at);
        assert_eq!(shared.facts, TokenFacts { requested_in_build: Some(requested_at), ..facts });
    }

    #[test]
    fn an_entry_is_found_among_others_by_its_name() {
        let other = share_of(&cache_key(Some("x")), "secret", "");
        let other = other.answer(&token(86), TokenFacts::default(), &SystemRandom::default()).unwrap();
        let ours = entry(86);
        assert!(share(&format!("{other} {ours}")).has_offer());
        assert!(!share(&other).has_offer());
        assert!(!share_of(&cache_key(None), "another-secret", &ours).has_offer());
        let many = format!("{} {ours}", [other.as_str(); MAX_ENTRIES].join(" "));
        assert!(!share(&many).has_offer(), "the ninth is not looked at");
    }

    #[test]
    fn an_offer_beyond_its_limits_is_none_and_a_token_too_long_is_not_offered() {
        let answer = |share: &BuildShare, length| {
            share.answer(&token(length), TokenFacts::default(), &SystemRandom::default())
        };
        let none = share("");
        let longest = (1_000..MAX_ENTRY_LEN).find(|length| answer(&none, length + 1).is_none()).unwrap();
        let longest = answer(&none, longest).unwrap();
        assert!((MAX_ENTRY_LEN - 2..=MAX_ENTRY_LEN).contains(&longest.len()), "{}", longest.len());
        assert!(share(&longest).offered(NOW).is_some());
        assert!(!share(&format!("{longest}{}", "A".repeat(4))).has_offer());
        let full = format!("{longest}{}", " ".repeat(MAX_OFFER_LEN - longest.len()));
        assert!(share(&full).has_offer() && !share(&format!("{full} ")).has_offer());
        none.refute();
        assert_eq!(answer(&none, MAX_ENTRY_LEN), none.forgotten(), "the old one goes all the same");
    }

    #[test]
    fn what_is_no_entry_is_no_offer() {
        let ours = entry(86);
        let (name, record) = ours.split_once(':').unwrap();
        for offered in
            ["", ":", name, &format!("{name}:"), &format!("{name}:!"), &format!("{name}: {record}")]
        {
            assert_eq!(share(offered).offered(NOW), None, "{offered}");
        }
        // Sealed for the disk, it is nothing for a build; and the reverse.
        let keys = DerivedKeys::new(&ClientSecret::parse("secret").unwrap().0);
        assert!(super::super::entry::decode(&keys, name, &BASE64.decode(record).unwrap()).is_err());
        let on_disk =
            super::super::entry::encode(&cache_key(None), &keys, name, &token(86), &SystemRandom::default());
        let offered = format!("{name}:{}", BASE64.encode(on_disk.unwrap()));
        assert_eq!(share(&offered).offered(NOW), None);
    }

    #[test]
    fn only_what_was_refuted_is_to_be_forgotten() {
        let ours = entry(86);
        let share = share(&ours);
        assert_eq!(share.forgotten(), None);
        share.refute();
        let name = ours.split(':').next().unwrap();
        assert_eq!(share.forgotten(), Some(format!("{name}:")));
    }
}
