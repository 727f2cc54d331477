//! Directories and files as Windows, or Wine, has them.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::os::windows::fs::OpenOptionsExt as _;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use fs2::FileExt as _;
use tempfile::{TempDir, tempdir};
use windows_sys::Wdk::Storage::FileSystem::{FILE_CREATE, FILE_DIRECTORY_FILE, FILE_NON_DIRECTORY_FILE};
use windows_sys::Win32::Storage::FileSystem::{FILE_GENERIC_READ, FILE_SHARE_READ};

use super::at::{EXAMINE, create_file, open, open_dir};
use super::directory::Dir;
use super::files::PrivateDir;
use super::raw::{self, Opening};
use super::security::{New, check_closed, descriptor, is_own};
use crate::platform::files::{
    Directory as _, FindOutput as _, NewFile as _, OutputTarget, PrivateDirectory as _,
};

/// Shorter than the second of patience, and no shorter, since Wine may be slow.
const AT_ONCE: Duration = Duration::from_millis(950);
const PREFIX: &str = ".writing-";

fn private_dir() -> (TempDir, PrivateDir) {
    let temporary = tempdir().expect("a temporary directory");
    let dir = PrivateDir::open_or_create(&temporary.path().join("a/b")).expect("it can be created");
    (temporary, dir)
}

fn is_closed(dir: &Path, name: &str) -> bool {
    let dir = open_dir(dir).expect("a directory");
    let file = open(&dir, OsStr::new(name), EXAMINE).expect("it exists");
    assert!(is_own(&file).expect("it has an owner"));
    check_closed(&file).is_ok()
}

#[test]
fn what_is_created_is_closed_to_others_with_its_parents() {
    let (temporary, dir) = private_dir();
    dir.write_new("new", b"1").expect("written");
    dir.replace("replaced", b"2", PREFIX).expect("written");
    dir.open_lock("lock").expect("opened");
    dir.create_dir("dir").expect("created");
    for name in ["new", "replaced", "lock", "dir"] {
        assert!(is_closed(dir.path(), name), "{name}");
    }
    assert!(is_closed(temporary.path(), "a"));
    assert!(is_closed(&temporary.path().join("a"), "b"));
    let opened = PrivateDir::open(dir.path()).expect("it passes its own checks");
    assert_eq!(opened.read("replaced", 1).expect("read"), b"2");
    let system = opened.file_system().expect("the system says");
    assert!(system.free > 0 && !system.is_network, "{system:?}");
}

#[test]
fn what_everyone_may_write_to_is_refused_and_left_alone() {
    const EVERYONE: [u8; 12] = [1, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0];
    let (_temporary, dir) = private_dir();
    let create = |name: &str, new, options| {
        let descriptor = descriptor(new, &[&EVERYONE]);
        let opening = Opening {
            access: FILE_GENERIC_READ,
            disposition: FILE_CREATE,
            options,
            descriptor: Some(&descriptor),
        };
        let parent = open_dir(dir.path()).expect("opened");
        raw::open_at(&parent, OsStr::new(name), &opening).expect("created");
    };
    create("dir", New::Directory, FILE_DIRECTORY_FILE);
    create("file", New::File, FILE_NON_DIRECTORY_FILE);
    let reason = "it is writable by other users";
    assert_eq!(dir.open_dir("dir").expect_err("refused").to_string(), reason);
    let path = dir.path().join("dir");
    assert_eq!(PrivateDir::open_or_create(&path).expect_err("refused").to_string(), reason);
    assert!(path.exists());
    assert_eq!(dir.read("file", 1).expect_err("refused").to_string(), reason);
    assert_eq!(dir.open_lock("file").expect_err("refused").to_string(), reason);
    let refusal = PrivateDir::read_private_file(&dir.path().join("file"), 1).expect_err("refused");
    assert_eq!(refusal.to_string(), "it is open to other users");
}

