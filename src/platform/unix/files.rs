//! Private directories on Unix: opened without following links, checked after opening.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, FileType, Mode, OFlags, Stat};
use rustix::io::Errno;
use rustix::process::geteuid;

use super::at::{
    PRIVATE_FILE, SAFE_OPEN, Unplaced, check_private, create_file, make_dir, modified, names, unlink,
    with_new_name,
};
use super::parents::Parent;
use crate::platform::files::{FileSystem, PrivateDirectory, refused};
use crate::time::Timestamp;

/// A directory that belongs to the caller and that nobody else can write to.
#[derive(Debug)]
pub struct PrivateDir {
    fd: OwnedFd,
    path: PathBuf,
}

impl PrivateDir {
    /// Opens the directory that is `name` in `parent`, and known as `path`.
    pub(super) fn open_at(parent: BorrowedFd<'_>, name: &Path, path: PathBuf) -> io::Result<Self> {
        let flags = OFlags::DIRECTORY | OFlags::RDONLY | SAFE_OPEN;
        let fd = rustix::fs::openat(parent, name, flags, Mode::empty()).map_err(|error| match error {
            Errno::NOTDIR | Errno::LOOP => refused("it is a link, or no directory"),
            error => error.into(),
        })?;
        let stat = rustix::fs::fstat(&fd)?;
        check_private(&stat)?;
        Ok(Self { fd, path })
    }

    /// Creates it likewise.
    pub(super) fn create_at(parent: BorrowedFd<'_>, name: &OsStr, path: PathBuf) -> io::Result<Self> {
        make_dir(parent, name)?;
        Self::open_at(parent, Path::new(name), path).inspect_err(|_| {
            // It would be in the way of the next attempt.
            let _ = unlink(parent, name, AtFlags::REMOVEDIR);
        })
    }

    fn create(&self, name: &str, flags: OFlags, mode: Mode) -> io::Result<File> {
        Ok(create_file(self.fd.as_fd(), OsStr::new(name), flags, mode)?.into())
    }

    fn stat(&self, name: &str) -> io::Result<Stat> {
        Ok(rustix::fs::statat(&self.fd, name, AtFlags::SYMLINK_NOFOLLOW)?)
    }
}

impl PrivateDirectory for PrivateDir {
    type NewFile<'d> = Unplaced<'d>;

    fn open(path: &Path) -> io::Result<Self> {
        // Collected from its components, without a slash or a dot at its end, which would follow a link after all.
        let path: PathBuf = path.components().collect();
        Self::open_at(rustix::fs::CWD, &path, path.clone())
    }

    fn open_dir(&self, name: &str) -> io::Result<Self> {
        Self::open_at(self.fd.as_fd(), Path::new(name), self.path.join(name))
    }

    fn create_dir(&self, name: &str) -> io::Result<Self> {
        Self::create_at(self.fd.as_fd(), OsStr::new(name), self.path.join(name))
    }

