//! Files that another program has open for a moment: virus scanners, indexers and backups open what is new.

use std::io;
use std::thread;
use std::time::Duration;

use windows_sys::Win32::Foundation::{
    ERROR_ACCESS_DENIED, ERROR_DELETE_PENDING, ERROR_LOCK_VIOLATION, ERROR_SHARING_VIOLATION,
    ERROR_USER_MAPPED_FILE, WIN32_ERROR,
};

/// Between two attempts.
const PAUSE: Duration = Duration::from_millis(5);
/// So many attempts take a second, which is longer than a scanner holds a small file.
const ATTEMPTS: usize = 200;

/// Errors of a file that another program has open.
const HELD: [WIN32_ERROR; 4] =
    [ERROR_SHARING_VIOLATION, ERROR_LOCK_VIOLATION, ERROR_DELETE_PENDING, ERROR_USER_MAPPED_FILE];

/// Whether another program has the file open.
pub(super) fn is_held(error: &io::Error) -> bool {
    error.raw_os_error().is_some_and(|code| HELD.contains(&code.cast_unsigned()))
}

/// The same of a file that is to be replaced or removed. There the system may also call it a refusal.
pub(super) fn may_be_held(error: &io::Error) -> bool {
    is_held(error) || error.raw_os_error() == Some(ERROR_ACCESS_DENIED.cast_signed())
}

/// Tries again while `is_worth_it` says so of the error, for a second.
pub(super) fn patiently<T>(
    is_worth_it: impl Fn(&io::Error) -> bool,
    mut attempt: impl FnMut() -> io::Result<T>,
) -> io::Result<T> {
    for _ in 1..ATTEMPTS {
        match attempt() {
            Err(error) if is_worth_it(&error) => thread::sleep(PAUSE),
            result => return result,
        }
    }
    attempt()
}
