//! The answer on stdout.

use std::io::{self, Write};

use crate::error::{Error, Result};
use crate::world::World;

/// Writes an answer to stdout. A reader that is gone has what it wanted.
pub(super) fn print(world: &mut World, text: &str) -> Result<()> {
    match write_all(world.stdout, text) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Error::internal(format!("cannot write the answer: {error}"))
                .cause("stdout may be on a full disk"))
        }
        _ => Ok(()),
    }
}

/// Writes all of `text` and flushes it.
pub(super) fn write_all(stdout: &mut dyn Write, text: &str) -> io::Result<()> {
    stdout.write_all(text.as_bytes())?;
    stdout.flush()
}
