//! Owners and access lists, in the binary form that the system has for them (Windows Data Types, [MS-DTYP] 2.4), so that
//! reading and writing them is safe code.

use std::fs::File;
use std::io;

use windows_sys::Win32::Foundation::{GENERIC_ALL, GENERIC_READ, GENERIC_WRITE};
use windows_sys::Win32::Storage::FileSystem::{
    DELETE, FILE_ALL_ACCESS, FILE_APPEND_DATA, FILE_DELETE_CHILD, FILE_READ_DATA, FILE_WRITE_DATA, WRITE_DAC,
    WRITE_OWNER,
};

use super::raw;
use crate::platform::files::refused;

/// The rights to change a file, a directory, what is in it, or who has such a right.
const WRITE_RIGHTS: u32 = FILE_WRITE_DATA
    | FILE_APPEND_DATA
    | FILE_DELETE_CHILD
    | DELETE
    | WRITE_DAC
    | WRITE_OWNER
    | GENERIC_WRITE
    | GENERIC_ALL;
/// The rights to see what is in it.
const READ_RIGHTS: u32 = FILE_READ_DATA | GENERIC_READ | GENERIC_ALL;

/// Local System, S-1-5-18.
const SYSTEM: [u8; 12] = [1, 1, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0];
/// The group of administrators, S-1-5-32-544.
const ADMINISTRATORS: [u8; 16] = [1, 2, 0, 0, 0, 0, 0, 5, 32, 0, 0, 0, 32, 2, 0, 0];
/// Stands in a list for the owner, S-1-3-4.
const OWNER_RIGHTS: [u8; 12] = [1, 1, 0, 0, 0, 0, 0, 3, 4, 0, 0, 0];

/// The revisions of a descriptor and of a list.
const DESCRIPTOR_REVISION: u8 = 1;
const LIST_REVISION: u8 = 2;
/// Bytes in front of the parts of a descriptor, of the entries of a list, of the identifier in an entry.
const DESCRIPTOR_HEADER: usize = 20;
const LIST_HEADER: usize = 8;
const ENTRY_HEADER: usize = 8;
/// Of a descriptor: it has a list, which inherits nothing, and its parts follow it.
const HAS_LIST: u16 = 0x0004;
const IS_PROTECTED: u16 = 0x1000;
const IS_SELF_RELATIVE: u16 = 0x8000;
/// Of an entry: it is inherited by files and by directories, or only that.
const INHERITED_BY_ALL: u8 = 0x03;
const INHERIT_ONLY: u8 = 0x08;
/// The types of entries, with and without a condition.
const ALLOWS: [u8; 2] = [0, 9];
const DENIES: [u8; 2] = [1, 10];

/// What comes to be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum New {
    File,
    /// Its list is also that of whatever another program makes in it.
    Directory,
}

/// The descriptor of something for the caller alone, in words, as the system wants it aligned.
pub(super) fn private_descriptor(new: New) -> io::Result<Vec<u32>> {
    Ok(descriptor(new, &[&raw::caller_sid()?, &SYSTEM, &ADMINISTRATORS]))
}

/// A descriptor that gives every right to `sids`, and none to others.
pub(super) fn descriptor(new: New, sids: &[&[u8]]) -> Vec<u32> {
    let flags = if new == New::Directory { INHERITED_BY_ALL } else { 0 };
    let mut entries = Vec::new();
    for sid in sids {
        entries.extend([ALLOWS[0], flags]);
        entries.extend(short(ENTRY_HEADER + sid.len()).to_le_bytes());
        entries.extend(FILE_ALL_ACCESS.to_le_bytes());
        entries.extend(*sid);
    }
    let control = HAS_LIST | IS_PROTECTED | IS_SELF_RELATIVE;
    let mut bytes = vec![DESCRIPTOR_REVISION, 0];
    bytes.extend(control.to_le_bytes());
    // Neither owner nor group nor audit list; the access list follows.
    bytes.extend([0; 12]);
    bytes.extend(u32::from(short(DESCRIPTOR_HEADER)).to_le_bytes());
    bytes.extend([LIST_REVISION, 0]);
    bytes.extend(short(LIST_HEADER + entries.len()).to_le_bytes());
    bytes.extend(u32::from(short(sids.len())).to_le_bytes());
    bytes.extend(entries);
    bytes.as_chunks().0.iter().map(|word| u32::from_le_bytes(*word)).collect()
}

