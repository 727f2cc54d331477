//! Directories of any user on Windows.

use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use super::at::{EXAMINE, Unplaced, modified, names, open, remove_dir, remove_file};
use super::files::PrivateDir;
use super::parents::Parent;
use super::security::is_own;
use crate::platform::files::Directory;
use crate::time::Timestamp;

/// An open directory.
#[derive(Debug)]
pub(crate) struct Dir {
    parent: Parent,
    path: PathBuf,
}

impl Dir {
    /// The directory as it was opened.
    pub(super) fn file(&self) -> &File {
        self.parent.dir()
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

impl Directory for Dir {
    type NewFile<'d> = Unplaced<'d>;
    type Private = PrivateDir;

    fn open(path: &Path) -> io::Result<Self> {
        Ok(Self { parent: Parent::open(path)?, path: path.to_owned() })
    }

    fn open_or_create(path: &Path) -> io::Result<Self> {
        Ok(Self { parent: Parent::open_or_create(path)?, path: path.to_owned() })
    }

    fn remove_created(&self) {
        self.parent.remove_created();
    }

    fn open_private(&self, name: &OsStr) -> io::Result<PrivateDir> {
        PrivateDir::open_at(self.file(), name, self.path.join(name))
    }

    fn create_private(&self, name: &OsStr) -> io::Result<PrivateDir> {
        PrivateDir::create_at(self.file(), name, self.path.join(name))
    }

    fn new_file(&self, prefix: &str) -> io::Result<Unplaced<'_>> {
        Unplaced::create(self.file(), &self.path, prefix)
    }

    fn own_file_modified(&self, name: &str) -> Option<Timestamp> {
        let file = open(self.file(), OsStr::new(name), EXAMINE).ok()?;
        let is_file = file.metadata().ok()?.is_file();
        if is_file && is_own(&file).ok()? { modified(&file).ok() } else { None }
    }

    fn names(&self) -> io::Result<Vec<String>> {
        names(&self.path)
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        remove_file(self.file(), OsStr::new(name))
    }

    fn remove_dir(&self, name: &OsStr) -> io::Result<()> {
        remove_dir(self.file(), name)
    }
}
