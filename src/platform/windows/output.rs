//! What a path stands for that the answer is to be written to, on Windows.

use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::path::{Component, Path, PathBuf, Prefix};

use windows_sys::Win32::Foundation::ERROR_PIPE_BUSY;

use super::at::{EXAMINE, LOOK_AT, open};
use super::directory::Dir;
use super::security::is_own;
use crate::platform::files::{Directory as _, FindOutput, OutputTarget, refused};

/// Links in a row, as many as the system follows.
const MAX_LINKS: usize = 63;

impl FindOutput for Dir {
    fn find_output(path: &Path) -> io::Result<OutputTarget<Self>> {
        // Before it is made absolute, which drops the end.
        let is_dir = path.as_os_str().as_encoded_bytes().ends_with(b"\\")
            || path.as_os_str().as_encoded_bytes().ends_with(b"/");
        // As the system reads it: `NUL` is no file, and a file's name ends with no dot.
        let mut path = std::path::absolute(path)?;
        if is_device(&path) {
            return open_stream(&path).map(OutputTarget::Stream);
        }
        for _ in 0..MAX_LINKS {
            let (Some(parent), Some(name), false) = (path.parent(), path.file_name(), is_dir) else {
                return Err(io::ErrorKind::IsADirectory.into());
            };
            let dir = Self::open(parent)?;
            let metadata = match open(dir.file(), name, LOOK_AT) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    return Ok(OutputTarget::File(dir, name.to_owned()));
                }
                opened => opened?.metadata()?,
            };
            if metadata.is_file() {
                return Ok(OutputTarget::File(dir, name.to_owned()));
            }
            if !metadata.is_symlink() {
                return Err(io::ErrorKind::IsADirectory.into());
            }
            path = target(&dir, name)?;
        }
        Err(io::Error::new(io::ErrorKind::TooManyLinks, "too many links"))
    }
}

/// Whether the path names a device or a pipe: `\\.\NUL`, `\\.\pipe\name`.
fn is_device(path: &Path) -> bool {
    let prefix = path.components().next();
    matches!(prefix, Some(Component::Prefix(prefix)) if matches!(prefix.kind(), Prefix::DeviceNS(_)))
}

fn open_stream(path: &Path) -> io::Result<File> {
    File::options().write(true).open(path).map_err(|error| match error.raw_os_error() {
        Some(code) if code == ERROR_PIPE_BUSY.cast_signed() => {
            io::Error::new(io::ErrorKind::WouldBlock, "nobody reads from it")
        }
        _ => error,
    })
}

/// Where the link `name` of `dir` leads. Fails for one that another user put there: the token would go to that user, or
/// over a file of the caller's.
fn target(dir: &Dir, name: &OsStr) -> io::Result<PathBuf> {
    if !is_own(&open(dir.file(), name, EXAMINE)?)? {
        return Err(refused("another user put it there"));
    }
    let target = std::fs::read_link(dir.path().join(name))?;
    std::path::absolute(dir.path().join(target))
}
