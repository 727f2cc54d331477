//! Names in a store: an entry's, and those of its records.

use crate::hex::hex;

/// The name of one entry: `<64 hex digits>-<16 hex digits>`. All records of a client, login server and scopes share it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct EntryName(String);

impl EntryName {
    /// The name made of a SHA-256 digest and a tag of 64 bits.
    pub(crate) fn new(digest: [u8; 32], tag: [u8; 8]) -> Self {
        Self([hex(&digest).as_str(), "-", &hex(&tag)].concat())
    }

    /// Parses what could have come from [`EntryName::new`].
    pub(super) fn parse(text: &str) -> Option<Self> {
        let is_hex = |part: &str| part.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        let (digest, tag) = text.split_once('-')?;
        let is_name = digest.len() == 64 && tag.len() == 16 && is_hex(digest) && is_hex(tag);
        is_name.then(|| Self(text.to_owned()))
    }

    /// The name itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Which of an entry's records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Slot {
    /// The sealed token.
    Token,
    /// The sealed failure record.
    Failure,
    /// The sealed list of dropped tokens.
    Dropped,
    /// What was learned about the token, sealed.
    Facts,
    /// That the shared cache could not be used, sealed.
    Outage,
}

impl Slot {
    const ALL: [Self; 5] = [Self::Token, Self::Failure, Self::Dropped, Self::Facts, Self::Outage];

    fn suffix(self) -> &'static str {
        match self {
            Self::Token => ".token",
            Self::Failure => ".note",
            Self::Dropped => ".dropped",
            Self::Facts => ".facts",
            Self::Outage => ".outage",
        }
    }
}

/// The name of one record: its entry's name and a suffix for its slot.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RecordName {
    text: String,
    slot: Slot,
}

impl RecordName {
    /// The name of the record of `entry` in `slot`.
    pub fn new(entry: &EntryName, slot: Slot) -> Self {
        Self { text: [entry.as_str(), slot.suffix()].concat(), slot }
    }

    /// Parses what could have come from [`RecordName::new`].
    pub(super) fn parse(text: &str) -> Option<Self> {
        let slot = Slot::ALL.into_iter().find(|slot| text.ends_with(slot.suffix()))?;
        let entry = EntryName::parse(text.strip_suffix(slot.suffix())?)?;
        Some(Self::new(&entry, slot))
    }

    /// The name itself.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Which record it is.
    pub fn slot(&self) -> Slot {
        self.slot
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_name_is_parsed_and_a_foreign_name_is_not() {
        let entry = EntryName::new([0xab; 32], [0x01; 8]);
        for slot in Slot::ALL {
            let name = RecordName::new(&entry, slot);
            assert_eq!(RecordName::parse(name.as_str()), Some(name));
        }
        let lock = format!("{}.lock", entry.as_str());
        for foreign in ["", "README-md.token", ".token", "notes.token", &lock, entry.as_str()] {
            assert_eq!(RecordName::parse(foreign), None, "{foreign}");
        }
    }
}
