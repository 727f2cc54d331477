//! Private directories where there is no Unix: by paths, with the privacy of the user's profile directory.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use crate::platform::files::{FileSystem, PrivateDirectory, refused};

/// A directory of the caller's.
#[derive(Debug)]
pub struct PrivateDir {
    path: PathBuf,
}

impl PrivateDirectory for PrivateDir {
    fn open(path: &Path) -> io::Result<Self> {
        if std::fs::symlink_metadata(path)?.is_dir() {
            Ok(Self { path: path.to_owned() })
        } else {
            Err(refused("it is a link, or no directory"))
        }
    }

    fn open_dir(&self, name: &str) -> io::Result<Self> {
        Self::open(&self.path.join(name))
    }

    fn create(path: &Path) -> io::Result<Self> {
        std::fs::create_dir(path)?;
        Self::open(path)
    }

    fn open_or_create(path: &Path) -> io::Result<Self> {
        std::fs::create_dir_all(path)?;
        Self::open(path)
    }

    fn path(&self) -> &Path {
        &self.path
    }

    fn read(&self, name: &str, limit: usize) -> io::Result<Vec<u8>> {
        Self::read_private_file(&self.path.join(name), limit)
    }

    fn write_new(&self, name: &str, content: &[u8]) -> io::Result<()> {
        OpenOptions::new().write(true).create_new(true).open(self.path.join(name))?.write_all(content)
    }

    fn open_lock(&self, name: &str) -> io::Result<File> {
        OpenOptions::new().read(true).write(true).create(true).truncate(false).open(self.path.join(name))
    }

    fn names(&self) -> io::Result<Vec<String>> {
        let names = std::fs::read_dir(&self.path)?.map(|entry| Ok(entry?.file_name().into_string().ok()));
        names.filter_map(io::Result::transpose).collect()
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        unless_missing(std::fs::remove_file(self.path.join(name)))
    }

    fn remove_dir(&self, name: &str) -> io::Result<()> {
        unless_missing(std::fs::remove_dir(self.path.join(name)))
    }

    /// The standard library can't tell.
    fn file_system(&self) -> io::Result<FileSystem> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn is_usable_home(home: &Path) -> bool {
        home.is_absolute() && home.parent().is_some() && home.is_dir()
    }

    fn read_private_file(path: &Path, limit: usize) -> io::Result<Vec<u8>> {
        if !std::fs::symlink_metadata(path)?.is_file() {
            return Err(refused("it is no regular file"));
        }
        let mut content = Vec::new();
        File::open(path)?.take(limit as u64 + 1).read_to_end(&mut content)?;
        if content.len() > limit { Err(refused("it is too large")) } else { Ok(content) }
    }
}

fn unless_missing(removed: io::Result<()>) -> io::Result<()> {
    match removed {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
