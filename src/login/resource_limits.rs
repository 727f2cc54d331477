//! What the machine denies before any request can be made: descriptors, threads, memory.

use std::io;

use crate::error::{Error, Result};
use crate::platform::fixes;

/// A connection has four descriptors, and reading the trust store or caching the token takes one more.
const DESCRIPTORS: usize = 5;

/// Checks that a connection can have its descriptors. Without them the trust store looks empty and the host's name
/// unknown, and the user would look in the wrong place.
pub(super) fn check_descriptors() -> Result<()> {
    let open = || {
        let (reader, _writer) = io::pipe()?;
        (2..DESCRIPTORS).map(|_| reader.try_clone()).collect::<io::Result<Vec<_>>>()
    };
    open().map(drop).map_err(|error| limit_error(&error))
}

/// The error for a connection that the machine denies.
pub(super) fn limit_error(error: &io::Error) -> Error {
    // A denied thread is EAGAIN; a denied descriptor has an error of its own.
    if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::OutOfMemory) {
        Error::internal(format!("cannot start a thread for the connection: {error}"))
            .cause("too many processes for this user or this container, or too little memory")
            .fix(fixes::TOO_FEW_PROCESSES)
    } else {
        Error::internal(format!("cannot open a connection: {error}"))
            .cause("this process has too many files open, or may open too few")
            .fix(fixes::TOO_FEW_FILES)
    }
}
