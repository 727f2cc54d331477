//! Sealed files: what was not sealed just so under this secret and this name is a miss, and what was comes back.

use genesys_token::cache::entry::{self, Owner, Times};
use genesys_token::cache::seal::{self, Unreadable};
use genesys_token::cache::{Kind, Note, Readable, Root, note};
use genesys_token::error::Error;
use genesys_token::random::Random;
use genesys_token::scope::Scopes;
use genesys_token::secret::Secret;
use genesys_token::time::Timestamp;
use genesys_token::token::{Lifetime, Token};
use serde_json::Value;

const NAME: &str = "one.token";

/// The data is taken for a file, for an edit of a good file, for the payload of one and for the header of one.
pub fn holds(data: &[u8]) {
    let place = Place::new();
    place.opens_only_what_is_intact(data);
    place.opens_no_edit(data);
    place.gives_a_payload_back(data);
    place.survives_a_header(data);
}

/// The same in every run, so that the good files can be learned by heart.
struct Constant;
impl Random for Constant {
    fn fill(&self, bytes: &mut [u8]) -> bool {
        bytes.fill(7);
        true
    }
}

/// A good token and a good note, and their files.
struct Place {
    root: Root,
    token: Token,
    token_file: Vec<u8>,
    note: Note,
    note_file: Vec<u8>,
}

fn owner() -> Owner {
    let scopes = Scopes::parse(["routing users:readonly"]).expect("they are scopes");
    Owner { client_id: "a-client".to_owned(), login_url: "https://login.example".to_owned(), scopes }
}

impl Place {
    fn new() -> Self {
        let root = Root::new(&Secret::from("the secret"));
        let at = Timestamp::from_secs;
        let lifetime = Lifetime { requested_at: at(1), received_at: at(2), expires_at: at(86_400) };
        let (value, scope) = (Secret::from("the token"), Some("routing".to_owned()));
        let token = Token { value, lifetime: Some(lifetime), scope };
        let token_file = encoded(&root, &token);
        let error = Error::internal("for a reason").hint("do something");
        let note = Note { kind: Kind::Failed, answered_at: at(3), not_before: at(4), streak: 5, error };
        let note_file = note::encode(&root, NAME, &note, &Constant).expect("it can be sealed");
        Self { root, token, token_file, note, note_file }
    }

    fn opens_only_what_is_intact(&self, file: &[u8]) {
        match entry::decode(&self.root, NAME, file) {
            Ok(token) => assert!(file == self.token_file && token == self.token),
            Err(Unreadable) => assert_ne!(file, self.token_file),
        }
        match note::decode(&self.root, NAME, file) {
            Ok(note) => assert!(file == self.note_file && note == self.note),
            Err(Unreadable) => assert_ne!(file, self.note_file),
        }
        let other = Root::new(&Secret::from("another secret"));
        assert!(entry::decode(&other, NAME, file).is_err() && note::decode(&other, NAME, file).is_err());
        assert!(entry::decode(&self.root, "two.token", file).is_err());
        // Housekeeping reads headers without any proof.
        if let Ok(readable) = seal::peek::<Readable>(file) {
            assert!(!format!("{readable:?}").is_empty());
        }
        let _ = seal::peek::<note::Readable>(file);
    }

    /// The first two bytes say where, the third how much is cut out, and the others are put there.
    fn opens_no_edit(&self, edit: &[u8]) {
        let [high, low, cut, put @ ..] = edit else { return };
        for good in [&self.token_file, &self.note_file] {
            let from = usize::from(u16::from_be_bytes([*high, *low])) % (good.len() + 1);
            let to = (from + usize::from(*cut)).min(good.len());
            self.opens_only_what_is_intact(&[&good[..from], put, &good[to..]].concat());
            // The same in place, so that lengths and lines remain.
            let put = &put[..put.len().min(good.len() - from)];
            self.opens_only_what_is_intact(&[&good[..from], put, &good[from + put.len()..]].concat());
        }
    }

    fn gives_a_payload_back(&self, payload: &[u8]) {
        let times = &self.times();
        let file = seal::seal(&self.root, NAME, times, payload, &Constant).expect("it can be sealed");
        let opened = seal::open::<Times>(&self.root, NAME, &file).map(|(_, payload)| payload.to_vec());
        assert_eq!(opened.as_deref(), Ok(payload));
        match (entry::decode(&self.root, NAME, &file), std::str::from_utf8(payload)) {
            (Ok(token), Ok(text)) => {
                assert_eq!(token.value.expose(), text);
                assert_eq!(token.lifetime, self.token.lifetime);
                assert_eq!(entry::decode(&self.root, NAME, &encoded(&self.root, &token)), Ok(token));
            }
            (token, text) => assert!(token.is_err() && text.is_err(), "{token:?}"),
        }
        let header = note::Readable { noted_at: Timestamp::from_secs(3) };
        let file = seal::seal(&self.root, NAME, &header, payload, &Constant).expect("it can be sealed");
        if let Ok(note) = note::decode(&self.root, NAME, &file) {
            let again = note::encode(&self.root, NAME, &note, &Constant).expect("it can be sealed");
            assert_eq!(note::decode(&self.root, NAME, &again), Ok(note));
        }
    }

    /// Under the right key, so that only the header's own parser stands in its way.
    fn survives_a_header(&self, header: &[u8]) {
        let Ok(header @ Value::Object(_)) = serde_json::from_slice(header) else { return };
        let Some(file) = seal::seal(&self.root, NAME, &header, b"the token", &Constant) else { return };
        let peeked = seal::peek::<Times>(&file);
        match entry::decode(&self.root, NAME, &file) {
            Ok(token) => {
                let times = peeked.expect("what is opened can be read");
                let lifetime = token.lifetime.expect("an entry has one");
                assert_eq!(lifetime.expires_at, times.expires_at);
                assert_eq!(token.scope, times.granted);
                assert!(lifetime.left(times.received_at) <= lifetime.left(Timestamp(i64::MIN)));
                assert_eq!(entry::decode(&self.root, NAME, &encoded(&self.root, &token)), Ok(token));
            }
            // Two salts are none.
            Err(Unreadable) => assert!(peeked.is_err() || header.get("salt").is_some(), "{header}"),
        }
        let _ = note::decode(&self.root, NAME, &file);
    }

    fn times(&self) -> Times {
        seal::peek(&self.token_file).expect("it is intact")
    }
}

fn encoded(root: &Root, token: &Token) -> Vec<u8> {
    entry::encode(&owner(), root, NAME, token, &Constant).expect("it can be sealed")
}
