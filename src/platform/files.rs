//! What each operating system implements.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::time::Timestamp;

/// An open directory, of any user. All work goes through what was opened: another directory that takes its place is left
/// alone. Names are those of entries in it, never paths.
pub(crate) trait Directory: Sized {
    /// A directory in it that belongs to the caller.
    type Private: PrivateDirectory;
    /// A file in it that is being written.
    type NewFile<'d>: NewFile
    where
        Self: 'd;

    /// Opens an existing directory, also through links.
    ///
    /// # Errors
    /// It is missing or no directory.
    fn open(path: &Path) -> io::Result<Self>;

    /// Opens the directory, or creates it with its parents, closed to other users. Leaves none behind when it fails.
    ///
    /// # Errors
    /// As [`Directory::open`], or creating one failed.
    fn open_or_create(path: &Path) -> io::Result<Self>;

    /// Removes what [`Directory::open_or_create`] created, as far as it is empty: it turned out to be of no use.
    fn remove_created(&self);

    /// Opens a private directory in this one.
    ///
    /// # Errors
    /// As [`PrivateDirectory::open`].
    fn open_private(&self, name: &OsStr) -> io::Result<Self::Private>;

    /// Creates a private directory in this one. Leaves none behind when it fails.
    ///
    /// # Errors
    /// It exists, or creating it failed.
    fn create_private(&self, name: &OsStr) -> io::Result<Self::Private>;

    /// Creates a file for the caller alone, under a new name that begins with `prefix`.
    ///
    /// # Errors
    /// Creating it failed.
    fn new_file(&self, prefix: &str) -> io::Result<Self::NewFile<'_>>;

    /// When the regular file `name` was last written; `None` if it is anything else, or not the caller's.
    fn own_file_modified(&self, name: &str) -> Option<Timestamp>;

    /// The names in this directory that are UTF-8.
    ///
    /// # Errors
    /// Reading it failed.
    fn names(&self) -> io::Result<Vec<String>>;

    /// Removes the files that killed writers left, by `prefix`. Best effort: the next call tries again.
    fn remove_unfinished(&self, prefix: &str, now: Timestamp) {
        let names = self.names().unwrap_or_default();
        let is_dead = |name: &&String| {
            let modified = self.own_file_modified(name);
            modified.is_some_and(|modified| now.since(modified) > KILLED_WRITER)
        };
        for name in names.iter().filter(|name| name.starts_with(prefix)).filter(is_dead) {
            let _ = self.remove(name);
        }
    }

    /// Removes a file or link; a missing one is fine.
    ///
    /// # Errors
    /// Removing it failed.
    fn remove(&self, name: &str) -> io::Result<()>;

    /// Removes an empty directory in this one; a missing one is fine.
    ///
    /// # Errors
    /// Removing it failed.
    fn remove_dir(&self, name: &OsStr) -> io::Result<()>;
}

/// A file that is being written, for the caller alone. It is removed when it is dropped before it was renamed.
pub trait NewFile {
    /// The file, open for writing.
    fn file(&self) -> &File;

    /// Where it is now.
    fn path(&self) -> PathBuf;

    /// Gives it the name `name` in its directory, atomically, in place of a file of that name.
    ///
    /// # Errors
    /// Renaming it failed, for example since `name` is a directory. It keeps its temporary name.
    fn rename_to(&mut self, name: &OsStr) -> io::Result<()>;
}

/// A directory that belongs to the caller and that nobody else can write to, and the files in it.
///
/// The directory itself is no link; its parents may be. All work goes through what was opened and checked. Names are
/// those of entries in it, never paths. Modes do not depend on the umask.
pub trait PrivateDirectory: Sized {
    /// A file in it that is being written.
    type NewFile<'d>: NewFile
    where
        Self: 'd;

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

    /// Creates a directory in this one. Leaves none behind when it fails.
    ///
    /// # Errors
    /// It exists, or creating it failed.
    fn create_dir(&self, name: &str) -> io::Result<Self>;

    /// Opens the directory, or creates it with its parents, all for the caller alone. Leaves none behind when it fails.
    ///
    /// # Errors
    /// As [`PrivateDirectory::open`], or creating one failed.
    fn open_or_create(path: &Path) -> io::Result<Self>;

    /// Where it is.
    fn path(&self) -> &Path;

    /// The content of a regular file of the caller's, at most `limit` bytes.
    ///
    /// # Errors
    /// It is missing, or, as permission denied: a link, no regular file, owned by another user, writable by others, or
    /// longer than `limit`.
    fn read(&self, name: &str, limit: usize) -> io::Result<Vec<u8>>;

    /// When the file, link or directory `name` was last written.
    ///
    /// # Errors
    /// It is missing.
    fn modified(&self, name: &str) -> io::Result<Timestamp>;

    /// Whether `name` is a directory.
    fn is_dir(&self, name: &str) -> bool;

    /// Writes a new file, for the caller alone.
    ///
    /// # Errors
    /// It exists, or writing it failed.
    fn write_new(&self, name: &str, content: &[u8]) -> io::Result<()>;

    /// Copies the program at `from` into a new file, executable by the caller alone.
    ///
    /// # Errors
    /// It exists, or copying it failed.
    fn copy_program(&self, name: &str, from: &Path) -> io::Result<()>;

    /// Creates a file for the caller alone, under a new name that begins with `prefix`.
    ///
    /// # Errors
    /// Creating it failed.
    fn new_file(&self, prefix: &str) -> io::Result<Self::NewFile<'_>>;

    /// Replaces or creates a file atomically: written beside its place under a name that begins with
    /// `temporary_prefix`, then renamed. A directory in its place is moved out of the way.
    ///
    /// # Errors
    /// Writing failed. The old file is still there, whole.
    fn replace(&self, name: &str, content: &[u8], temporary_prefix: &str) -> io::Result<()> {
        let mut new = self.new_file(temporary_prefix)?;
        new.file().write_all(content)?;
        match new.rename_to(OsStr::new(name)) {
            Err(_) if self.is_dir(name) => {
                self.move_dir_away(name, temporary_prefix)?;
                new.rename_to(OsStr::new(name))
            }
            renamed => renamed,
        }
    }

    /// Removes the directory `name`, or gives it a new name that begins with `prefix` if it has something in it. Leaves a
    /// file that has taken its place meanwhile.
    ///
    /// # Errors
    /// It can't be moved.
    fn move_dir_away(&self, name: &str, prefix: &str) -> io::Result<()>;

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

/// A writer that began this long ago was killed: writing takes milliseconds.
pub(crate) const KILLED_WRITER: Duration = Duration::from_mins(10);

/// Where the answer of a call goes that is to be written to a path.
pub(crate) enum OutputTarget<D> {
    /// A regular file, or none yet, of this name in this directory. It is to be replaced.
    File(D, OsString),
    /// Anything else, such as a terminal or a pipe, open for writing.
    Stream(File),
}

/// Finds what the answer is to be written to.
pub(crate) trait FindOutput: Directory {
    /// What is at `path`, or at the end of its links.
    ///
    /// # Errors
    /// It is a directory; nobody reads the pipe yet, as [`io::ErrorKind::WouldBlock`]; a link or pipe that another user
    /// put where others can write, as permission denied; or it can't be opened.
    fn find_output(path: &Path) -> io::Result<OutputTarget<Self>>;
}

/// The error for a condition that does not hold.
pub(super) fn refused(why: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::PermissionDenied, why)
}
