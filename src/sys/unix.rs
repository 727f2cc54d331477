//! Private directories and files on Unix: opened without following links, checked after opening.

use std::fs::{DirBuilder, File};
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

use crate::time::Timestamp;

use rustix::fs::{AtFlags, FileType, Mode, OFlags, Stat};

/// Never through a link, never handed on to a child, never stuck on a FIFO somebody put there.
const CAREFULLY: OFlags =
    OFlags::NOFOLLOW.union(OFlags::CLOEXEC).union(OFlags::NONBLOCK).union(OFlags::NOCTTY);

/// A directory that belongs to the caller and that nobody else can write to.
#[derive(Debug)]
pub struct PrivateDir {
    fd: OwnedFd,
    path: PathBuf,
}

impl PrivateDir {
    /// Opens an existing directory. Parents may be links, the directory itself may not.
    ///
    /// # Errors
    /// Not there, no directory, another owner, or writable by others.
    pub fn open(path: &Path) -> io::Result<Self> {
        // Without a slash or a dot at its end, which would follow a link after all.
        Self::open_at(rustix::fs::CWD, path.components().collect())
    }

    /// Opens a directory in here, no link, under the same conditions.
    ///
    /// # Errors
    /// As [`PrivateDir::open`].
    pub fn open_dir(&self, name: &str) -> io::Result<Self> {
        let mut dir = Self::open_at(self.fd.as_fd(), PathBuf::from(name))?;
        dir.path = self.path.join(name);
        Ok(dir)
    }

    fn open_at(parent: BorrowedFd<'_>, path: PathBuf) -> io::Result<Self> {
        let flags = OFlags::DIRECTORY | OFlags::RDONLY | CAREFULLY;
        let fd = rustix::fs::openat(parent, &path, flags, Mode::empty())?;
        let stat = rustix::fs::fstat(&fd)?;
        owned_and_closed(&stat)?;
        Ok(Self { fd, path })
    }

    /// Makes the directory (0700), which must not be there yet, and is not there when that fails.
    ///
    /// # Errors
    /// It is there, or what making it can fail with.
    pub fn create(path: &Path) -> io::Result<Self> {
        DirBuilder::new().mode(0o700).create(path)?;
        Self::open(path).inspect_err(|_| {
            // It would be in the way of the next attempt.
            let _ = std::fs::remove_dir(path);
        })
    }

