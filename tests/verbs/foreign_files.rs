//! `clear` and `status` in a cache directory that has other files as well.

use std::fs;
use std::os::unix::fs::{chown, symlink};
use std::path::PathBuf;

use genesys_token::error::Category;
use tempfile::TempDir;

use super::clear::{clear, is_lock};
use super::status::rows;
use super::{names, read, set_mode};
use crate::harness::{Scene, genesys_token, temporary_dir};

/// The names of files that are not the program's.
const FOREIGN: [&str; 4] = ["README", "deadbeef-0.note", "tool.json", "x.token"];

/// A cache with a token, and with other files in its directory.
struct Littered {
    scene: Scene,
    outside: TempDir,
    /// How many files are named like an entry and can't be read as one.
    unreadable: usize,
}

impl Littered {
    fn new() -> Self {
        let scene = Scene::new();
        scene.get().fetched("no entry").success();
        let mut littered = Self { scene, outside: temporary_dir(), unreadable: 4 };
        littered.write_files_with_our_names();
        for name in FOREIGN {
            fs::write(littered.scene.cache().join(name), "x").expect("a file");
        }
        littered
    }

    fn write_files_with_our_names(&mut self) {
        let write = |letter, suffix, content: &[u8]| {
            fs::write(self.ours(letter, suffix), content).expect("a file");
        };
        write("a", ".token", b"garbage");
        write("b", ".token", b"");
        write("c", ".note", &[0xff; 100]);
        write("f", ".lock", b"");
        fs::write(self.precious(), "x").expect("a file");
        symlink(self.precious(), self.ours("d", ".token")).expect("a link");
        fs::create_dir(self.ours("e", ".token")).expect("a directory");
        fs::write(self.scene.cache().join(".writing-abc"), "x").expect("a file");
        if rustix::process::geteuid().is_root() {
            write("9", ".token", b"theirs");
            chown(self.ours("9", ".token"), Some(1234), None).expect("root may");
            self.unreadable += 1;
        }
    }

    fn ours(&self, letter: &str, suffix: &str) -> PathBuf {
        self.scene.cache().join(format!("{}-{}{suffix}", letter.repeat(64), "0".repeat(16)))
    }

    /// The target of a link in the cache.
    fn precious(&self) -> PathBuf {
        self.outside.path().join("precious")
    }
}

#[test]
fn status_ignores_foreign_files_and_shows_an_entry_that_it_can_not_read_as_unreadable() {
    let littered = Littered::new();
    let rows = rows(&littered.scene.cache());
    let unreadable = rows.iter().filter(|row| row["state"] == "unreadable").count();
    assert_eq!((unreadable, rows.len()), (littered.unreadable, littered.unreadable + 1), "{rows:?}");
}

#[test]
fn clear_removes_only_files_with_our_names_and_no_locks_and_follows_no_link() {
    let littered = Littered::new();
    let cache = littered.scene.cache();
    clear(&cache).any_stderr().success();
    assert!(littered.ours("f", ".lock").exists());
    let mut left = names(&cache);
    left.retain(|name| !is_lock(name));
    assert_eq!(left, FOREIGN);
    assert_eq!(read(littered.precious()), "x");
}

#[test]
fn a_directory_in_the_place_of_an_entry_does_not_fail_clear_and_keeps_what_is_in_it() {
    let littered = Littered::new();
    let cache = littered.scene.cache();
    let directory = littered.ours("e", ".token");
    fs::write(directory.join("notes"), "x").expect("a file");
    // The token, five other files, and where there is one, the file of another user.
    let files = 6 + littered.unreadable - 4;
    clear(&cache)
        .stderr(format!("genesys-token: removed {files} files from {}\n", cache.display()))
        .success();
    assert_eq!(names(&directory), ["notes"]);
    assert_eq!(rows(&cache).len(), 1);
}

#[test]
fn clear_and_status_refuse_a_directory_that_others_can_write_to() {
    let open = temporary_dir();
    fs::write(open.path().join(".writing-x"), "x").expect("a file");
    set_mode(open.path(), 0o777);
    for verb in ["clear", "status"] {
        let error = genesys_token().verb(verb).cache(open.path()).refused(Category::Usage);
        assert!(error.message.ends_with(": it is writable by other users"), "{verb}: {error:?}");
    }
    assert_eq!(names(open.path()), [".writing-x"]);
}
