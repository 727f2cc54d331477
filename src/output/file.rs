//! The answer in a file, or in whatever else its path stands for.

use std::ffi::OsStr;
use std::io::{self, Write as _};
use std::path::Path;
use std::time::Duration;

use crate::error::{Error, Result};
use crate::platform::{Dir, Directory as _, FindOutput as _, NewFile as _, OutputTarget};
use crate::secret::visible;
use crate::time::{Clock, Timestamp};

/// How the name of a file begins while it is being written, in a directory that is not ours.
const TEMPORARY_PREFIX: &str = ".writing-genesys-token-";
/// Between two looks for a reader of a pipe.
const POLL_INTERVAL: Duration = Duration::from_millis(20);

/// Writes `text` to `path`: a regular file is replaced atomically, and closed to other users; anything else is written
/// to as it is. A pipe's reader may come until the call's `timeout` is over.
///
/// # Errors
/// It is a directory, or can't be written.
pub(crate) fn write_output(path: &Path, text: &str, clock: &dyn Clock, timeout: Duration) -> Result<()> {
    let target = loop {
        match Dir::find_output(path) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock && clock.elapsed() < timeout => {
                clock.sleep(POLL_INTERVAL);
            }
            found => break found,
        }
    };
    let written = target.and_then(|target| match target {
        OutputTarget::File(dir, name) => replace(&dir, &name, text, clock.now()),
        OutputTarget::Stream(mut stream) => match stream.write_all(text.as_bytes()) {
            // A reader that is gone has what it wanted.
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error),
            _ => Ok(()),
        },
    });
    written.map_err(|error| match error.kind() {
        io::ErrorKind::IsADirectory => {
            Error::usage(format!("--output {} is a directory", visible(path.display())))
                .fix("name a file; without --output the answer goes to stdout")
        }
        _ => Error::internal(format!("cannot write {}: {error}", visible(path.display())))
            .fix("name a file in a directory that is yours and can be written, on a disk with room"),
    })
}

fn replace(dir: &Dir, name: &OsStr, text: &str, now: Timestamp) -> io::Result<()> {
    let mut new = dir.new_file(TEMPORARY_PREFIX)?;
    new.file().write_all(text.as_bytes())?;
    new.rename_to(name)?;
    dir.remove_unfinished(TEMPORARY_PREFIX, now);
    Ok(())
}