#[test]
fn a_file_beside_those_of_others_is_closed_to_them() {
    let temporary = tempdir().expect("a temporary directory");
    let dir = Dir::open(temporary.path()).expect("opened");
    let mut new = dir.new_file(PREFIX).expect("created");
    new.file().write_all(b"x").expect("written");
    new.rename_to(OsStr::new("answer")).expect("renamed");
    drop(new);
    assert!(is_closed(temporary.path(), "answer"));
    assert!(dir.own_file_modified("answer").is_some());
    assert_eq!(dir.names().expect("listed"), ["answer"]);
}

#[test]
fn an_unplaced_file_is_removed_when_it_is_dropped() {
    let (_temporary, dir) = private_dir();
    drop(dir.new_file(PREFIX).expect("created"));
    assert_eq!(dir.names().expect("listed"), [""; 0]);
}

#[test]
fn directories_that_turn_out_to_be_of_no_use_are_removed() {
    let temporary = tempdir().expect("a temporary directory");
    let dir = Dir::open_or_create(&temporary.path().join("a/b")).expect("created");
    dir.remove_created();
    drop(dir);
    // By POSIX semantics both are gone; else the inner one goes with its last handle.
    assert!(!temporary.path().join("a/b").exists());
}

#[test]
fn reading_says_what_is_wrong() {
    let (_temporary, dir) = private_dir();
    dir.write_new("long", b"123").expect("written");
    dir.create_dir("dir").expect("created");
    let refusal = |name| dir.read(name, 2).expect_err("it can't be read");
    assert_eq!(refusal("missing").kind(), io::ErrorKind::NotFound);
    assert_eq!(refusal("long").to_string(), "it is too large");
    assert_eq!(refusal("dir").to_string(), "it is no regular file");
    for path in ["a\\b", "a/b", "stream:a", "", "a\0"] {
        assert_eq!(refusal(path).kind(), io::ErrorKind::InvalidFilename, "{path}");
    }
    let file = dir.path().join("long");
    assert_eq!(PrivateDir::open(&file).expect_err("a file").to_string(), "it is a link, or no directory");
    assert_eq!(PrivateDir::read_private_file(&file, 3).expect("read"), b"123");
    assert!(PrivateDir::read_private_file(dir.path(), 3).is_err());
}

#[test]
fn removing_tells_files_from_directories_at_once() {
    let (_temporary, dir) = private_dir();
    let inner = dir.create_dir("dir").expect("created");
    inner.write_new("file", b"").expect("written");
    let started = Instant::now();
    assert_eq!(dir.remove("dir").expect_err("a directory").kind(), io::ErrorKind::IsADirectory);
    assert_eq!(dir.remove_dir("dir").expect_err("full").kind(), io::ErrorKind::DirectoryNotEmpty);
    assert_eq!(inner.remove_dir("file").expect_err("a file").kind(), io::ErrorKind::NotADirectory);
    assert!(started.elapsed() < AT_ONCE, "{:?}", started.elapsed());
    inner.remove("file").expect("removed");
    drop(inner);
    dir.remove_dir("dir").expect("removed");
    dir.remove("dir").expect("a missing one is fine");
    dir.remove_dir("dir").expect("a missing one is fine");
}

#[test]
fn a_directory_in_the_way_of_a_file_is_moved_out_of_it_at_once() {
    let (_temporary, dir) = private_dir();
    for is_empty in [true, false] {
        let in_the_way = dir.create_dir("entry").expect("created");
        if !is_empty {
            in_the_way.write_new("file", b"kept").expect("written");
        }
        drop(in_the_way);
        let started = Instant::now();
        dir.replace("entry", b"1", PREFIX).expect("replaced");
        assert!(started.elapsed() < AT_ONCE, "{:?}", started.elapsed());
        assert_eq!(dir.read("entry", 1).expect("read"), b"1");
        dir.remove("entry").expect("removed");
    }
    let moved = dir.names().expect("listed");
    assert!(matches!(&moved[..], [name] if name.starts_with(PREFIX)), "{moved:?}");
    assert_eq!(fs::read(dir.path().join(&moved[0]).join("file")).expect("kept"), b"kept");
}

