//! Where the cache is, and what is used when it can't be there.

use std::io;
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
}

/// What the directory is called in the user's cache directory.
const NAME: &str = "genesys-token";
/// And below `WORKSPACE_TMP`, which agents share with the jobs' own files.
const WORKSPACE_NAME: &str = "genesys-token-cache";

/// Opens the cache directory, making it if need be.
///
/// # Errors
/// A sentence that says which directory can't be used, and why. The call goes on without a cache.
pub fn open(place: &Place, env: &Env) -> Result<PrivateDir, String> {
    let path = path(place, env)?;
    PrivateDir::open_or_create(&path).map_err(|error| refused(&path, &error))
}

/// Opens the cache directory if there is one; where there is no place for it there is none.
///
/// # Errors
/// A sentence that says which directory can't be used, and why.
pub fn find(place: &Place, env: &Env) -> Result<Option<PrivateDir>, String> {
    let Ok(path) = path(place, env) else { return Ok(None) };
    match PrivateDir::open(&path) {
        Ok(dir) => Ok(Some(dir)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(refused(&path, &error)),
    }
}

/// Where the cache directory is, or would be.
///
/// # Errors
/// A sentence that says why there is no place for one.
pub fn path(place: &Place, env: &Env) -> Result<PathBuf, String> {
    if let Place::Given(path) = place {
        return Ok(path.clone());
    }
    if usable(env.path("HOME").as_deref())
        && let Some(dirs) = directories::BaseDirs::new()
    {
        return Ok(dirs.cache_dir().join(NAME));
    }
    match env.path("WORKSPACE_TMP") {
        Some(tmp) => Ok(tmp.join(WORKSPACE_NAME)),
        None => Err(String::from("no cache: HOME is not usable and WORKSPACE_TMP is not set")),
    }
}

/// Whether `HOME` is a place for a cache. Unset means no: the password file is not asked, since an agent's
/// random uid has no line there, or somebody else's.
fn usable(home: Option<&Path>) -> bool {
    cfg!(windows) || home.is_some_and(sys::home_is_usable)
}

fn refused(path: &Path, error: &io::Error) -> String {
    format!("no cache: {}: {error}", path.display())
}
