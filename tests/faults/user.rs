//! Other users: what root alone can have.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::path::Path;
use std::process::Command;

use rustix::process::geteuid;

use crate::harness::{Call, PROGRAM};
use crate::scene::Scene;

/// Without a line in the password file.
pub const STRANGER: u32 = 54_321;

#[derive(Clone, Copy)]
pub struct Root;

pub fn root() -> Result<Root, &'static str> {
    if geteuid().is_root() { Ok(Root) } else { Err("it needs root, to be another user") }
}

impl Scene {
    /// Lets everybody in, and has a copy of the program for them: the build's own directory may be closed to others.
    pub fn open_to_all(self, _: Root) -> Self {
        fs::set_permissions(self.path(""), fs::Permissions::from_mode(0o755)).expect("it is ours");
        // By another process: a child that is forked while we write could hold it open, and a file that is open for
        // writing can't be run.
        let copied = Command::new("cp").arg(PROGRAM).arg(self.path("program")).status();
        assert!(copied.expect("cp starts").success());
        self
    }

    /// `call` by this user.
    pub fn run_as(&self, user: u32, call: Call) -> Call {
        let ids = format!("--reuid={user} --regid={user} --clear-groups");
        let script = format!("shift; exec setpriv {ids} {} \"$@\"", self.path("program").display());
        call.under(["sh", "-c", &script, "sh"])
    }
}

/// A directory of this user.
pub fn directory(_: Root, path: &Path, user: u32, mode: u32) {
    fs::create_dir_all(path).expect("a directory");
    chown(path, Some(user), Some(user)).expect("root may");
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("root may");
}
