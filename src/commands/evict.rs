//! Dropping a cached token: what `invalidate` and `revoke` share.

use crate::cache::Cache;
use crate::error::{Error, Result};
use crate::settings::ClientSettings;
use crate::store::DirStore;

/// What became of the cached token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Evicted {
    /// It is gone.
    Dropped,
    /// The cached token was another one, and stays.
    Kept,
    /// There was none.
    Nothing,
}

impl Evicted {
    /// The sentence about the token of `client`.
    pub(super) fn sentence(self, client: &ClientSettings) -> String {
        let whose = client.whose();
        match self {
            Self::Dropped => format!("dropped the cached token {whose}"),
            Self::Kept => format!("kept the cached token {whose}: it is another one"),
            Self::Nothing => format!("there is no cached token {whose}"),
        }
    }
}

/// The store, if the cache exists.
pub(super) fn open_store(settings: &ClientSettings) -> Result<Option<DirStore>> {
    settings.cache.open_existing().map_err(|why| {
        Error::usage(why).fix("name the cache's directory with --cache-dir or GENESYS_TOKEN_CACHE_DIR")
    })
}

/// The error of a token that could not be dropped.
pub(super) fn undropped(cache: &Cache, error: &std::io::Error) -> Error {
    Error::internal(format!("cannot drop {}: {error}", cache.location()))
        .fix("make the cache's directory writable, and try again")
}
