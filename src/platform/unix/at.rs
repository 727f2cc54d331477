//! System calls in an open directory.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::fs::{AtFlags, Mode, OFlags, Stat};
use rustix::io::Errno;
use rustix::process::{geteuid, umask};

use crate::platform::files::{NewFile, refused};
use crate::time::Timestamp;

/// The mode of a file for the caller alone.
pub(super) const PRIVATE_FILE: Mode = Mode::RUSR.union(Mode::WUSR);

/// Never through a link, never inherited by a child, never blocked by a FIFO in the file's place.
pub(super) const SAFE_OPEN: OFlags =
    OFlags::NOFOLLOW.union(OFlags::CLOEXEC).union(OFlags::NONBLOCK).union(OFlags::NOCTTY);

pub(super) fn check_private(stat: &Stat) -> io::Result<()> {
    if stat.st_uid != geteuid().as_raw() {
        return Err(refused("it belongs to another user"));
    }
    if stat.st_mode & 0o022 != 0 {
        return Err(refused("it is writable by other users"));
    }
    Ok(())
}

/// What `create` makes has the mode that it says, whatever the caller's umask: that one is for what others may read.
fn with_exact_mode<T>(create: impl FnOnce() -> T) -> T {
    let before = umask(Mode::RWXG | Mode::RWXO);
    let created = create();
    umask(before);
    created
}

/// Creates a directory for the caller alone.
pub(super) fn make_dir(parent: BorrowedFd<'_>, name: &OsStr) -> rustix::io::Result<()> {
    with_exact_mode(|| rustix::fs::mkdirat(parent, name, Mode::RWXU))
}

/// Opens a file that is created, if `flags` say so, with this mode.
pub(super) fn create_file(
    dir: BorrowedFd<'_>,
    name: &OsStr,
    flags: OFlags,
    mode: Mode,
) -> rustix::io::Result<OwnedFd> {
    with_exact_mode(|| rustix::fs::openat(dir, name, flags | OFlags::CREATE | SAFE_OPEN, mode))
}

/// Removes `name`; a missing one is fine.
pub(super) fn unlink(dir: BorrowedFd<'_>, name: &OsStr, flags: AtFlags) -> io::Result<()> {
    match rustix::fs::unlinkat(dir, name, flags) {
        Ok(()) | Err(Errno::NOENT) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

pub(super) fn names(dir: BorrowedFd<'_>) -> io::Result<Vec<String>> {
    // Not by the standard library, which goes by the path, and panics when the directory can't be closed.
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let entries = rustix::fs::Dir::new(rustix::fs::openat(dir, ".", flags, Mode::empty())?)?;
    let names = entries.map(|entry| Ok(entry?.file_name().to_str().ok().map(str::to_owned)));
    let is_entry = |name: &String| name != "." && name != "..";
    names.map(|name: io::Result<_>| Ok(name?.filter(is_entry))).filter_map(io::Result::transpose).collect()
}

/// When it was last written.
pub(super) fn modified(stat: &Stat) -> Timestamp {
    #[allow(
        clippy::useless_conversion,
        clippy::unnecessary_fallible_conversions,
        reason = "types depend on the system"
    )]
    let (seconds, nanoseconds) = (i64::from(stat.st_mtime), u64::try_from(stat.st_mtime_nsec).unwrap_or(0));
    Timestamp::from_secs(seconds).plus(Duration::from_nanos(nanoseconds))
}

/// Tries `create` with new names that begin with `prefix` until one does not exist yet.
pub(super) fn with_new_name<T>(
    prefix: &str,
    mut create: impl FnMut(&OsStr) -> rustix::io::Result<T>,
) -> io::Result<(T, OsString)> {
    let name = |path: &Path| path.file_name().unwrap_or_default().to_owned();
    // The directory is nobody's business: only the name counts.
    let created = tempfile::Builder::new()
        .prefix(prefix)
        .disable_cleanup(true)
        .make_in("/", |path| create(&name(path)).map_err(io::Error::from))?;
    let (created, path) = created.into_parts();
    Ok((created, name(&path)))
}

/// A file that is being written.
#[derive(Debug)]
pub struct Unplaced<'d> {
    dir: BorrowedFd<'d>,
    dir_path: &'d Path,
    name: OsString,
    file: File,
    has_its_name: bool,
}

impl<'d> Unplaced<'d> {
    pub(super) fn create(dir: BorrowedFd<'d>, dir_path: &'d Path, prefix: &str) -> io::Result<Self> {
        let flags = OFlags::RDWR | OFlags::EXCL;
        let (fd, name) = with_new_name(prefix, |name| create_file(dir, name, flags, PRIVATE_FILE))?;
        Ok(Self { dir, dir_path, name, file: fd.into(), has_its_name: false })
    }
}

impl NewFile for Unplaced<'_> {
    fn file(&self) -> &File {
        &self.file
    }

    fn path(&self) -> PathBuf {
        self.dir_path.join(&self.name)
    }

    fn rename_to(&mut self, name: &OsStr) -> io::Result<()> {
        rustix::fs::renameat(self.dir, &self.name, self.dir, name)?;
        self.has_its_name = true;
        Ok(())
    }
}

impl Drop for Unplaced<'_> {
    fn drop(&mut self) {
        if !self.has_its_name {
            let _ = rustix::fs::unlinkat(self.dir, &self.name, AtFlags::empty());
        }
    }
}
