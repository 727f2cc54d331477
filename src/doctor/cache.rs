//! The cache: where it is, whose, on what, and whether its locks hold between processes.

use std::fs::OpenOptions;
use std::path::Path;
use std::process::{Command, Stdio};

use fs2::FileExt as _;

use super::{Asker, Check, Patient};
use crate::cache;
use crate::error::Category;
use crate::settings;
use crate::sys::PrivateDir;

const NAME: &str = "cache";
/// What the process that tries a lock ends with, apart from what any process may end with.
const GOT_IT: u8 = 40;
const KEPT_OUT: u8 = 41;
const BROKEN: u8 = 42;
/// Room for some thousand entries.
const LITTLE_ROOM: u64 = 8 * 1024 * 1024;

pub(super) fn check(patient: &Patient, asker: Option<&Asker>) -> Vec<Check> {
    let place = settings::place(patient.args.cache_dir.as_deref(), patient.env);
    let failed = |detail: String, cause: &str, fix: &str| {
        vec![Check::failed(NAME, Category::Internal, detail).because(cause).fix(fix)]
    };
    let dir = match cache::open(&place, patient.env) {
        Ok(dir) => dir,
        Err(why) => {
            return failed(
                why,
                "every call then fetches a token of its own, until the login server limits them",
                "name a directory of the caller's own, closed to others, with --cache-dir or GENESYS_TOKEN_CACHE_DIR",
            );
        }
    };
    let at = dir.path().display();
    if let Err(error) = try_to_write(&dir) {
        return failed(
            format!("cannot write into {at}: {error}"),
            "every call then fetches a token of its own, until the login server limits them",
            "make room, or make it writable, or name another directory with --cache-dir",
        );
    }
    let mut checks = Vec::new();
    let file_system = dir.file_system().ok();
    let on = file_system.and_then(|on| on.name).map_or_else(String::new, |name| format!(" on {name}"));
    let cached = asker.map(|asker| {
        let dir = PrivateDir::open(dir.path()).ok();
        let store = dir.map(|dir| settings::store(dir, &asker.client, &asker.endpoint, &asker.scopes));
        store.is_some_and(|store| store.token().is_some())
    });
    let entry = match cached {
        Some(true) => ", with a token of this client",
        Some(false) => ", without a token of this client yet",
        None => "",
    };
    checks.push(match file_system {
        Some(on_what) if on_what.is_network => Check::warning(NAME, format!("{at}{on}"))
            .because(
                "on a network file system locks may not hold between machines: two of them may fetch at once",
            )
            .fix("nothing breaks; a directory on a local disk makes one request for all"),
        Some(on_what) if on_what.free < LITTLE_ROOM => {
            Check::warning(NAME, format!("{at}{on} is almost full"))
                .because("a token that can't be written is fetched again by every call")
                .fix("make room")
        }
        _ => Check::ok(NAME, format!("{at}{on}, the caller's own{entry}")),
    });
    checks.push(locks(&dir));
    checks
}

fn try_to_write(dir: &PrivateDir) -> std::io::Result<()> {
    let mut file = tempfile::Builder::new().prefix(cache::TEMPORARY).tempfile_in(dir.path())?;
    std::io::Write::write_all(&mut file, &[0; 4096])
}

/// Whether a lock that we hold keeps another process out: one is started to try.
fn locks(dir: &PrivateDir) -> Check {
    const NAME: &str = "locks";
    let kept_out = || -> std::io::Result<bool> {
        let file = tempfile::Builder::new().prefix(cache::TEMPORARY).tempfile_in(dir.path())?;
        file.as_file().try_lock_exclusive()?;
        let mut child = Command::new(std::env::current_exe()?);
        // It needs neither the credential nor anything else of our environment.
        child.arg("doctor").arg("--try-lock").arg(file.path()).env_clear();
        let status = child.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status()?;
        match status.code() {
            Some(code) if code == i32::from(GOT_IT) => Ok(false),
            Some(code) if code == i32::from(KEPT_OUT) => Ok(true),
            _ => Err(std::io::Error::other(format!("the other process ended with {status}"))),
        }
    };
    match kept_out() {
        Ok(true) => Check::ok(NAME, "hold between processes"),
        Ok(false) => Check::warning(NAME, "do not hold between processes")
            .because("the file system gives locks that nobody heeds, as some network file systems do")
            .fix("nothing breaks; a directory on a local disk makes one request for all"),
        Err(error) => Check::warning(NAME, format!("can't be tried: {error}"))
            .because("the file system gives no locks, or no process could be started")
            .fix("nothing breaks; a directory on a local disk makes one request for all"),
    }
}

/// What the other process does: tries to get the lock of the file at `path`. Its exit code.
pub fn try_lock(path: &Path) -> u8 {
    match OpenOptions::new().read(true).write(true).open(path).map(|file| file.try_lock_exclusive()) {
        Ok(Ok(())) => GOT_IT,
        Ok(Err(error)) if error.raw_os_error() == fs2::lock_contended_error().raw_os_error() => KEPT_OUT,
        _ => BROKEN,
    }
}