fn short(length: usize) -> u16 {
    u16::try_from(length).expect("three entries of at most 76 bytes")
}

/// Fails unless `file` belongs to the caller, the system or the administrators, and nobody else may change it.
pub(super) fn check_private(file: &File) -> io::Result<()> {
    Security::of(file)?.check(WRITE_RIGHTS, "it is writable by other users")
}

/// Fails unless, besides, nobody else may read it.
pub(super) fn check_closed(file: &File) -> io::Result<()> {
    Security::of(file)?.check(WRITE_RIGHTS | READ_RIGHTS, "it is open to other users")
}

/// Whether `file` belongs to the caller, the system or the administrators.
pub(super) fn is_own(file: &File) -> io::Result<bool> {
    let security = Security::of(file)?;
    Ok(security.trusts(&security.owner_sid))
}

/// Whose a file is, and who may do what with it.
#[derive(Debug)]
struct Security {
    /// The user that this process runs as.
    caller_sid: Vec<u8>,
    /// Empty where the file system knows of none.
    owner_sid: Vec<u8>,
    /// None gives every right to everybody.
    access_list: Option<Vec<Entry>>,
}

/// An entry of an access list.
#[derive(Debug, PartialEq, Eq)]
struct Entry {
    ace_type: u8,
    flags: u8,
    rights: u32,
    sid: Vec<u8>,
}

impl Security {
    fn of(file: &File) -> io::Result<Self> {
        let descriptor = raw::security_descriptor(file)?;
        Self::parse(raw::caller_sid()?, &descriptor).ok_or_else(|| refused("its access list is malformed"))
    }

    fn parse(caller_sid: Vec<u8>, descriptor: &[u8]) -> Option<Self> {
        let control = u16::from_le_bytes(array(descriptor, 2)?);
        let offset = |at| array(descriptor, at).map(|bytes| u32::from_le_bytes(bytes) as usize);
        let owner_sid = match offset(4)? {
            0 => Vec::new(),
            at => sid(descriptor.get(at..)?)?.to_vec(),
        };
        let list_at = offset(16)?;
        let has_list = control & HAS_LIST != 0 && list_at != 0;
        let access_list = if has_list { Some(parse_access_list(descriptor.get(list_at..)?)?) } else { None };
        Some(Self { caller_sid, owner_sid, access_list })
    }

    fn trusts(&self, sid: &[u8]) -> bool {
        sid == self.caller_sid || sid == SYSTEM || sid == ADMINISTRATORS
    }

    fn check(&self, rights: u32, otherwise: &'static str) -> io::Result<()> {
        if !self.trusts(&self.owner_sid) {
            return Err(refused("it belongs to another user"));
        }
        let is_for_others = |entry: &Entry| entry.gives(rights) && !self.trusts(&entry.sid);
        match &self.access_list {
            Some(list) if !list.iter().any(is_for_others) => Ok(()),
            _ => Err(refused(otherwise)),
        }
    }
}

impl Entry {
    /// Whether it gives one of `rights` to its user. An entry of a type that is not known here may.
    fn gives(&self, rights: u32) -> bool {
        let is_of_this_file = self.flags & INHERIT_ONLY == 0;
        let is_allowed = if ALLOWS.contains(&self.ace_type) { self.rights & rights != 0 } else { true };
        let is_of_owner = self.sid == OWNER_RIGHTS;
        is_of_this_file && is_allowed && !is_of_owner && !DENIES.contains(&self.ace_type)
    }
}

fn parse_access_list(list: &[u8]) -> Option<Vec<Entry>> {
    let count = u16::from_le_bytes(array(list, 4)?);
    let mut rest = list.get(LIST_HEADER..)?;
    let mut entries = Vec::new();
    for _ in 0..count {
        let length = usize::from(u16::from_le_bytes(array(rest, 2)?));
        let entry = rest.get(..length)?;
        entries.push(Entry {
            ace_type: *entry.first()?,
            flags: *entry.get(1)?,
            rights: u32::from_le_bytes(array(entry, 4)?),
            sid: sid(entry.get(ENTRY_HEADER..)?).unwrap_or_default().to_vec(),
        });
        rest = &rest[length..];
    }
    Some(entries)
}

