//! What the machine denies us before anybody can be asked: descriptors, threads, memory.

use std::io;

use crate::error::{Error, Result};

/// A connection has four descriptors, and the trust store is read, or the token cached, with one more.
const DESCRIPTORS: usize = 5;

/// Makes sure that a connection can have its descriptors. Without them the trust store looks empty and a host's name
/// unknown, and the user would look in the wrong place.
pub fn check_descriptors() -> Result<()> {
    let open = || {
        let (reader, _writer) = io::pipe()?;
        (2..DESCRIPTORS).map(|_| reader.try_clone()).collect::<io::Result<Vec<_>>>()
    };
    open().map(drop).map_err(|error| of(&error))
}

/// What an error of the machine says about a connection that could not be made ready.
pub fn of(error: &io::Error) -> Error {
    // A thread that can't be had is EAGAIN; a descriptor has an error of its own.
    if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::OutOfMemory) {
        Error::internal(format!("cannot start a thread for the connection: {error}"))
            .hint("too many processes for this user or this container, or too little memory: see ulimit -a")
    } else {
        Error::internal(format!("cannot open a connection: {error}"))
            .hint("this process has too many files open, or may open too few: see ulimit -n")
    }
}
