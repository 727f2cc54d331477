//! Directories that are created on the way to another one.

use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::path::Path;

use super::at::{WORK_IN, make_dir, open, open_dir, remove_dir};

/// An open directory, and what was created to get there.
#[derive(Debug)]
pub(super) struct Parent {
    dir: File,
    /// Each with the directory that it is in.
    created: Vec<(File, OsString)>,
}

impl Parent {
    /// Opens the directory at `path`.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        Ok(Self { dir: open_dir(path)?, created: Vec::new() })
    }

    /// Opens the directory at `path`, or creates it with its parents. Leaves none behind when it fails.
    pub(super) fn open_or_create(path: &Path) -> io::Result<Self> {
        let mut created = Vec::new();
        // Absolute, and so without dots.
        match std::path::absolute(path).and_then(|path| reach(&path, &mut created)) {
            Ok(dir) => Ok(Self { dir, created }),
            Err(error) => {
                remove_dirs(&created);
                Err(error)
            }
        }
    }

    /// The directory.
    pub(super) fn dir(&self) -> &File {
        &self.dir
    }

    /// Removes what was created, as far as it is empty.
    pub(super) fn remove_created(&self) {
        remove_dirs(&self.created);
    }
}

/// Opens the directory at `path`, or creates it with its parents, and remembers what it created.
fn reach(path: &Path, created: &mut Vec<(File, OsString)>) -> io::Result<File> {
    let missing = match open_dir(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => error,
        opened => return opened,
    };
    let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else { return Err(missing) };
    let parent = reach(parent, created)?;
    match make_dir(&parent, name) {
        Ok(made) => {
            created.push((parent, name.to_owned()));
            Ok(made)
        }
        // Another process was faster.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            let dir = open(&parent, name, WORK_IN)?;
            if dir.metadata()?.is_dir() { Ok(dir) } else { Err(io::ErrorKind::NotADirectory.into()) }
        }
        Err(error) => Err(error),
    }
}

fn remove_dirs(created: &[(File, OsString)]) {
    for (parent, name) in created.iter().rev() {
        let _ = remove_dir(parent, name);
    }
}
