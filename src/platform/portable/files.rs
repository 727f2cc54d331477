//! Private directories where there is no Unix: by paths, with the privacy of the user's profile directory.

use std::ffi::OsStr;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::marker::PhantomData;
use std::path::{Path, PathBuf};

use tempfile::{NamedTempFile, TempPath};

use crate::platform::files::{
    Directory, FileSystem, FindOutput, NewFile, OutputTarget, PrivateDirectory, refused,
};
use crate::time::Timestamp;

/// A directory of any user.
#[derive(Debug)]
pub(crate) struct Dir {
    path: PathBuf,
}

impl Directory for Dir {
    type NewFile<'d> = Unplaced<'d>;
    type Private = PrivateDir;

    fn open(path: &Path) -> io::Result<Self> {
        let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
        if std::fs::metadata(path)?.is_dir() {
            Ok(Self { path: path.to_owned() })
        } else {
            Err(io::ErrorKind::NotADirectory.into())
        }
    }

    fn open_or_create(path: &Path) -> io::Result<Self> {
        std::fs::create_dir_all(path)?;
        Self::open(path)
    }

    /// An empty directory that stays is the lesser evil: by its path it may be another one by now.
    fn remove_created(&self) {}

    fn open_private(&self, name: &OsStr) -> io::Result<PrivateDir> {
        PrivateDir::open(&self.path.join(name))
    }

    fn create_private(&self, name: &OsStr) -> io::Result<PrivateDir> {
        create(&self.path.join(name))
    }

    fn new_file(&self, prefix: &str) -> io::Result<Unplaced<'_>> {
        Unplaced::create(&self.path, prefix)
    }

    fn own_file_modified(&self, name: &str) -> Option<Timestamp> {
        let metadata = std::fs::symlink_metadata(self.path.join(name)).ok()?;
        metadata.is_file().then(|| metadata.modified().ok()).flatten().map(Timestamp::from)
    }

    fn names(&self) -> io::Result<Vec<String>> {
        names(&self.path)
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        unless_missing(std::fs::remove_file(self.path.join(name)))
    }

    fn remove_dir(&self, name: &OsStr) -> io::Result<()> {
        unless_missing(std::fs::remove_dir(self.path.join(name)))
    }
}

impl FindOutput for Dir {
    fn find_output(path: &Path) -> io::Result<OutputTarget<Self>> {
        match std::fs::metadata(path) {
            Ok(metadata) if metadata.is_dir() => return Err(io::ErrorKind::IsADirectory.into()),
            Ok(metadata) if !metadata.is_file() => {
                return Ok(OutputTarget::Stream(OpenOptions::new().write(true).open(path)?));
            }
            _ => {}
        }
        let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else {
            return Err(io::ErrorKind::IsADirectory.into());
        };
        Ok(OutputTarget::File(Self::open(parent)?, name.to_owned()))
    }
}

/// A file that is being written.
#[derive(Debug)]
pub struct Unplaced<'d> {
    file: File,
    /// Where it is; taken once it has its place.
    path: Option<TempPath>,
    dir: PhantomData<&'d Path>,
}

impl Unplaced<'_> {
    fn create(dir: &Path, prefix: &str) -> io::Result<Self> {
        let file: NamedTempFile =
            tempfile::Builder::new().prefix(prefix).tempfile_in(dir).map_err(without_path)?;
        let (file, path) = file.into_parts();
        Ok(Self { file, path: Some(path), dir: PhantomData })
    }
}

impl NewFile for Unplaced<'_> {
    fn file(&self) -> &File {
        &self.file
    }

    fn path(&self) -> PathBuf {
        self.path.as_ref().map(|path| path.to_path_buf()).unwrap_or_default()
    }

    fn rename_to(&mut self, name: &OsStr) -> io::Result<()> {
        let Some(path) = self.path.take() else { return Ok(()) };
        let place = path.with_file_name(name);
        path.persist(place).map_err(|failed| {
            self.path = Some(failed.path);
            without_path(failed.error)
        })
    }
}

/// `error` without the path of the temporary file that `tempfile` adds to it: users don't know that file.
fn without_path(error: io::Error) -> io::Error {
    let inner = error.get_ref().and_then(|inner| inner.source()?.downcast_ref::<io::Error>());
    inner.and_then(io::Error::raw_os_error).map_or(error, io::Error::from_raw_os_error)
}

fn create(path: &Path) -> io::Result<PrivateDir> {
    std::fs::create_dir(path)?;
    PrivateDir::open(path)
}

fn names(path: &Path) -> io::Result<Vec<String>> {
    let names = std::fs::read_dir(path)?.map(|entry| Ok(entry?.file_name().into_string().ok()));
    names.filter_map(io::Result::transpose).collect()
}

/// A directory of the caller's.
#[derive(Debug)]
pub struct PrivateDir {
    path: PathBuf,
}

impl PrivateDirectory for PrivateDir {
    type NewFile<'d> = Unplaced<'d>;

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

    fn create_dir(&self, name: &str) -> io::Result<Self> {
        create(&self.path.join(name))
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

    fn modified(&self, name: &str) -> io::Result<Timestamp> {
        Ok(std::fs::symlink_metadata(self.path.join(name))?.modified()?.into())
    }

    fn is_dir(&self, name: &str) -> bool {
        std::fs::symlink_metadata(self.path.join(name)).is_ok_and(|metadata| metadata.is_dir())
    }

    fn write_new(&self, name: &str, content: &[u8]) -> io::Result<()> {
        OpenOptions::new().write(true).create_new(true).open(self.path.join(name))?.write_all(content)
    }

    fn copy_program(&self, name: &str, from: &Path) -> io::Result<()> {
        let mut copy = OpenOptions::new().write(true).create_new(true).open(self.path.join(name))?;
        io::copy(&mut File::open(from)?, &mut copy).map(drop)
    }

    fn new_file(&self, prefix: &str) -> io::Result<Unplaced<'_>> {
        Unplaced::create(&self.path, prefix)
    }

    fn move_dir_away(&self, name: &str, prefix: &str) -> io::Result<()> {
        let dir = self.path.join(name);
        if std::fs::remove_dir(&dir).is_ok() {
            return Ok(());
        }
        // Into a new one, since it can't replace one here.
        let away = tempfile::Builder::new().prefix(prefix).tempdir_in(&self.path).map_err(without_path)?;
        std::fs::rename(dir, away.keep().join(name))
    }

    fn open_lock(&self, name: &str) -> io::Result<File> {
        OpenOptions::new().read(true).write(true).create(true).truncate(false).open(self.path.join(name))
    }

    fn names(&self) -> io::Result<Vec<String>> {
        names(&self.path)
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