/// As a scanner does: it reads, and shares that with other readers alone.
#[test]
fn replacing_reading_and_removing_wait_for_a_program_that_has_the_file_open() {
    let (_temporary, dir) = private_dir();
    dir.write_new("entry", b"old").expect("written");
    let path = dir.path().join("entry");
    let while_held = |share: u32, work: &dyn Fn()| {
        let held = File::options().read(true).share_mode(share).open(&path).expect("opened");
        thread::scope(|scope| {
            scope.spawn(move || {
                thread::sleep(Duration::from_millis(100));
                drop(held);
            });
            work();
        });
    };
    while_held(FILE_SHARE_READ, &|| dir.replace("entry", b"new", PREFIX).expect("replaced"));
    while_held(0, &|| assert_eq!(dir.read("entry", 3).expect("read"), b"new"));
    while_held(FILE_SHARE_READ, &|| dir.remove("entry").expect("removed"));
    assert_eq!(dir.names().expect("listed"), [""; 0]);
}

#[test]
fn patience_ends_after_about_a_second_and_the_old_file_stays_whole() {
    let (_temporary, dir) = private_dir();
    dir.write_new("entry", b"old").expect("written");
    let path = dir.path().join("entry");
    let held = File::options().read(true).share_mode(FILE_SHARE_READ).open(path).expect("opened");
    let try_each: [&dyn Fn() -> io::Result<()>; 2] =
        [&|| dir.replace("entry", b"new", PREFIX), &|| dir.remove("entry")];
    for attempt in try_each {
        let started = Instant::now();
        attempt().expect_err("it is held");
        let elapsed = started.elapsed();
        assert!(elapsed >= Duration::from_millis(900) && elapsed < Duration::from_secs(20), "{elapsed:?}");
    }
    drop(held);
    assert_eq!(dir.read("entry", 3).expect("read"), b"old");
    assert_eq!(dir.names().expect("listed"), ["entry"]);
}

#[test]
fn a_lock_excludes_every_other_handle_until_it_is_dropped() {
    let (_temporary, dir) = private_dir();
    let first = dir.open_lock("lock").expect("opened");
    let second = dir.open_lock("lock").expect("opened");
    first.try_lock_exclusive().expect("locked");
    let busy = second.try_lock_exclusive().expect_err("busy");
    assert_eq!(busy.raw_os_error(), fs2::lock_contended_error().raw_os_error());
    drop(first);
    second.try_lock_exclusive().expect("locked");
}

#[test]
fn a_name_that_is_in_use_is_not_created_again() {
    let (temporary, dir) = private_dir();
    dir.write_new("name", b"1").expect("written");
    assert_eq!(dir.write_new("NAME", b"2").expect_err("in use").kind(), io::ErrorKind::AlreadyExists);
    assert_eq!(dir.create_dir("name").expect_err("in use").kind(), io::ErrorKind::AlreadyExists);
    let other = open_dir(temporary.path()).expect("opened");
    create_file(&other, OsStr::new("ü €")).expect("any name");
    assert!(temporary.path().join("ü €").exists());
}

#[test]
fn output_goes_to_a_file_or_to_a_device_and_not_to_a_directory() {
    let temporary = tempdir().expect("a temporary directory");
    let find = |name: &str| Dir::find_output(&temporary.path().join(name));
    fs::write(temporary.path().join("file"), "").expect("written");
    fs::create_dir(temporary.path().join("dir")).expect("created");
    for name in ["file", "new", ".\\new", "dir/../new"] {
        let found = find(name).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(matches!(found, OutputTarget::File(..)), "{name}");
    }
    for name in ["dir", "dir\\", "new/", "."] {
        let error = find(name).err().expect("it is no file");
        assert_eq!(error.kind(), io::ErrorKind::IsADirectory, "{name}");
    }
    assert!(find("missing/new").is_err());
    let nul = Dir::find_output(Path::new("NUL")).expect("opened");
    let OutputTarget::Stream(mut nul) = nul else { panic!("NUL is no file") };
    nul.write_all(b"x").expect("written");
}
