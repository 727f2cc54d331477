//! What a path stands for that the answer is to be written to, on Unix.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::os::fd::{AsFd as _, RawFd};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::{FileType, Mode, OFlags, Stat};
use rustix::io::Errno;
use rustix::process::geteuid;

use super::at::SAFE_OPEN;
use super::directory::Dir;
use super::raw;
use crate::platform::files::{Directory as _, FindOutput, OutputTarget, refused};

/// Links in a row, as many as the kernel follows.
const MAX_LINKS: usize = 40;
/// The caller's own descriptors, by their numbers.
const OWN_DESCRIPTORS: [&str; 3] = ["/proc/self/fd", "/proc/thread-self/fd", "/dev/fd"];

impl FindOutput for Dir {
    fn find_output(path: &Path) -> io::Result<OutputTarget<Self>> {
        let (parent, name) = split(path)?;
        let mut dir = Self::open(parent)?;
        let mut name = name.to_owned();
        for _ in 0..MAX_LINKS {
            let stat = match dir.stat(&name) {
                Err(Errno::NOENT) => return Ok(OutputTarget::File(dir, name)),
                stat => stat?,
            };
            match FileType::from_raw_mode(stat.st_mode) {
                FileType::RegularFile => return Ok(OutputTarget::File(dir, name)),
                FileType::Directory => return Err(io::ErrorKind::IsADirectory.into()),
                FileType::Symlink => {}
                kind => return open_stream(&dir, &name, kind, &stat).map(OutputTarget::Stream),
            }
            if let Some(descriptor) = descriptor(&dir, &name)? {
                return Ok(OutputTarget::Stream(descriptor));
            }
            refuse_planted(&dir, &stat)?;
            let target = rustix::fs::readlinkat(&dir, &name, Vec::new())?;
            let target = PathBuf::from(OsString::from(OsStr::from_bytes(target.as_bytes())));
            let (parent, last) = split(&target)?;
            last.clone_into(&mut name);
            dir = dir.open_at(parent)?;
        }
        Err(Errno::LOOP.into())
    }
}

/// A path's directory, and the name in it.
fn split(path: &Path) -> io::Result<(&Path, &OsStr)> {
    let is_dir = path.as_os_str().as_bytes().ends_with(b"/");
    match (path.parent(), path.file_name()) {
        (Some(parent), Some(name)) if !is_dir => Ok((parent, name)),
        _ => Err(io::ErrorKind::IsADirectory.into()),
    }
}

/// The file that is open under the number `name`, if `dir` lists the descriptors of a process. `/dev/stdout` and
/// `/dev/fd/1` lead there.
fn descriptor(dir: &Dir, name: &OsStr) -> io::Result<Option<File>> {
    let Some(number) = name.to_str().and_then(|name| name.parse::<RawFd>().ok()) else { return Ok(None) };
    let Ok(real) = std::fs::canonicalize(dir.path()) else { return Ok(None) };
    if OWN_DESCRIPTORS.iter().any(|own| std::fs::canonicalize(own).is_ok_and(|own| own == real)) {
        // Not opened anew by its name, which would write over what others write through it.
        return raw::duplicate(number).map(|file| Some(file.into()));
    }
    if !real.starts_with("/proc") || !real.ends_with("fd") {
        return Ok(None);
    }
    // Another process's, such as `/proc/1/fd/1` in a container. What such a link says of itself is no path.
    let flags = OFlags::WRONLY | OFlags::APPEND | OFlags::CLOEXEC | OFlags::NOCTTY;
    Ok(Some(rustix::fs::openat(dir, name, flags, Mode::empty())?.into()))
}

fn open_stream(dir: &Dir, name: &OsStr, kind: FileType, stat: &Stat) -> io::Result<File> {
    if kind == FileType::Fifo {
        refuse_planted(dir, stat)?;
    }
    let opened = rustix::fs::openat(dir, name, OFlags::WRONLY | SAFE_OPEN, Mode::empty());
    let fd = opened.map_err(|error| match error {
        Errno::NXIO if kind == FileType::Fifo => {
            io::Error::new(io::ErrorKind::WouldBlock, "nobody reads from it")
        }
        error => error.into(),
    })?;
    if FileType::from_raw_mode(rustix::fs::fstat(&fd)?.st_mode) != kind {
        return Err(refused("it was replaced meanwhile"));
    }
    // A reader may be slower than the answer.
    let flags = rustix::fs::fcntl_getfl(&fd)?;
    rustix::fs::fcntl_setfl(&fd, flags - OFlags::NONBLOCK)?;
    Ok(fd.into())
}

/// Fails for a link or a pipe that another user put into a directory such as `/tmp`, as the kernel does with
/// `protected_symlinks` and `protected_fifos`: the token would go to that user, or over a file of the caller's.
fn refuse_planted(dir: &Dir, stat: &Stat) -> io::Result<()> {
    let parent = rustix::fs::fstat(dir.as_fd())?;
    let is_trusted = [geteuid().as_raw(), 0, parent.st_uid].contains(&stat.st_uid);
    if parent.st_mode & 0o022 != 0 && !is_trusted {
        return Err(refused("another user put it there"));
    }
    Ok(())
}
