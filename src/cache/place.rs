//! Where the cache is, and what is used when it can't be there.

use std::path::{Path, PathBuf};

use crate::env::Env;
use crate::sys::{self, PrivateDir};

/// Where to look for the cache.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// The caller said where.
    Given(PathBuf),
    /// The user's cache directory, or a fall-back.
    Default,
    /// The caller wants none.
    Off,
}

/// What the directory is called in the user's cache directory.
const NAME: &str = "genesys-token";
/// And below `WORKSPACE_TMP`, which agents share with the jobs' own files.
const WORKSPACE_NAME: &str = "genesys-token-cache";

/// Opens the cache directory, making it if need be.
///
/// # Errors
/// A sentence that says which directory can't be used, and why. The call goes on without a cache.
pub fn open(place: &Place, env: &Env) -> Result<Option<PrivateDir>, String> {
    match place {
        Place::Off => Ok(None),
        Place::Given(path) => attempt(path).map(Some),
        Place::Default => {
            if usable(env.path("HOME").as_deref())
                && let Some(dirs) = directories::BaseDirs::new()
            {
                return attempt(&dirs.cache_dir().join(NAME)).map(Some);
            }
            match env.path("WORKSPACE_TMP") {
                Some(tmp) => attempt(&tmp.join(WORKSPACE_NAME)).map(Some),
                None => Err(String::from("no cache: HOME is not usable and WORKSPACE_TMP is not set")),
            }
        }
    }
}

/// Whether `HOME` is a place for a cache. Unset means no: the password file is not asked, since an agent's
/// random uid has no line there, or somebody else's.
fn usable(home: Option<&Path>) -> bool {
    cfg!(windows) || home.is_some_and(sys::home_is_usable)
}

fn attempt(path: &Path) -> Result<PrivateDir, String> {
    PrivateDir::open_or_create(path).map_err(|error| format!("no cache: {}: {error}", path.display()))
}
