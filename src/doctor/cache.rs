//! The cache: where it is, what it lies on, and whether its locks exclude other processes.

use std::io;
use std::path::Path;
use std::process::{Command, Stdio};

use super::check::Check;
use super::context::ClientContext;
use crate::cache::Cache;
use crate::error::Category;
use crate::store::{self, CacheLocation, DirStore, Probe, Store};
use crate::world::Machine;

const NAME: &str = "cache";
/// Exit codes of the process that tries a lock, apart from those that any process may end with.
const LOCK_ACQUIRED: i32 = 40;
const LOCK_BUSY: i32 = 41;
const LOCK_BROKEN: i32 = 42;
/// Bytes. Room for some thousand entries.
const LITTLE_ROOM: u64 = 8 * 1024 * 1024;
const WITHOUT_CACHE: &str = "every call then fetches a token of its own, until the login server limits them";
const LOCAL_DISK: &str = "nothing breaks; a directory on a local disk makes one request for all";

pub(super) fn check(
    location: &CacheLocation,
    context: Option<&ClientContext>,
    machine: &dyn Machine,
) -> Vec<Check> {
    let store: DirStore = match location.open_or_create() {
        Ok(store) => store,
        Err(why) => {
            let check = Check::failed(NAME, Category::Internal, why).because(WITHOUT_CACHE).fix(
                "name a directory of the caller's own, closed to others, with --cache-dir or GENESYS_TOKEN_CACHE_DIR",
            );
            return vec![check];
        }
    };
    let Probe { write, locks, file_system } = store.probe(&|path| another_process_gets_lock(path, machine));
    if let Err(error) = write {
        let detail = format!("cannot write into {}: {error}", store.location());
        let check = Check::failed(NAME, Category::Internal, detail)
            .because(WITHOUT_CACHE)
            .fix("make room, or make it writable, or name another directory with --cache-dir");
        return vec![check];
    }
    let name = file_system.and_then(|on| on.name).map_or_else(String::new, |name| format!(" on {name}"));
    let place = format!("{}{name}", store.location());
    let medium = match file_system {
        Some(on) if on.is_network => Check::warning(NAME, place)
            .because(
                "on a network file system locks may not hold between machines: two of them may fetch at once",
            )
            .fix(LOCAL_DISK),
        Some(on) if on.free < LITTLE_ROOM => Check::warning(NAME, format!("{place} is almost full"))
            .because("a token that can't be written is fetched again by every call")
            .fix("make room"),
        _ => Check::ok(NAME, format!("{place}, the caller's own{}", entry(&store, context))),
    };
    vec![medium, lock_check(locks)]
}

/// Whether there is a token of this client.
fn entry(store: &dyn Store, context: Option<&ClientContext>) -> &'static str {
    let Some(context) = context else { return "" };
    match Cache::new(store, context.cache_key(), &context.client.secret).token() {
        Some(_) => ", with a token of this client",
        None => ", without a token of this client yet",
    }
}

fn lock_check(locks: io::Result<bool>) -> Check {
    const NAME: &str = "locks";
    match locks {
        Ok(true) => Check::ok(NAME, "hold between processes"),
        Ok(false) => Check::warning(NAME, "do not hold between processes")
            .because("the file system gives locks that exclude nobody, as some network file systems do")
            .fix(LOCAL_DISK),
        Err(error) => Check::warning(NAME, format!("can't be tried: {error}"))
            .because("the file system has no locks, or no process could be started")
            .fix(LOCAL_DISK),
    }
}

/// Starts this program once more to try the lock on the file at `path`.
fn another_process_gets_lock(path: &Path, machine: &dyn Machine) -> io::Result<bool> {
    let mut child = Command::new(machine.program()?);
    // It needs neither the credential nor anything else of our environment.
    child.arg("doctor").arg("--try-lock").arg(path).env_clear();
    let status = child.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status()?;
    match status.code() {
        Some(LOCK_ACQUIRED) => Ok(true),
        Some(LOCK_BUSY) => Ok(false),
        _ => Err(io::Error::other(format!("the other process ended with {status}"))),
    }
}

/// What the other process does: tries to get the lock on the file at `path`. Returns its exit code.
pub(crate) fn try_lock(path: &Path) -> i32 {
    match store::another_process_gets_lock(path) {
        Ok(true) => LOCK_ACQUIRED,
        Ok(false) => LOCK_BUSY,
        Err(_) => LOCK_BROKEN,
    }
}
