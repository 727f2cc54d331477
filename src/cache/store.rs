//! The files of one key in the cache directory: token, note and lock.

use std::io::{self, Write as _};
use std::path::PathBuf;

use super::entry::{self, Owner};
use super::key::{Key, LOCK, NOTE, TEMPORARY, TOKEN};
use super::lock::{self, Lock};
use super::note::{self, Note};
use super::prune;
use super::root::Root;
use super::seal::FILE_LIMIT;
use crate::random::Random;
use crate::secret::Secret;
use crate::sys::PrivateDir;
use crate::time::Timestamp;
use crate::token::Token;

/// One key's place in the cache. Reading never fails: what is not intact and ours is not there.
#[derive(Debug)]
pub struct Store {
    dir: PrivateDir,
    key: Key,
    owner: Owner,
    root: Root,
}

impl Store {
    /// The place of `owner`'s token for whoever has `secret`.
    pub fn new(dir: PrivateDir, owner: Owner, secret: &Secret) -> Self {
        let root = Root::new(secret);
        let key = Key::new(&owner.login_url, &owner.client_id, &owner.scopes, &root);
        Self { dir, key, owner, root }
    }

    /// Where the token is.
    pub fn path(&self) -> PathBuf {
        self.dir.path().join(self.name(TOKEN))
    }

    /// The cached token.
    pub fn token(&self) -> Option<Token> {
        let name = self.name(TOKEN);
        let file = self.dir.read(&name, FILE_LIMIT).ok()?;
        entry::decode(&self.root, &name, &file).ok()
    }

    /// The note about the last unsuccessful request.
    pub fn note(&self) -> Option<Note> {
        let name = self.name(NOTE);
        let file = self.dir.read(&name, FILE_LIMIT).ok()?;
        if file.is_empty() {
            return Some(note::of_full_disk(self.dir.modified(&name).ok()?));
        }
        note::decode(&self.root, &name, &file).ok()
    }

    /// Replaces the token, atomically, and with it whatever was noted before. Leaves a better one: whoever was stopped
    /// while his was on its way, and comes back to life, finds what others have fetched meanwhile.
    ///
    /// # Errors
    /// The disk is full, the directory read-only or gone: the old entry is still there, whole.
    pub fn put_token(&self, token: &Token, random: &dyn Random) -> io::Result<()> {
        if self.is_overtaken(token) {
            return Ok(());
        }
        let name = self.name(TOKEN);
        let file = entry::encode(&self.owner, &self.root, &name, token, random);
        self.replace(&name, &file.ok_or_else(unsealable)?)?;
        // What was noted weighs nothing beside a token.
        let _ = self.dir.remove(&self.name(NOTE));
        Ok(())
    }

    /// Whether the cached token was asked for while `token` was already on its way.
    fn is_overtaken(&self, token: &Token) -> bool {
        let cached = self.token().and_then(|cached| cached.lifetime);
        token.lifetime.zip(cached).is_some_and(|(ours, cached)| {
            cached.requested_at > ours.requested_at && cached.requested_at <= ours.received_at
        })
    }

    /// Replaces the note, atomically.
    ///
    /// # Errors
    /// As [`Store::put_token`].
    pub fn put_note(&self, note: &Note, random: &dyn Random) -> io::Result<()> {
        let name = self.name(NOTE);
        let file = note::encode(&self.root, &name, note, random);
        self.replace(&name, &file.ok_or_else(unsealable)?)
    }

    /// Leaves an empty note: that an answer came and could not be written. A full disk has room for that.
    ///
    /// # Errors
    /// The directory is read-only or gone.
    pub fn put_empty_note(&self) -> io::Result<()> {
        let name = self.name(NOTE);
        self.dir.remove(&name)?;
        self.dir.write_new(&name, b"")
    }

    /// Drops the token if it is still `value`. Called with the lock held, so that it can't be a newer one.
    ///
    /// # Errors
    /// The directory is read-only.
    pub fn drop_token(&self, value: &Secret) -> io::Result<()> {
        match self.token() {
            Some(token) if token.value == *value => self.dir.remove(&self.name(TOKEN)),
            _ => Ok(()),
        }
    }

    /// Tries to take this key's lock, without waiting.
    pub fn try_lock(&self) -> Lock {
        lock::try_lock(&self.dir, &self.name(LOCK))
    }

    /// Removes what is long dead, of any key.
    pub fn prune(&self, now: Timestamp) {
        prune::prune(&self.dir, now);
    }

    fn name(&self, ending: &str) -> String {
        [self.key.as_str(), ending].concat()
    }

    fn replace(&self, name: &str, content: &[u8]) -> io::Result<()> {
        // Created 0600 under a random name; removed again when anything below fails.
        let mut file = tempfile::Builder::new().prefix(TEMPORARY).tempfile_in(self.dir.path())?;
        file.write_all(content)?;
        file.persist(self.dir.path().join(name)).map_err(|failed| failed.error)?;
        Ok(())
    }
}

fn unsealable() -> io::Error {
    io::Error::other("it can't be sealed")
}