    fn open_or_create(path: &Path) -> io::Result<Self> {
        let missing = match Self::open(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => error,
            other => return other,
        };
        let path: PathBuf = path.components().collect();
        let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else { return Err(missing) };
        let parent = Parent::open_or_create(parent, &is_no_other_users)?;
        let opened = rustix::fs::fstat(&parent).map_err(io::Error::from).and_then(|stat| {
            is_no_other_users(&stat)?;
            match Self::create_at(parent.as_fd(), name, path.clone()) {
                // Another process was faster; opening checks whether the directory is ours.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                    Self::open_at(parent.as_fd(), Path::new(name), path.clone())
                }
                other => other,
            }
        });
        opened.inspect_err(|_| parent.remove_created())
    }

    fn path(&self) -> &Path {
        &self.path
    }

    fn read(&self, name: &str, limit: usize) -> io::Result<Vec<u8>> {
        let opened = rustix::fs::openat(&self.fd, name, OFlags::RDONLY | SAFE_OPEN, Mode::empty());
        let fd = opened.map_err(|error| match error {
            Errno::LOOP => refused("it is a link"),
            error => error.into(),
        })?;
        let stat = rustix::fs::fstat(&fd)?;
        check_regular(&stat)?;
        check_private(&stat)?;
        read_bounded(fd, &stat, limit)
    }

    fn modified(&self, name: &str) -> io::Result<Timestamp> {
        self.stat(name).map(|stat| modified(&stat))
    }

    fn is_dir(&self, name: &str) -> bool {
        self.stat(name).is_ok_and(|stat| FileType::from_raw_mode(stat.st_mode) == FileType::Directory)
    }

    fn write_new(&self, name: &str, content: &[u8]) -> io::Result<()> {
        self.create(name, OFlags::WRONLY | OFlags::EXCL, PRIVATE_FILE)?.write_all(content)
    }

    fn copy_program(&self, name: &str, from: &Path) -> io::Result<()> {
        // Not io::copy: the loader would look up its three system calls in every call of the program.
        let program = fs::read(from)?;
        self.create(name, OFlags::WRONLY | OFlags::EXCL, Mode::RWXU)?.write_all(&program)
    }

    fn new_file(&self, prefix: &str) -> io::Result<Unplaced<'_>> {
        Unplaced::create(self.fd.as_fd(), &self.path, prefix)
    }

    fn move_dir_away(&self, name: &str, prefix: &str) -> io::Result<()> {
        match rustix::fs::unlinkat(&self.fd, name, AtFlags::REMOVEDIR) {
            Ok(()) | Err(Errno::NOENT | Errno::NOTDIR) => return Ok(()),
            // What is in it is not ours to remove.
            Err(Errno::NOTEMPTY | Errno::EXIST) => {}
            Err(error) => return Err(error.into()),
        }
        // With a slash it names a directory only: another process may have put a file there meanwhile.
        let dir = [name, "/"].concat();
        let moved = with_new_name(prefix, |away| rustix::fs::renameat(&self.fd, &dir, &self.fd, away));
        match moved {
            Err(error) if error.kind() == io::ErrorKind::NotADirectory => Ok(()),
            moved => moved.map(drop),
        }
    }

    fn open_lock(&self, name: &str) -> io::Result<File> {
        let file = self.create(name, OFlags::RDWR, PRIVATE_FILE)?;
        let stat = rustix::fs::fstat(&file)?;
        check_regular(&stat)?;
        check_private(&stat)?;
        Ok(file)
    }

    fn names(&self) -> io::Result<Vec<String>> {
        names(self.fd.as_fd())
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        unlink(self.fd.as_fd(), OsStr::new(name), AtFlags::empty())
    }

    fn remove_dir(&self, name: &str) -> io::Result<()> {
        unlink(self.fd.as_fd(), OsStr::new(name), AtFlags::REMOVEDIR)
    }

    #[cfg(target_os = "linux")]
    fn file_system(&self) -> io::Result<FileSystem> {
        let stat = rustix::fs::fstatfs(&self.fd)?;
        // Both are small or positive; their width depends on the processor.
        let (magic, block) =
            (stat.f_type.cast_unsigned() & 0xffff_ffff, u64::try_from(stat.f_bsize).unwrap_or(0));
        let known = FILE_SYSTEMS.iter().find(|(number, ..)| *number == magic);
        Ok(FileSystem {
            name: known.map(|(_, name, _)| *name),
            is_network: known.is_some_and(|(.., network)| *network),
            free: stat.f_bavail.saturating_mul(block),
        })
    }

    #[cfg(not(target_os = "linux"))]
    fn file_system(&self) -> io::Result<FileSystem> {
        let stat = rustix::fs::fstatvfs(&self.fd)?;
        Ok(FileSystem { name: None, is_network: false, free: stat.f_bavail.saturating_mul(stat.f_frsize) })
    }

    /// For root also: root's own, so that `sudo` leaves nothing of root's in a user's home.
    fn is_usable_home(home: &Path) -> bool {
        if !home.is_absolute() || home == Path::new("/") {
            return false;
        }
        let Ok(metadata) = std::fs::metadata(home) else { return false };
        let is_foreign = geteuid().is_root() && metadata.uid() != 0;
        metadata.is_dir() && !is_foreign && rustix::fs::access(home, rustix::fs::Access::WRITE_OK).is_ok()
    }

    fn read_private_file(path: &Path, limit: usize) -> io::Result<Vec<u8>> {
        let fd = rustix::fs::open(path, OFlags::RDONLY | SAFE_OPEN, Mode::empty())?;
        let stat = rustix::fs::fstat(&fd)?;
        check_regular(&stat)?;
        if stat.st_uid != geteuid().as_raw() && stat.st_uid != 0 {
            return Err(refused("it belongs to another user"));
        }
        if stat.st_mode & 0o077 != 0 {
            return Err(refused("it is open to other users"));
        }
        read_bounded(fd, &stat, limit)
    }
}

/// Fails if the caller is root and the directory, in which something is to be created, another user's, who could neither
/// use nor remove it.
fn is_no_other_users(dir: &Stat) -> io::Result<()> {
    if geteuid().is_root() && dir.st_uid != 0 {
        return Err(refused("it does not exist, and root creates none in another user's directory"));
    }
    Ok(())
}

/// The usual file systems by their magic numbers (statfs(2)), and whether they are on a network.
#[cfg(target_os = "linux")]
const FILE_SYSTEMS: [(u64, &str, bool); 13] = [
    (0xef53, "ext", false),
    (0x5846_5342, "xfs", false),
    (0x9123_683e, "btrfs", false),
    (0x0102_1994, "tmpfs", false),
    (0x794c_7630, "overlay", false),
    (0x2fc1_2fc1, "zfs", false),
    (0x6969, "nfs", true),
    (0x517b, "smb", true),
    (0xff53_4d42, "cifs", true),
    (0xfe53_4d42, "smb", true),
    (0x00c3_6400, "ceph", true),
    (0x0102_1997, "9p", true),
    (0x6573_5546, "fuse", true),
];

fn check_regular(stat: &Stat) -> io::Result<()> {
    if FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile {
        Ok(())
    } else {
        Err(refused("it is no regular file"))
    }
}

fn read_bounded(fd: OwnedFd, stat: &Stat, limit: usize) -> io::Result<Vec<u8>> {
    let size = usize::try_from(stat.st_size).unwrap_or(usize::MAX);
    if size > limit {
        return Err(refused("it is too large"));
    }
    // One byte more than the size lets the read find the end without a second allocation.
    let mut content = Vec::with_capacity(size + 1);
    File::from(fd).take(limit as u64 + 1).read_to_end(&mut content)?;
    if content.len() > limit { Err(refused("it is too large")) } else { Ok(content) }
}
