//! Private directories on Unix: opened without following links, checked after opening.

use std::fs::{DirBuilder, File};
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, FileType, Mode, OFlags, Stat};
use rustix::io::Errno;

use crate::platform::files::{FileSystem, PrivateDirectory, refused};

/// Never through a link, never inherited by a child, never blocked by a FIFO in the file's place.
const SAFE_OPEN: OFlags =
    OFlags::NOFOLLOW.union(OFlags::CLOEXEC).union(OFlags::NONBLOCK).union(OFlags::NOCTTY);

/// A directory that belongs to the caller and that nobody else can write to.
#[derive(Debug)]
pub struct PrivateDir {
    fd: OwnedFd,
    path: PathBuf,
}

impl PrivateDir {
    fn open_at(parent: BorrowedFd<'_>, path: PathBuf) -> io::Result<Self> {
        let flags = OFlags::DIRECTORY | OFlags::RDONLY | SAFE_OPEN;
        let fd = rustix::fs::openat(parent, &path, flags, Mode::empty()).map_err(|error| match error {
            Errno::NOTDIR | Errno::LOOP => refused("it is a link, or no directory"),
            error => error.into(),
        })?;
        let stat = rustix::fs::fstat(&fd)?;
        check_private(&stat)?;
        Ok(Self { fd, path })
    }

    fn unlink(&self, name: &str, flags: AtFlags) -> io::Result<()> {
        match rustix::fs::unlinkat(&self.fd, name, flags) {
            Ok(()) | Err(Errno::NOENT) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

impl PrivateDirectory for PrivateDir {
    fn open(path: &Path) -> io::Result<Self> {
        // Collected from its components, without a slash or a dot at its end, which would follow a link after all.
        Self::open_at(rustix::fs::CWD, path.components().collect())
    }

    fn open_dir(&self, name: &str) -> io::Result<Self> {
        let mut dir = Self::open_at(self.fd.as_fd(), PathBuf::from(name))?;
        dir.path = self.path.join(name);
        Ok(dir)
    }

    fn create(path: &Path) -> io::Result<Self> {
        DirBuilder::new().mode(0o700).create(path)?;
        Self::open(path).inspect_err(|_| {
            // It would be in the way of the next attempt.
            let _ = std::fs::remove_dir(path);
        })
    }

    fn open_or_create(path: &Path) -> io::Result<Self> {
        match Self::open(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            other => return other,
        }
        if is_root_in_another_users_directory(path) {
            return Err(refused("it does not exist, and root creates none in another user's directory"));
        }
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)?;
        }
        match Self::create(path) {
            // Another process was faster; `open` checks whether the directory is ours.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Self::open(path),
            other => other,
        }
    }

    fn path(&self) -> &Path {
        &self.path
    }

    fn read(&self, name: &str, limit: usize) -> io::Result<Vec<u8>> {
        let fd = rustix::fs::openat(&self.fd, name, OFlags::RDONLY | SAFE_OPEN, Mode::empty())?;
        let stat = rustix::fs::fstat(&fd)?;
        check_regular(&stat)?;
        check_private(&stat)?;
        read_bounded(fd, &stat, limit)
    }

    fn write_new(&self, name: &str, content: &[u8]) -> io::Result<()> {
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | SAFE_OPEN;
        let fd = rustix::fs::openat(&self.fd, name, flags, Mode::RUSR | Mode::WUSR)?;
        File::from(fd).write_all(content)
    }

    fn open_lock(&self, name: &str) -> io::Result<File> {
        let flags = OFlags::RDWR | OFlags::CREATE | SAFE_OPEN;
        let fd = rustix::fs::openat(&self.fd, name, flags, Mode::RUSR | Mode::WUSR)?;
        let stat = rustix::fs::fstat(&fd)?;
        check_regular(&stat)?;
        check_private(&stat)?;
        Ok(File::from(fd))
    }

    fn names(&self) -> io::Result<Vec<String>> {
        // Not by the standard library, which goes by the path, and panics when the directory can't be closed.
        let entries = rustix::fs::Dir::read_from(&self.fd)?;
        let names = entries.map(|entry| Ok(entry?.file_name().to_str().ok().map(str::to_owned)));
        let is_entry = |name: &String| name != "." && name != "..";
        names
            .map(|name: io::Result<_>| Ok(name?.filter(is_entry)))
            .filter_map(io::Result::transpose)
            .collect()
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        self.unlink(name, AtFlags::empty())
    }

    fn remove_dir(&self, name: &str) -> io::Result<()> {
        self.unlink(name, AtFlags::REMOVEDIR)
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
        let is_foreign = rustix::process::geteuid().is_root() && metadata.uid() != 0;
        metadata.is_dir() && !is_foreign && rustix::fs::access(home, rustix::fs::Access::WRITE_OK).is_ok()
    }

    fn read_private_file(path: &Path, limit: usize) -> io::Result<Vec<u8>> {
        let fd = rustix::fs::open(path, OFlags::RDONLY | SAFE_OPEN, Mode::empty())?;
        let stat = rustix::fs::fstat(&fd)?;
        check_regular(&stat)?;
        if stat.st_uid != rustix::process::geteuid().as_raw() && stat.st_uid != 0 {
            return Err(refused("it belongs to another user"));
        }
        if stat.st_mode & 0o077 != 0 {
            return Err(refused("it is open to other users"));
        }
        read_bounded(fd, &stat, limit)
    }
}

/// Whether the caller is root and `path`, which is missing, would lie in a directory of another user, who could
/// neither use nor remove it.
fn is_root_in_another_users_directory(path: &Path) -> bool {
    let nearest = path.ancestors().skip(1).find_map(|ancestor| std::fs::metadata(ancestor).ok());
    rustix::process::geteuid().is_root() && nearest.is_some_and(|metadata| metadata.uid() != 0)
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

fn check_private(stat: &Stat) -> io::Result<()> {
    if stat.st_uid != rustix::process::geteuid().as_raw() {
        return Err(refused("it belongs to another user"));
    }
    if stat.st_mode & 0o022 != 0 {
        return Err(refused("it is writable by other users"));
    }
    Ok(())
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