/// The security identifier that `bytes` begin with.
fn sid(bytes: &[u8]) -> Option<&[u8]> {
    let count = usize::from(*bytes.get(1)?);
    bytes.get(..8 + 4 * count)
}

fn array<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..)?.first_chunk().copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CALLER: [u8; 12] = [1, 1, 0, 0, 0, 0, 0, 5, 1, 0, 0, 0];
    const OTHER: [u8; 12] = [1, 1, 0, 0, 0, 0, 0, 5, 2, 0, 0, 0];
    const EVERYONE: [u8; 12] = [1, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0];

    fn entry(ace_type: u8, flags: u8, rights: u32, sid: &[u8]) -> Entry {
        Entry { ace_type, flags, rights, sid: sid.to_vec() }
    }

    fn check(owner_sid: &[u8], access_list: Option<Vec<Entry>>, rights: u32) -> bool {
        let security = Security { caller_sid: CALLER.to_vec(), owner_sid: owner_sid.to_vec(), access_list };
        security.check(rights, "").is_ok()
    }

    #[test]
    fn a_descriptor_is_read_as_it_was_written() {
        let words = descriptor(New::Directory, &[&CALLER, &SYSTEM, &ADMINISTRATORS]);
        let mut bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        assert_eq!(bytes[2..4], (HAS_LIST | IS_PROTECTED | IS_SELF_RELATIVE).to_le_bytes());
        // The system adds the owner.
        let owner_at = u32::try_from(bytes.len()).expect("short");
        bytes[4..8].copy_from_slice(&owner_at.to_le_bytes());
        bytes.extend(ADMINISTRATORS);
        let security = Security::parse(CALLER.to_vec(), &bytes).expect("well-formed");
        assert_eq!(security.owner_sid, ADMINISTRATORS);
        let all = [&CALLER[..], &SYSTEM, &ADMINISTRATORS];
        let expected = all.map(|sid| entry(0, INHERITED_BY_ALL, FILE_ALL_ACCESS, sid)).into();
        assert_eq!(security.access_list, Some(expected));
        assert!(security.check(WRITE_RIGHTS | READ_RIGHTS, "").is_ok());
        for length in 0..bytes.len() {
            assert!(Security::parse(CALLER.to_vec(), &bytes[..length]).is_none(), "{length}");
        }
    }

    #[test]
    fn only_the_caller_the_system_and_administrators_may_be_owners() {
        for (owner_sid, is_accepted) in
            [(&CALLER[..], true), (&SYSTEM, true), (&ADMINISTRATORS, true), (&OTHER, false)]
        {
            assert_eq!(check(owner_sid, Some(Vec::new()), WRITE_RIGHTS), is_accepted);
        }
    }

    #[test]
    fn a_right_of_anybody_else_is_found_wherever_it_stands() {
        let refused = |entry: Entry| {
            let own = self::entry(0, 0, FILE_ALL_ACCESS, &CALLER);
            !check(&CALLER, Some(vec![own, entry]), WRITE_RIGHTS)
        };
        assert!(!check(&CALLER, None, WRITE_RIGHTS), "without a list everybody may do everything");
        for rights in [FILE_WRITE_DATA, FILE_DELETE_CHILD, DELETE, WRITE_DAC, WRITE_OWNER, GENERIC_ALL] {
            assert!(refused(entry(0, 0, rights, &EVERYONE)), "{rights:x}");
        }
        assert!(refused(entry(9, 0, FILE_WRITE_DATA, &OTHER)), "under a condition");
        assert!(refused(entry(5, 0, 0, &OTHER)), "of an unknown type");
        assert!(!refused(entry(0, 0, FILE_READ_DATA, &EVERYONE)), "to read");
        assert!(!refused(entry(0, INHERIT_ONLY, FILE_WRITE_DATA, &EVERYONE)), "of other files");
        assert!(!refused(entry(0, 0, FILE_ALL_ACCESS, &OWNER_RIGHTS)), "the owner's");
        assert!(!refused(entry(1, 0, FILE_ALL_ACCESS, &EVERYONE)), "denied");
        let readable = Some(vec![entry(0, 0, FILE_READ_DATA, &EVERYONE)]);
        assert!(!check(&CALLER, readable, WRITE_RIGHTS | READ_RIGHTS), "a closed file is not readable");
    }
}
