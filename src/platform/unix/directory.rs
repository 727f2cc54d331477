//! Directories of any user on Unix.

use std::ffi::OsStr;
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, CWD, FileType, Stat};
use rustix::process::geteuid;

use super::at::{Unplaced, modified, names, unlink};
use super::files::PrivateDir;
use super::parents::Parent;
use crate::platform::files::Directory;
use crate::time::Timestamp;

/// An open directory.
#[derive(Debug)]
pub(crate) struct Dir {
    parent: Parent,
    path: PathBuf,
}

impl Dir {
    /// The directory at `path`, which is seen from `self`.
    pub(super) fn open_at(&self, path: &Path) -> io::Result<Self> {
        Ok(Self { parent: Parent::open(self.as_fd(), path)?, path: self.path.join(path) })
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// What `name` is, without following it.
    pub(super) fn stat(&self, name: &OsStr) -> rustix::io::Result<Stat> {
        rustix::fs::statat(self.as_fd(), name, AtFlags::SYMLINK_NOFOLLOW)
    }
}

impl AsFd for Dir {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.parent.as_fd()
    }
}

impl Directory for Dir {
    type NewFile<'d> = Unplaced<'d>;
    type Private = PrivateDir;

    fn open(path: &Path) -> io::Result<Self> {
        Ok(Self { parent: Parent::open(CWD, path)?, path: path.to_owned() })
    }

    fn open_or_create(path: &Path) -> io::Result<Self> {
        Ok(Self { parent: Parent::open_or_create(path, &|_| Ok(()))?, path: path.to_owned() })
    }

    fn remove_created(&self) {
        self.parent.remove_created();
    }

    fn open_private(&self, name: &OsStr) -> io::Result<PrivateDir> {
        PrivateDir::open_at(self.as_fd(), Path::new(name), self.path.join(name))
    }

    fn create_private(&self, name: &OsStr) -> io::Result<PrivateDir> {
        PrivateDir::create_at(self.as_fd(), name, self.path.join(name))
    }

    fn new_file(&self, prefix: &str) -> io::Result<Unplaced<'_>> {
        Unplaced::create(self.as_fd(), &self.path, prefix)
    }

    fn own_file_modified(&self, name: &str) -> Option<Timestamp> {
        let stat = self.stat(OsStr::new(name)).ok()?;
        let is_file = FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile;
        (is_file && stat.st_uid == geteuid().as_raw()).then(|| modified(&stat))
    }

    fn names(&self) -> io::Result<Vec<String>> {
        names(self.as_fd())
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        unlink(self.as_fd(), OsStr::new(name), AtFlags::empty())
    }

    fn remove_dir(&self, name: &OsStr) -> io::Result<()> {
        unlink(self.as_fd(), name, AtFlags::REMOVEDIR)
    }
}
