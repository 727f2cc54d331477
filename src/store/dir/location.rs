//! Where the cache's directory is, and what is used when it can't be there.

use std::io;
use std::path::PathBuf;

use super::dir_store::DirStore;
use crate::environment::{Environment, variable};
use crate::platform::{PrivateDir, PrivateDirectory as _};
use crate::secret::visible;

/// The directory's name in the user's cache directory.
const NAME: &str = "genesys-token";
/// Its name below `WORKSPACE_TMP`, which agents share with the jobs' own files.
const WORKSPACE_NAME: &str = "genesys-token-cache";

/// Where the cache's directory is, whether it exists or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CacheLocation {
    /// At this path.
    At(PathBuf),
    /// Nowhere, for this reason.
    Nowhere(String),
}

impl CacheLocation {
    /// The location by `environment` alone: the first of `XDG_CACHE_HOME` (absolute, where the platform knows it), the
    /// user's cache directory below a usable `HOME`, and `WORKSPACE_TMP`. `user_cache_dir` is asked once `HOME` is
    /// known to be usable.
    pub(crate) fn default(environment: Environment, user_cache_dir: &dyn Fn() -> Option<PathBuf>) -> Self {
        let xdg = environment.path(variable::XDG_CACHE_HOME).filter(|_| KNOWS_XDG);
        let absolute = xdg.as_ref().filter(|path| path.is_absolute()).cloned();
        let user = || has_usable_home(environment).then(user_cache_dir).flatten();
        let workspace = || environment.path(variable::WORKSPACE_TMP);
        let path = absolute
            .or_else(user)
            .map(|dir| dir.join(NAME))
            .or_else(|| workspace().map(|dir| dir.join(WORKSPACE_NAME)));
        let relative = if xdg.is_some() { "XDG_CACHE_HOME is not an absolute path, " } else { "" };
        let reason = || format!("{relative}HOME is not usable and WORKSPACE_TMP is not set");
        path.map_or_else(|| Self::Nowhere(reason()), Self::At)
    }

    /// Opens the directory, or creates it.
    ///
    /// # Errors
    /// A sentence that says which directory can't be used, and why. The call goes on without a cache.
    pub(crate) fn open_or_create(&self) -> Result<DirStore, String> {
        let path = self.path()?;
        DirStore::open_or_create(path).map_err(|error| unusable(path, &error))
    }

    /// Opens the directory, if it exists.
    ///
    /// # Errors
    /// A sentence that says which directory can't be used, and why.
    pub(crate) fn open_existing(&self) -> Result<Option<DirStore>, String> {
        let Ok(path) = self.path() else { return Ok(None) };
        match DirStore::open_existing(path) {
            Ok(store) => Ok(Some(store)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(unusable(path, &error)),
        }
    }

    fn path(&self) -> Result<&PathBuf, String> {
        match self {
            Self::At(path) => Ok(path),
            Self::Nowhere(reason) => Err(format!("no cache: {reason}")),
        }
    }
}

/// Whether the XDG base directory specification applies.
const KNOWS_XDG: bool = cfg!(all(unix, not(target_vendor = "apple")));

/// An unset `HOME` means no. The password file is not asked, since an agent's random uid has no line there, or
/// another user's.
fn has_usable_home(environment: Environment) -> bool {
    cfg!(windows) || environment.path(variable::HOME).as_deref().is_some_and(PrivateDir::is_usable_home)
}

fn unusable(path: &std::path::Path, error: &io::Error) -> String {
    format!("no cache: {}: {error}", visible(path.display()))
}

#[cfg(all(test, unix, not(target_vendor = "apple")))]
mod tests {
    use std::ffi::OsString;

    use super::*;

    fn location(variables: &[(&str, &str)]) -> CacheLocation {
        let lookup = |name: &str| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| OsString::from(value))
        };
        CacheLocation::default(Environment::new(&lookup), &|| Some(PathBuf::from("/user/cache")))
    }

    fn at(path: &str) -> CacheLocation {
        CacheLocation::At(PathBuf::from(path))
    }

    #[test]
    fn the_injected_environment_alone_decides() {
        let home = std::env::temp_dir();
        let home = home.to_str().expect("UTF-8");
        assert_eq!(location(&[("HOME", home)]), at("/user/cache/genesys-token"));
        assert_eq!(location(&[("HOME", "/"), ("WORKSPACE_TMP", "/w")]), at("/w/genesys-token-cache"));
        assert!(matches!(location(&[]), CacheLocation::Nowhere(_)));
    }

    #[test]
    fn an_absolute_xdg_cache_home_counts_without_home_and_a_relative_one_does_not() {
        assert_eq!(location(&[("XDG_CACHE_HOME", "/xdg")]), at("/xdg/genesys-token"));
        assert!(matches!(location(&[("XDG_CACHE_HOME", "xdg")]), CacheLocation::Nowhere(_)));
    }
}
