//! What each operating system implements.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::Path;

use tempfile::NamedTempFile;

use crate::time::Timestamp;

/// A directory that belongs to the caller and that nobody else can write to, and the files in it.
///
/// The directory itself is no link; its parents may be. Names are those of entries in it, never paths.
pub trait PrivateDirectory: Sized {
    /// Opens an existing directory.
    ///
    /// # Errors
    /// It is missing, no directory, owned by another user, or writable by others.
    fn open(path: &Path) -> io::Result<Self>;

    /// Opens a directory in this one, under the same conditions.
    ///
    /// # Errors
    /// As [`PrivateDirectory::open`].
    fn open_dir(&self, name: &str) -> io::Result<Self>;

    /// Creates the directory, for the caller alone. Leaves none behind when it fails.
    ///
    /// # Errors
    /// It exists, or creating it failed.
    fn create(path: &Path) -> io::Result<Self>;

    /// Opens the directory, or creates it with its parents.
    ///
    /// # Errors
    /// As [`PrivateDirectory::open`] and [`PrivateDirectory::create`].
    fn open_or_create(path: &Path) -> io::Result<Self>;

    /// Where it is.
    fn path(&self) -> &Path;

    /// The content of a regular file of the caller's, at most `limit` bytes.
    ///
    /// # Errors
    /// It is missing, a link, no regular file, owned by another user, writable by others, or longer than `limit`.
    fn read(&self, name: &str, limit: usize) -> io::Result<Vec<u8>>;

    /// When the file was last written.
    ///
    /// # Errors
    /// It is missing.
    fn modified(&self, name: &str) -> io::Result<Timestamp> {
        Ok(std::fs::symlink_metadata(self.path().join(name))?.modified()?.into())
    }

    /// Writes a new file, for the caller alone.
    ///
    /// # Errors
    /// It exists, or writing it failed.
    fn write_new(&self, name: &str, content: &[u8]) -> io::Result<()>;

    /// Replaces or creates a file atomically: written beside its place under a name that begins with
    /// `temporary_prefix`, then renamed.
    ///
    /// # Errors
    /// Writing failed. The old file is still there, whole.
    fn replace(&self, name: &str, content: &[u8], temporary_prefix: &str) -> io::Result<()> {
        // Created for the caller alone; removed again when anything below fails.
        let mut file = temporary_file(self.path(), temporary_prefix)?;
        file.write_all(content).map_err(without_path)?;
        file.persist(self.path().join(name)).map_err(|failed| without_path(failed.error))?;
        Ok(())
    }

    /// Opens a lock file, or creates it empty, for the caller alone.
    ///
    /// # Errors
    /// It is a link, no regular file, owned by another user, or opening it failed.
    fn open_lock(&self, name: &str) -> io::Result<File>;

    /// The names in this directory that are UTF-8.
    ///
    /// # Errors
    /// Reading it failed.
    fn names(&self) -> io::Result<Vec<String>>;

    /// Removes a file or link; a missing one is fine.
    ///
    /// # Errors
    /// Removing it failed.
    fn remove(&self, name: &str) -> io::Result<()>;

    /// Removes an empty directory in this one; a missing one is fine.
    ///
    /// # Errors
    /// Removing it failed.
    fn remove_dir(&self, name: &str) -> io::Result<()>;

    /// The file system that holds this directory.
    ///
    /// # Errors
    /// The system does not say.
    fn file_system(&self) -> io::Result<FileSystem>;

    /// Whether a cache may live below `home`: a real directory, not the root, writable by the caller.
    fn is_usable_home(home: &Path) -> bool;

    /// The content of a regular file, the caller's or root's, closed to others, at most `limit` bytes.
    ///
    /// # Errors
    /// The condition that does not hold, in words.
    fn read_private_file(path: &Path, limit: usize) -> io::Result<Vec<u8>>;
}

/// A file system and how much room it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileSystem {
    /// Its usual name, when it is a known one.
    pub name: Option<&'static str>,
    /// Whether other machines may use it too.
    pub is_network: bool,
    /// Bytes that the caller may still write.
    pub free: u64,
}

/// A new file in `dir`, for the caller alone, that is removed when it is dropped.
///
/// # Errors
/// Creating it failed.
pub(crate) fn temporary_file(dir: &Path, prefix: &str) -> io::Result<NamedTempFile> {
    tempfile::Builder::new().prefix(prefix).tempfile_in(dir).map_err(without_path)
}

/// `error` without the path of the temporary file that `tempfile` adds to it: users don't know that file.
pub(crate) fn without_path(error: io::Error) -> io::Error {
    let inner = error.get_ref().and_then(|inner| inner.source()?.downcast_ref::<io::Error>());
    inner.and_then(io::Error::raw_os_error).map_or(error, io::Error::from_raw_os_error)
}

/// The error for a condition that does not hold.
pub(super) fn refused(why: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::PermissionDenied, why)
}
