//! Entries of an open directory.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::os::windows::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use windows_sys::Wdk::Storage::FileSystem::{
    FILE_CREATE, FILE_DIRECTORY_FILE, FILE_NON_DIRECTORY_FILE, FILE_OPEN, FILE_OPEN_IF,
};
use windows_sys::Win32::Storage::FileSystem::{
    DELETE, FILE_FLAG_BACKUP_SEMANTICS, FILE_FLAG_OPEN_REPARSE_POINT, FILE_GENERIC_READ, FILE_GENERIC_WRITE,
    FILE_LIST_DIRECTORY, FILE_READ_ATTRIBUTES, FILE_TRAVERSE, READ_CONTROL,
};

use super::patience::{is_held, may_be_held, patiently};
use super::raw::{self, Opening};
use super::security::{New, check_private, private_descriptor};
use crate::platform::files::{NewFile, refused};
use crate::time::Timestamp;

/// To learn what it is.
pub(super) const LOOK_AT: u32 = FILE_READ_ATTRIBUTES;
/// To learn what it is, and who may do what with it.
pub(super) const EXAMINE: u32 = FILE_READ_ATTRIBUTES | READ_CONTROL;
const READ_AND_WRITE: u32 = FILE_GENERIC_READ | FILE_GENERIC_WRITE;
/// To work in a directory. A caller may work in one that it can't list.
pub(super) const WORK_IN: u32 = FILE_TRAVERSE | FILE_READ_ATTRIBUTES;
/// To work in a private one.
const WORK_IN_PRIVATE: u32 = WORK_IN | FILE_LIST_DIRECTORY | READ_CONTROL;

/// Opens the directory at `path`, also through links.
pub(super) fn open_dir(path: &Path) -> io::Result<File> {
    let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
    let opened = File::options().access_mode(WORK_IN).custom_flags(FILE_FLAG_BACKUP_SEMANTICS).open(path)?;
    if opened.metadata()?.is_dir() { Ok(opened) } else { Err(io::ErrorKind::NotADirectory.into()) }
}

/// Opens the private directory at `path`. It is no link; its parents may be.
pub(super) fn open_private_dir(path: &Path) -> io::Result<File> {
    let flags = FILE_FLAG_BACKUP_SEMANTICS | FILE_FLAG_OPEN_REPARSE_POINT;
    // Absolute without a slash or a dot at its end, which would follow a link after all.
    let path: PathBuf = std::path::absolute(path)?.components().collect();
    check_private_dir(File::options().access_mode(WORK_IN_PRIVATE).custom_flags(flags).open(path)?)
}

/// Opens the private directory `name` in `dir`.
pub(super) fn open_private_dir_at(dir: &File, name: &OsStr) -> io::Result<File> {
    check_private_dir(open(dir, name, WORK_IN_PRIVATE)?)
}

fn check_private_dir(dir: File) -> io::Result<File> {
    if !dir.metadata()?.is_dir() {
        return Err(refused("it is a link, or no directory"));
    }
    check_private(&dir)?;
    Ok(dir)
}

/// Creates a directory in `dir` for the caller alone. Leaves none behind when it fails.
pub(super) fn make_dir(dir: &File, name: &OsStr) -> io::Result<File> {
    let made = raw::open_at(
        dir,
        name,
        &Opening {
            access: WORK_IN_PRIVATE,
            disposition: FILE_CREATE,
            options: FILE_DIRECTORY_FILE,
            descriptor: Some(&private_descriptor(New::Directory)?),
        },
    )?;
    // A file system without access lists opens it to all.
    check_private(&made).inspect_err(|_| {
        // It would be in the way of the next attempt.
        let _ = remove_dir(dir, name);
    })?;
    Ok(made)
}

/// Opens what `name` is in `dir`: a link itself, never its target.
pub(super) fn open(dir: &File, name: &OsStr, access: u32) -> io::Result<File> {
    raw::open_at(dir, name, &Opening { access, disposition: FILE_OPEN, options: 0, descriptor: None })
}

/// Opens a file to read it. Waits while another program holds it.
pub(super) fn open_to_read(dir: &File, name: &OsStr) -> io::Result<File> {
    patiently(is_held, || open(dir, name, FILE_GENERIC_READ))
}

