//! Directories that are created on the way to another one.

use std::ffi::OsString;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;

use rustix::fs::{AtFlags, CWD, Mode, OFlags, Stat};
use rustix::io::Errno;

use super::at::{check_private, make_dir};

/// Where the system can, not for reading: a caller may work in a directory that it can't list.
#[cfg(target_os = "linux")]
pub(super) const OPEN_DIRECTORY: OFlags = OFlags::PATH.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);
#[cfg(not(target_os = "linux"))]
pub(super) const OPEN_DIRECTORY: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);

/// An open directory, and what was created to get there.
#[derive(Debug)]
pub(super) struct Parent {
    fd: OwnedFd,
    /// Each with the directory that it is in.
    created: Vec<(OwnedFd, OsString)>,
}

impl Parent {
    /// Opens the directory at `path`, which is seen from `dir`.
    pub(super) fn open(dir: BorrowedFd<'_>, path: &Path) -> io::Result<Self> {
        let fd = rustix::fs::openat(dir, or_here(path), OPEN_DIRECTORY, Mode::empty())?;
        Ok(Self { fd, created: Vec::new() })
    }

    /// Opens the directory at `path`, or creates it with its parents, if `may_create_in` agrees with the nearest one that
    /// exists. Leaves none behind when it fails.
    pub(super) fn open_or_create(
        path: &Path,
        may_create_in: &dyn Fn(&Stat) -> io::Result<()>,
    ) -> io::Result<Self> {
        let mut created = Vec::new();
        match reach(path, may_create_in, &mut created) {
            Ok(fd) => Ok(Self { fd, created }),
            Err(error) => {
                remove_dirs(&created);
                Err(error)
            }
        }
    }

    /// Removes what was created, as far as it is empty.
    pub(super) fn remove_created(&self) {
        remove_dirs(&self.created);
    }
}

impl AsFd for Parent {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

/// Opens the directory at `path`, or creates it with its parents, and remembers what it created.
fn reach(
    path: &Path,
    may_create_in: &dyn Fn(&Stat) -> io::Result<()>,
    created: &mut Vec<(OwnedFd, OsString)>,
) -> io::Result<OwnedFd> {
    match rustix::fs::openat(CWD, or_here(path), OPEN_DIRECTORY, Mode::empty()) {
        Err(Errno::NOENT) => {}
        opened => return Ok(opened?),
    }
    let (Some(parent), Some(name)) = (path.parent(), path.components().next_back()) else {
        return Err(Errno::NOENT.into());
    };
    let name = name.as_os_str();
    let parent = reach(parent, may_create_in, created)?;
    if created.is_empty() {
        may_create_in(&rustix::fs::fstat(&parent)?)?;
    }
    let is_new = match make_dir(parent.as_fd(), name) {
        // Another process was faster.
        Err(Errno::EXIST) => false,
        made => made.map(|()| true)?,
    };
    let opened = rustix::fs::openat(&parent, name, OPEN_DIRECTORY | OFlags::NOFOLLOW, Mode::empty());
    if is_new {
        created.push((parent, name.to_owned()));
    }
    let fd = opened?;
    if is_new {
        // A file system without modes opens it to all.
        check_private(&rustix::fs::fstat(&fd)?)?;
    }
    Ok(fd)
}

/// The path to open: an empty one is where this process is.
fn or_here(path: &Path) -> &Path {
    if path.as_os_str().is_empty() { Path::new(".") } else { path }
}

fn remove_dirs(created: &[(OwnedFd, OsString)]) {
    for (parent, name) in created.iter().rev() {
        let _ = rustix::fs::unlinkat(parent, name, AtFlags::REMOVEDIR);
    }
}
