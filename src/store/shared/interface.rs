//! What the cache asks of a store that the machines of a fleet share.

use std::time::Duration;

use super::fault::StoreFault;
use crate::store::name::EntryName;
use crate::time::Timestamp;

/// Keeps records for a fleet. Each method asks the network, and all of them together take no longer than one stopwatch
/// allows. What comes from there is bytes from outside.
pub trait SharedStore {
    /// The store's time, the records, and the lease, as of one moment.
    ///
    /// # Errors
    /// The store can't be asked, or refuses.
    fn look(&self, names: &[SharedName], lease: &SharedName) -> Result<Look, StoreFault>;

    /// Takes the lease for `life`, and says whether it was free.
    ///
    /// # Errors
    /// As [`SharedStore::look`].
    fn take_lease(
        &self,
        lease: &SharedName,
        holder: &LeaseHolder,
        life: Duration,
    ) -> Result<bool, StoreFault>;

    /// Replaces records by what `change` makes of them, and gives the lease back if it is still that of `holder`; all of it
    /// or nothing. `change` runs again when another machine was faster.
    ///
    /// # Errors
    /// As [`SharedStore::look`], or other machines were always faster.
    fn update(
        &self,
        names: &[SharedName],
        lease: &SharedName,
        holder: &LeaseHolder,
        change: &mut dyn FnMut(&Look) -> Vec<Put>,
    ) -> Result<(), StoreFault>;

    /// Host, port and database, as messages name it: nothing secret.
    fn location(&self) -> String;
}

/// The name of a record or a lease. All of a client have the client's entry name in braces, so that a store that is
/// spread over machines keeps them together.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SharedName(String);

impl SharedName {
    /// The name of what `suffix` says, of the client whose entry without a lane has the name `client`.
    pub fn new(prefix: &str, client: &EntryName, suffix: &str) -> Self {
        Self([prefix, "{", client.as_str(), "}", suffix].concat())
    }

    /// The name itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whose lease it is: a random text, of this call alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeaseHolder(pub String);

/// What a store has at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    /// What its own clock shows.
    pub time: Timestamp,
    /// One for each name that was asked for, in that order. What is no value of at most
    /// [`MAX_VALUE_LEN`](crate::store::MAX_VALUE_LEN) bytes with an end is missing.
    pub records: Vec<Option<Stored>>,
    /// Whether anybody has the lease.
    pub lease: LeaseState,
}

/// A record in a store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Its bytes.
    pub value: Vec<u8>,
    /// What is left of it, by the store's word.
    pub left: Duration,
}

/// Whether anybody has a lease.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LeaseState {
    /// Nobody.
    Free,
    /// Somebody, for so long; `None` is without an end, or nothing that a lease could be.
    Held(Option<Duration>),
}

/// A record to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Put {
    /// Its name.
    pub name: SharedName,
    /// Its bytes.
    pub value: Vec<u8>,
    /// When the store forgets it.
    pub life: Duration,
}
