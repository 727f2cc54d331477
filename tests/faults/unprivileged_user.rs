//! Calls by other users, which only root can start.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::path::Path;
use std::process::Command;

use rustix::process::geteuid;

use crate::harness::{Call, PROGRAM};
use crate::scene::Scene;

/// A user without a line in the password file.
pub(crate) const STRANGER: u32 = 54_321;

/// The proof that the test runs as root.
#[derive(Clone, Copy)]
pub(crate) struct AsRoot;

pub(crate) fn as_root() -> Result<AsRoot, &'static str> {
    if geteuid().is_root() { Ok(AsRoot) } else { Err("only root can become another user") }
}

impl Scene {
    /// Opens the scene's directory to all users and puts a copy of the program there, since the build's own directory
    /// may be closed to them.
    pub(crate) fn open_to_all(self, _: AsRoot) -> Self {
        fs::set_permissions(self.dir(), fs::Permissions::from_mode(0o755)).expect("it is ours");
        // Another process copies: one that this process forks meanwhile could inherit the open file, and a file that is
        // open for writing can't be executed.
        let copied = Command::new("cp").arg(PROGRAM).arg(self.path("program")).status();
        assert!(copied.expect("cp starts").success());
        self
    }

    /// `call` as the user with this id, with the scene's copy of the program.
    pub(crate) fn run_as(&self, uid: u32, call: Call) -> Call {
        let ids = format!("--reuid={uid} --regid={uid} --clear-groups");
        let script = format!("shift; exec setpriv {ids} {} \"$@\"", self.path("program").display());
        call.under(["sh", "-c", &script, "sh"])
    }
}

/// Creates a directory that belongs to the user with this id.
pub(crate) fn create_dir(_: AsRoot, path: &Path, uid: u32, mode: u32) {
    fs::create_dir_all(path).expect("a directory");
    chown(path, Some(uid), Some(uid)).expect("root may");
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("root may");
}