/// Creates a file for the caller alone, under a name that is not in use.
pub(super) fn create_file(dir: &File, name: &OsStr) -> io::Result<File> {
    private_file(dir, name, READ_AND_WRITE | DELETE, FILE_CREATE)
}

/// Opens a file, or creates it for the caller alone. Waits while another program holds it.
pub(super) fn open_or_create_file(dir: &File, name: &OsStr) -> io::Result<File> {
    patiently(is_held, || private_file(dir, name, READ_AND_WRITE, FILE_OPEN_IF))
}

fn private_file(dir: &File, name: &OsStr, access: u32, disposition: u32) -> io::Result<File> {
    let descriptor = private_descriptor(New::File)?;
    let options = FILE_NON_DIRECTORY_FILE;
    raw::open_at(dir, name, &Opening { access, disposition, options, descriptor: Some(&descriptor) })
}

/// Whether `name` is a directory, and no link to one.
pub(super) fn is_dir(dir: &File, name: &OsStr) -> bool {
    let metadata = open(dir, name, LOOK_AT).and_then(|opened| opened.metadata());
    metadata.is_ok_and(|metadata| metadata.is_dir())
}

/// Removes a file or link; a missing one is fine.
pub(super) fn remove_file(dir: &File, name: &OsStr) -> io::Result<()> {
    remove(dir, name, |is_dir| if is_dir { Err(io::ErrorKind::IsADirectory.into()) } else { Ok(()) })
}

/// Removes an empty directory; a missing one is fine.
pub(super) fn remove_dir(dir: &File, name: &OsStr) -> io::Result<()> {
    remove(dir, name, |is_dir| if is_dir { Ok(()) } else { Err(io::ErrorKind::NotADirectory.into()) })
}

fn remove(dir: &File, name: &OsStr, check: impl Fn(bool) -> io::Result<()>) -> io::Result<()> {
    let removed = patiently(may_be_held, || {
        let opened = open(dir, name, LOOK_AT | DELETE)?;
        check(opened.metadata()?.is_dir())?;
        raw::delete(&opened)
    });
    match removed {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Gives the open `file` of `dir` the name `name`, atomically, in place of a file of that name. Waits while another
/// program holds that one.
pub(super) fn rename(file: &File, dir: &File, name: &OsStr) -> io::Result<()> {
    let is_worth_it = |error: &io::Error| may_be_held(error) && !is_dir(dir, name);
    patiently(is_worth_it, || raw::rename_at(file, dir, name))
}

/// The names in the directory at `path` that are UTF-8. By its path, since a wrong name does no harm: whatever has it is
/// opened in the right directory.
pub(super) fn names(path: &Path) -> io::Result<Vec<String>> {
    let names = std::fs::read_dir(path)?.map(|entry| Ok(entry?.file_name().into_string().ok()));
    names.filter_map(io::Result::transpose).collect()
}

/// When it was last written.
pub(super) fn modified(file: &File) -> io::Result<Timestamp> {
    Ok(file.metadata()?.modified()?.into())
}

/// Tries `create` with new names that begin with `prefix` until one does not exist yet.
pub(super) fn with_new_name<T>(
    prefix: &str,
    mut create: impl FnMut(&OsStr) -> io::Result<T>,
) -> io::Result<(T, OsString)> {
    let name = |path: &Path| path.file_name().unwrap_or_default().to_owned();
    // The directory is nobody's business: only the name counts.
    let created = tempfile::Builder::new()
        .prefix(prefix)
        .disable_cleanup(true)
        .make_in("/", |path| create(&name(path)))?;
    let (created, path) = created.into_parts();
    Ok((created, name(&path)))
}

/// A file that is being written.
#[derive(Debug)]
pub struct Unplaced<'d> {
    dir: &'d File,
    dir_path: &'d Path,
    name: OsString,
    file: File,
    has_its_name: bool,
}

impl<'d> Unplaced<'d> {
    pub(super) fn create(dir: &'d File, dir_path: &'d Path, prefix: &str) -> io::Result<Self> {
        let (file, name) = with_new_name(prefix, |name| create_file(dir, name))?;
        Ok(Self { dir, dir_path, name, file, has_its_name: false })
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
        rename(&self.file, self.dir, name)?;
        self.has_its_name = true;
        Ok(())
    }
}

impl Drop for Unplaced<'_> {
    fn drop(&mut self) {
        if !self.has_its_name {
            let _ = raw::delete(&self.file);
        }
    }
}
