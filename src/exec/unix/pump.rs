//! Carries one stream from the command to ours.

use std::io::{self, PipeReader, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::time::{Duration, Instant};

use rustix::io::{Errno, ioctl_fionread};

use crate::exec::interface::{CHUNK_LEN, DRAIN};
use crate::mask::Filter;
use crate::platform::unix::raw;

/// Moves everything from `source` through `filter` to `sink`, until no writer is left, or the command has
/// ended (`ended` is closed) and its descendants have had their [`DRAIN`].
///
/// `source` is closed on return. When that is because the reader of `sink` is gone, the command gets the SIGPIPE that
/// it would have got without us; so it is no error here.
pub(super) fn pump(
    source: PipeReader,
    ended: BorrowedFd<'_>,
    filter: Filter<'_>,
    sink: BorrowedFd<'_>,
) -> io::Result<()> {
    match copy(source, ended, filter, Sink(sink)) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => result,
    }
}

fn copy(
    mut source: PipeReader,
    ended: BorrowedFd<'_>,
    mut filter: Filter<'_>,
    mut sink: Sink<'_>,
) -> io::Result<()> {
    let mut chunk = vec![0; CHUNK_LEN];
    let mut last_words = None;
    while wait_for_more(&source, ended, &mut last_words)? {
        let length = match source.read(&mut chunk) {
            Ok(0) => break,
            Ok(length) => length,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        filter.write(&chunk[..length], &mut sink)?;
        if let Some(LastWords { owed, .. }) = &mut last_words {
            *owed = owed.saturating_sub(length as u64);
        }
    }
    filter.finish(&mut sink)
}

/// What is still to come after the command's end.
struct LastWords {
    /// Bytes that were in the pipe by then and may be the command's own: a slow reader still gets all of
    /// them.
    owed: u64,
    /// When to stop listening to others.
    until: Instant,
}

/// Waits until `source` can be read without waiting, even if only its end; false when it is time to stop.
fn wait_for_more(
    source: &PipeReader,
    ended: BorrowedFd<'_>,
    last_words: &mut Option<LastWords>,
) -> io::Result<bool> {
    loop {
        if let Some(LastWords { owed, until }) = last_words {
            let left = until.saturating_duration_since(Instant::now());
            if *owed == 0 && left.is_zero() {
                return Ok(false);
            }
            let [ready] = raw::poll([(source.as_fd(), libc::POLLIN)], Some(left))?;
            if ready {
                return Ok(true);
            }
        } else {
            let [ready, is_over] = raw::poll([(source.as_fd(), libc::POLLIN), (ended, libc::POLLIN)], None)?;
            if is_over {
                *last_words =
                    Some(LastWords { owed: ioctl_fionread(source)?, until: Instant::now() + DRAIN });
            } else if ready {
                return Ok(true);
            }
        }
    }
}

/// Our own stdout or stderr, unbuffered.
struct Sink<'fd>(BorrowedFd<'fd>);

impl Write for Sink<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        loop {
            match rustix::io::write(self.0, bytes) {
                // A process that shares the file with us, such as Node.js, has made it non-blocking.
                Err(Errno::AGAIN) => drop(raw::poll([(self.0, libc::POLLOUT)], None::<Duration>)?),
                result => return Ok(result?),
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
