//! Private directories on Windows: opened without following links, checked after opening.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::os::windows::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use windows_sys::Win32::Storage::FileSystem::{
    DELETE, FILE_FLAG_BACKUP_SEMANTICS, FILE_FLAG_OPEN_REPARSE_POINT,
};

use super::at::{
    LOOK_AT, Unplaced, create_file, is_dir, make_dir, modified, names, open, open_or_create_file,
    open_private_dir, open_private_dir_at, open_to_read, remove_dir, remove_file, rename, with_new_name,
};
use super::parents::Parent;
use super::patience::{is_held, patiently};
use super::raw;
use super::security::{check_closed, check_private};
use crate::platform::files::{FileSystem, PrivateDirectory, refused};
use crate::time::Timestamp;

/// A directory that belongs to the caller and that nobody else can write to.
#[derive(Debug)]
pub struct PrivateDir {
    file: File,
    path: PathBuf,
}

impl PrivateDir {
    /// Opens the directory that is `name` in `parent`, and known as `path`.
    pub(super) fn open_at(parent: &File, name: &OsStr, path: PathBuf) -> io::Result<Self> {
        Ok(Self { file: open_private_dir_at(parent, name)?, path })
    }

    /// Creates it likewise.
    pub(super) fn create_at(parent: &File, name: &OsStr, path: PathBuf) -> io::Result<Self> {
        Ok(Self { file: make_dir(parent, name)?, path })
    }

    fn open_entry(&self, name: &str, access: u32) -> io::Result<File> {
        open(&self.file, OsStr::new(name), access)
    }
}

impl PrivateDirectory for PrivateDir {
    type NewFile<'d> = Unplaced<'d>;

    fn open(path: &Path) -> io::Result<Self> {
        Ok(Self { file: open_private_dir(path)?, path: path.to_owned() })
    }

    fn open_dir(&self, name: &str) -> io::Result<Self> {
        Self::open_at(&self.file, OsStr::new(name), self.path.join(name))
    }

    fn create_dir(&self, name: &str) -> io::Result<Self> {
        Self::create_at(&self.file, OsStr::new(name), self.path.join(name))
    }

    fn open_or_create(path: &Path) -> io::Result<Self> {
        let missing = match Self::open(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => error,
            other => return other,
        };
        let absolute = std::path::absolute(path)?;
        let (Some(parent), Some(name)) = (absolute.parent(), absolute.file_name()) else {
            return Err(missing);
        };
        let parent = Parent::open_or_create(parent)?;
        let opened = match Self::create_at(parent.dir(), name, path.to_owned()) {
            // Another process was faster; opening checks whether the directory is ours.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                Self::open_at(parent.dir(), name, path.to_owned())
            }
            other => other,
        };
        opened.inspect_err(|_| parent.remove_created())
    }

    fn path(&self) -> &Path {
        &self.path
    }

    fn read(&self, name: &str, limit: usize) -> io::Result<Vec<u8>> {
        let file = open_to_read(&self.file, OsStr::new(name))?;
        check_regular(&file)?;
        check_private(&file)?;
        read_bounded(file, limit)
    }

    fn modified(&self, name: &str) -> io::Result<Timestamp> {
        modified(&self.open_entry(name, LOOK_AT)?)
    }

    fn is_dir(&self, name: &str) -> bool {
        is_dir(&self.file, OsStr::new(name))
    }

    fn write_new(&self, name: &str, content: &[u8]) -> io::Result<()> {
        create_file(&self.file, OsStr::new(name))?.write_all(content)
    }

    fn copy_program(&self, name: &str, from: &Path) -> io::Result<()> {
        self.write_new(name, &fs::read(from)?)
    }

    fn new_file(&self, prefix: &str) -> io::Result<Unplaced<'_>> {
        Unplaced::create(&self.file, &self.path, prefix)
    }

    fn move_dir_away(&self, name: &str, prefix: &str) -> io::Result<()> {
        match remove_dir(&self.file, OsStr::new(name)) {
            // What is in it is not ours to remove.
            Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => {}
            Err(error) if error.kind() == io::ErrorKind::NotADirectory => return Ok(()),
            removed => return removed,
        }
        let dir = self.open_entry(name, LOOK_AT | DELETE)?;
        if !dir.metadata()?.is_dir() {
            return Ok(());
        }
        with_new_name(prefix, |away| rename(&dir, &self.file, away)).map(drop)
    }

    fn open_lock(&self, name: &str) -> io::Result<File> {
        let file = open_or_create_file(&self.file, OsStr::new(name))?;
        check_regular(&file)?;
        check_private(&file)?;
        Ok(file)
    }

    fn names(&self) -> io::Result<Vec<String>> {
        names(&self.path)
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        remove_file(&self.file, OsStr::new(name))
    }

    fn remove_dir(&self, name: &str) -> io::Result<()> {
        remove_dir(&self.file, OsStr::new(name))
    }

    fn file_system(&self) -> io::Result<FileSystem> {
        let name = raw::file_system_name(&self.file)?;
        let known = FILE_SYSTEMS.iter().find(|(system_name, _)| *system_name == name);
        Ok(FileSystem {
            name: known.map(|(_, name)| *name),
            is_network: raw::is_remote(&self.file),
            free: raw::free_space(&self.path)?,
        })
    }

    fn is_usable_home(home: &Path) -> bool {
        home.is_absolute() && home.parent().is_some() && home.is_dir()
    }

    fn read_private_file(path: &Path, limit: usize) -> io::Result<Vec<u8>> {
        // A directory too, so that it is refused as one.
        let flags = FILE_FLAG_OPEN_REPARSE_POINT | FILE_FLAG_BACKUP_SEMANTICS;
        let file = patiently(is_held, || File::options().read(true).custom_flags(flags).open(path))?;
        check_regular(&file)?;
        check_closed(&file)?;
        read_bounded(file, limit)
    }
}

/// The usual file systems by the names that Windows has for them.
const FILE_SYSTEMS: [(&str, &str); 4] =
    [("NTFS", "ntfs"), ("ReFS", "refs"), ("FAT32", "fat"), ("exFAT", "exfat")];

fn check_regular(file: &File) -> io::Result<()> {
    let metadata = file.metadata()?;
    if metadata.is_symlink() {
        return Err(refused("it is a link"));
    }
    if metadata.is_file() { Ok(()) } else { Err(refused("it is no regular file")) }
}

fn read_bounded(file: File, limit: usize) -> io::Result<Vec<u8>> {
    let size = usize::try_from(file.metadata()?.len()).unwrap_or(usize::MAX);
    if size > limit {
        return Err(refused("it is too large"));
    }
    // One byte more than the size lets the read find the end without a second allocation.
    let mut content = Vec::with_capacity(size + 1);
    file.take(limit as u64 + 1).read_to_end(&mut content)?;
    if content.len() > limit { Err(refused("it is too large")) } else { Ok(content) }
}
