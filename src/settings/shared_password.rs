//! The password of the shared cache: in a variable, in a file, or in the URL. The file is read when it is needed.

use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};

use crate::environment::Environment;
use crate::environment::variable;
use crate::error::Result;
use crate::secret::{Secret, displayed_path};

/// Bytes. No password is longer; a file named by mistake may be.
const MAX_FILE_LEN: u64 = 64 * 1024;

/// Where the password of the shared cache is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum SharedPassword {
    /// There is no login.
    None,
    Given(Secret),
    InFile(PathBuf),
}

impl SharedPassword {
    /// The password by its own variable, in the file that another one names, or in the URL.
    ///
    /// # Errors
    /// A value that is not text.
    pub(super) fn resolve(in_url: Option<Secret>, environment: Environment) -> Result<Self> {
        if let Some(password) = environment.text(variable::SHARED_CACHE_PASSWORD)? {
            return Ok(Self::Given(Secret::new(password)));
        }
        let file = environment.path(variable::SHARED_CACHE_PASSWORD_FILE).map(Self::InFile);
        Ok(file.or(in_url.map(Self::Given)).unwrap_or(Self::None))
    }

    /// The password itself.
    ///
    /// # Errors
    /// Why its file can't be used.
    pub(super) fn read(&self) -> std::result::Result<Option<Secret>, String> {
        match self {
            Self::None => Ok(None),
            Self::Given(password) => Ok(Some(password.clone())),
            Self::InFile(path) => read_password(path).map(Some),
        }
    }
}

/// The password in the file that the environment names, for output that is not to show it. One that can't be read can't
/// be shown either.
pub(super) fn password_in_file(environment: Environment) -> Option<Secret> {
    read_password(&environment.path(variable::SHARED_CACHE_PASSWORD_FILE)?).ok()
}

/// The content of a password's file, without the line break at its end.
fn read_password(path: &Path) -> std::result::Result<Secret, String> {
    let refuse = |why: String| format!("cannot read its password from {}: {why}", displayed_path(path));
    // A pipe might never end.
    let is_file = fs::metadata(path).map_err(|error| refuse(error.to_string()))?.is_file();
    if !is_file {
        return Err(refuse("it is no regular file".to_owned()));
    }
    let mut content = Vec::new();
    let read = File::open(path).and_then(|file| file.take(MAX_FILE_LEN + 1).read_to_end(&mut content));
    read.map_err(|error| refuse(error.to_string()))?;
    if content.len() as u64 > MAX_FILE_LEN {
        return Err(refuse(format!("it is larger than {MAX_FILE_LEN} bytes")));
    }
    let text =
        String::from_utf8(content).map(Secret::new).map_err(|_| refuse("it is not text".to_owned()))?;
    let password = text.expose().strip_suffix('\n').unwrap_or(text.expose());
    let password = password.strip_suffix('\r').unwrap_or(password);
    if password.is_empty() { Err(refuse("it is empty".to_owned())) } else { Ok(Secret::from(password)) }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use super::*;
    use crate::environment::variable::Variable;

    fn resolved(in_url: Option<&str>, variables: &[(&Variable, &str)]) -> SharedPassword {
        let lookup = |name: &str| {
            let found = variables.iter().find(|(variable, _)| variable.name == name);
            found.map(|(_, value)| OsString::from(value))
        };
        SharedPassword::resolve(in_url.map(Secret::from), Environment::new(&lookup)).unwrap()
    }

    #[test]
    fn the_variable_wins_over_the_file_and_that_over_the_url() {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(&file, "in the file\n\n").unwrap();
        let in_file = (variable::SHARED_CACHE_PASSWORD_FILE, file.path().to_str().unwrap());
        let given = (variable::SHARED_CACHE_PASSWORD, "in the variable");
        for (in_url, variables, password) in [
            (Some("in the url"), &[in_file, given][..], Some("in the variable")),
            (Some("in the url"), &[in_file], Some("in the file\n")),
            (Some("in the url"), &[], Some("in the url")),
            (None, &[], None),
        ] {
            let read = resolved(in_url, variables).read().unwrap();
            assert_eq!(read.as_ref().map(Secret::expose), password);
        }
    }

    #[test]
    fn a_file_without_a_password_is_refused_when_it_is_read() {
        let dir = tempfile::tempdir().unwrap();
        let file = |name: &str, content: &[u8]| {
            let path = dir.path().join(name);
            fs::write(&path, content).unwrap();
            path.into_os_string().into_string().unwrap()
        };
        // The number is the same on every system, its words are not.
        let missing = std::io::Error::from_raw_os_error(2).to_string();
        for (path, why) in [
            (file("empty", b"\r\n"), "it is empty"),
            (file("binary", b"\xff"), "it is not text"),
            (file("long", &vec![b'x'; 64 * 1024 + 1]), "it is larger than 65536 bytes"),
            (dir.path().to_str().unwrap().to_owned(), "it is no regular file"),
            ("/nowhere".to_owned(), missing.as_str()),
        ] {
            let read = resolved(None, &[(variable::SHARED_CACHE_PASSWORD_FILE, &path)]).read();
            assert_eq!(read, Err(format!("cannot read its password from {path}: {why}")));
        }
    }
}