    /// Opens the directory, or makes it (0700) with its parents.
    ///
    /// # Errors
    /// As [`PrivateDir::open`], and what making it can fail with.
    pub fn open_or_create(path: &Path) -> io::Result<Self> {
        match Self::open(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            other => return other,
        }
        if would_litter(path) {
            return Err(refused("is not there, and root makes none in another user's directory"));
        }
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)?;
        }
        match Self::create(path) {
            // Another process was faster; whether it is ours is for `open` to say.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Self::open(path),
            other => other,
        }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The content of a file of ours in here, at most `limit` bytes.
    ///
    /// # Errors
    /// Not there, a link, no regular file, another owner, writable by others, or longer than `limit`.
    pub fn read(&self, name: &str, limit: usize) -> io::Result<Vec<u8>> {
        let fd = rustix::fs::openat(&self.fd, name, OFlags::RDONLY | CAREFULLY, Mode::empty())?;
        let stat = rustix::fs::fstat(&fd)?;
        regular(&stat)?;
        owned_and_closed(&stat)?;
        read_bounded(fd, &stat, limit)
    }

    /// When the file was last written.
    ///
    /// # Errors
    /// Not there.
    pub fn modified(&self, name: &str) -> io::Result<Timestamp> {
        let modified = std::fs::symlink_metadata(self.path.join(name))?.modified()?;
        Ok(Timestamp::of(modified))
    }

    /// Writes a new file (0600) in here.
    ///
    /// # Errors
    /// It is there, or what writing can fail with.
    pub fn write_new(&self, name: &str, content: &[u8]) -> io::Result<()> {
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | CAREFULLY;
        let fd = rustix::fs::openat(&self.fd, name, flags, Mode::RUSR | Mode::WUSR)?;
        File::from(fd).write_all(content)
    }

    /// Opens the lock file `name` in here, making it (0600, empty) when it is not there.
    ///
    /// # Errors
    /// A link, no regular file, another owner, or what opening can fail with.
    pub fn open_lock(&self, name: &str) -> io::Result<File> {
        let flags = OFlags::RDWR | OFlags::CREATE | CAREFULLY;
        let fd = rustix::fs::openat(&self.fd, name, flags, Mode::RUSR | Mode::WUSR)?;
        let stat = rustix::fs::fstat(&fd)?;
        regular(&stat)?;
        owned_and_closed(&stat)?;
        Ok(File::from(fd))
    }

    /// The names in here that are text.
    ///
    /// # Errors
    /// What reading it can fail with.
    pub fn names(&self) -> io::Result<Vec<String>> {
        // Not the standard library's way, which goes by the path, and panics when the directory can't be closed.
        let entries = rustix::fs::Dir::read_from(&self.fd)?;
        let names = entries.map(|entry| Ok(entry?.file_name().to_str().ok().map(str::to_owned)));
        names.filter_map(io::Result::transpose).collect()
    }

    /// Removes one name from the directory; not being there is fine.
    ///
    /// # Errors
    /// What unlinking can fail with.
    pub fn remove(&self, name: &str) -> io::Result<()> {
        self.unlink(name, AtFlags::empty())
    }

    /// Removes an empty directory in here; not being there is fine.
    ///
    /// # Errors
    /// What removing can fail with.
    pub fn remove_dir(&self, name: &str) -> io::Result<()> {
        self.unlink(name, AtFlags::REMOVEDIR)
    }

    fn unlink(&self, name: &str, flags: AtFlags) -> io::Result<()> {
        match rustix::fs::unlinkat(&self.fd, name, flags) {
            Ok(()) | Err(rustix::io::Errno::NOENT) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

/// Whether we are root and `path`, which is not there, would come to lie in a directory of another user, who could
/// neither use it nor remove it.
fn would_litter(path: &Path) -> bool {
    let nearest = path.ancestors().skip(1).find_map(|ancestor| std::fs::metadata(ancestor).ok());
    rustix::process::geteuid().is_root() && nearest.is_some_and(|metadata| metadata.uid() != 0)
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

impl PrivateDir {
    /// The file system below.
    ///
    /// # Errors
    /// It does not say.
    #[cfg(target_os = "linux")]
    pub fn file_system(&self) -> io::Result<FileSystem> {
        let stat = rustix::fs::fstatfs(&self.fd)?;
        // Both are small or positive; how wide they are depends on the processor.
        let (magic, block) =
            (stat.f_type.cast_unsigned() & 0xffff_ffff, u64::try_from(stat.f_bsize).unwrap_or(0));
        let known = FILE_SYSTEMS.iter().find(|(number, ..)| *number == magic);
        Ok(FileSystem {
            name: known.map(|(_, name, _)| *name),
            is_network: known.is_some_and(|(.., network)| *network),
            free: stat.f_bavail.saturating_mul(block),
        })
    }

    /// The file system below.
    ///
    /// # Errors
    /// It does not say.
    #[cfg(not(target_os = "linux"))]
    pub fn file_system(&self) -> io::Result<FileSystem> {
        let stat = rustix::fs::fstatvfs(&self.fd)?;
        Ok(FileSystem { name: None, is_network: false, free: stat.f_bavail.saturating_mul(stat.f_frsize) })
    }
}

/// Whether the cache may live below `home`: a real directory, not the root, writable by us, and, for root,
/// root's own (so that `sudo` leaves nothing of root's in a user's home).
pub fn home_is_usable(home: &Path) -> bool {
    if !home.is_absolute() || home == Path::new("/") {
        return false;
    }
    let Ok(metadata) = std::fs::metadata(home) else { return false };
    let foreign = rustix::process::geteuid().is_root() && metadata.uid() != 0;
    metadata.is_dir() && !foreign && rustix::fs::access(home, rustix::fs::Access::WRITE_OK).is_ok()
}

/// Reads a bound token file: regular, the caller's or root's, closed to others, at most `limit` bytes.
///
/// # Errors
/// Whatever of that does not hold, in words.
pub fn read_token_file(path: &Path, limit: usize) -> io::Result<Vec<u8>> {
    let fd = rustix::fs::open(path, OFlags::RDONLY | CAREFULLY, Mode::empty())?;
    let stat = rustix::fs::fstat(&fd)?;
    regular(&stat)?;
    if stat.st_uid != rustix::process::geteuid().as_raw() && stat.st_uid != 0 {
        return Err(refused("belongs to another user"));
    }
    if stat.st_mode & 0o077 != 0 {
        return Err(refused("is open to other users"));
    }
    read_bounded(fd, &stat, limit)
}

fn regular(stat: &Stat) -> io::Result<()> {
    if FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile {
        Ok(())
    } else {
        Err(refused("is no regular file"))
    }
}

fn owned_and_closed(stat: &Stat) -> io::Result<()> {
    if stat.st_uid != rustix::process::geteuid().as_raw() {
        return Err(refused("belongs to another user"));
    }
    if stat.st_mode & 0o022 != 0 {
        return Err(refused("is writable by other users"));
    }
    Ok(())
}

fn read_bounded(fd: OwnedFd, stat: &Stat, limit: usize) -> io::Result<Vec<u8>> {
    let size = usize::try_from(stat.st_size).unwrap_or(usize::MAX);
    if size > limit {
        return Err(refused("is too large"));
    }
    // One read more than the size says finds the end without a second allocation.
    let mut content = Vec::with_capacity(size + 1);
    File::from(fd).take(limit as u64 + 1).read_to_end(&mut content)?;
    if content.len() > limit { Err(refused("is too large")) } else { Ok(content) }
}

fn refused(why: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::PermissionDenied, why)
}
