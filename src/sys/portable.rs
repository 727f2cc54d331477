//! The same interface where there is no Unix: by paths, with the privacy the user's profile directory gives.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use crate::time::Timestamp;

/// A directory of the caller.
#[derive(Debug)]
pub struct PrivateDir {
    path: PathBuf,
}

impl PrivateDir {
    /// Opens an existing directory; the directory itself may be no link.
    ///
    /// # Errors
    /// Not there, or no directory.
    pub fn open(path: &Path) -> io::Result<Self> {
        if std::fs::symlink_metadata(path)?.is_dir() {
            Ok(Self { path: path.to_owned() })
        } else {
            Err(refused("is no directory"))
        }
    }

    /// Opens a directory in here, no link.
    ///
    /// # Errors
    /// As [`PrivateDir::open`].
    pub fn open_dir(&self, name: &str) -> io::Result<Self> {
        Self::open(&self.path.join(name))
    }

    /// Makes the directory, which must not be there yet.
    ///
    /// # Errors
    /// It is there, or what making it can fail with.
    pub fn create(path: &Path) -> io::Result<Self> {
        std::fs::create_dir(path)?;
        Self::open(path)
    }

    /// Opens the directory, or makes it with its parents.
    ///
    /// # Errors
    /// As [`PrivateDir::open`], and what making it can fail with.
    pub fn open_or_create(path: &Path) -> io::Result<Self> {
        std::fs::create_dir_all(path)?;
        Self::open(path)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The content of a regular file in here, at most `limit` bytes.
    ///
    /// # Errors
    /// Not there, a link, no regular file, or longer than `limit`.
    pub fn read(&self, name: &str, limit: usize) -> io::Result<Vec<u8>> {
        read_token_file(&self.path.join(name), limit)
    }

    /// When the file was last written.
    ///
    /// # Errors
    /// Not there.
    pub fn modified(&self, name: &str) -> io::Result<Timestamp> {
        let modified = std::fs::symlink_metadata(self.path.join(name))?.modified()?;
        Ok(Timestamp::of(modified))
    }

    /// Writes a new file in here.
    ///
    /// # Errors
    /// It is there, or what writing can fail with.
    pub fn write_new(&self, name: &str, content: &[u8]) -> io::Result<()> {
        OpenOptions::new().write(true).create_new(true).open(self.path.join(name))?.write_all(content)
    }

    /// Opens the lock file `name` in here, making it when it is not there.
    ///
    /// # Errors
    /// What opening can fail with.
    pub fn open_lock(&self, name: &str) -> io::Result<File> {
        OpenOptions::new().read(true).write(true).create(true).truncate(false).open(self.path.join(name))
    }

    /// The names in here that are text.
    ///
    /// # Errors
    /// What reading it can fail with.
    pub fn names(&self) -> io::Result<Vec<String>> {
        let names = std::fs::read_dir(&self.path)?.map(|entry| Ok(entry?.file_name().into_string().ok()));
        names.filter_map(io::Result::transpose).collect()
    }

    /// Removes one name from the directory; not being there is fine.
    ///
    /// # Errors
    /// What removing can fail with.
    pub fn remove(&self, name: &str) -> io::Result<()> {
        unless_missing(std::fs::remove_file(self.path.join(name)))
    }

    /// Removes an empty directory in here; not being there is fine.
    ///
    /// # Errors
    /// What removing can fail with.
    pub fn remove_dir(&self, name: &str) -> io::Result<()> {
        unless_missing(std::fs::remove_dir(self.path.join(name)))
    }
}

fn unless_missing(removed: io::Result<()>) -> io::Result<()> {
    match removed {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// What a file system is and how much room it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileSystem {
    /// What it is called, when it is one of the usual.
    pub name: Option<&'static str>,
    /// Whether other machines may use it too.
    pub is_network: bool,
    /// Bytes that the caller may still write.
    pub free: u64,
}

impl PrivateDir {
    /// The file system below.
    ///
    /// # Errors
    /// The standard library can't tell.
    pub fn file_system(&self) -> io::Result<FileSystem> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

/// Whether the cache may live below `home`.
pub fn home_is_usable(home: &Path) -> bool {
    home.is_absolute() && home.parent().is_some() && home.is_dir()
}

/// Reads a bound token file: regular and at most `limit` bytes.
///
/// # Errors
/// Whatever of that does not hold, in words.
pub fn read_token_file(path: &Path, limit: usize) -> io::Result<Vec<u8>> {
    if !std::fs::symlink_metadata(path)?.is_file() {
        return Err(refused("is no regular file"));
    }
    let mut content = Vec::new();
    File::open(path)?.take(limit as u64 + 1).read_to_end(&mut content)?;
    if content.len() > limit { Err(refused("is too large")) } else { Ok(content) }
}

fn refused(why: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::PermissionDenied, why)
}
