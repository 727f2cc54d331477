//! Carries one stream from the command to ours.

use std::io::{self, PipeReader, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::time::{Duration, Instant};

use rustix::io::{Errno, ioctl_fionread};

use crate::exec::interface::{CHUNK_LEN, DRAIN, MAX_HOLD};
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
    let mut wait = Wait { last_words: None, release_at: None };
    loop {
        match wait.next(&source, ended)? {
            Next::Bytes => {}
            Next::Release => {
                filter.release(&mut sink)?;
                wait.release_at = None;
                continue;
            }
            Next::Stop => break,
        }
        let length = match source.read(filter.room(CHUNK_LEN)) {
            Ok(0) => break,
            Ok(length) => length,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        filter.advance(length, &mut sink)?;
        wait.arrived(length, filter.held());
    }
    filter.finish(&mut sink)
}

/// What to do next with a stream.
enum Next {
    /// Read: something has arrived, or the end.
    Bytes,
    /// Write what the filter holds back.
    Release,
    /// Listen no longer.
    Stop,
}

/// What a stream waits for.
struct Wait {
    /// Since the command's end.
    last_words: Option<LastWords>,
    /// When to write what the filter holds back.
    release_at: Option<Instant>,
}

/// What is still to come after the command's end.
struct LastWords {
    /// Bytes that were in the pipe by then and may be the command's own: a slow reader still gets all of
    /// them.
    owed: u64,
    /// When to stop listening to others.
    until: Instant,
}

impl Wait {
    /// Waits until `source` can be read without waiting, even if only its end, or it is time for something else.
    fn next(&mut self, source: &PipeReader, ended: BorrowedFd<'_>) -> io::Result<Next> {
        loop {
            let now = Instant::now();
            if self.release_at.is_some_and(|at| at <= now) {
                return Ok(Next::Release);
            }
            let until_release = self.release_at.map(|at| at - now);
            if let Some(LastWords { owed, until }) = self.last_words {
                let left = until.saturating_duration_since(now);
                if owed == 0 && left.is_zero() {
                    return Ok(Next::Stop);
                }
                let patience = until_release.map_or(left, |release| release.min(left));
                let [ready] = raw::poll([(source.as_fd(), libc::POLLIN)], Some(patience))?;
                if ready {
                    return Ok(Next::Bytes);
                }
            } else {
                let files = [(source.as_fd(), libc::POLLIN), (ended, libc::POLLIN)];
                let [ready, is_over] = raw::poll(files, until_release)?;
                if is_over {
                    let owed = ioctl_fionread(source)?;
                    self.last_words = Some(LastWords { owed, until: Instant::now() + DRAIN });
                } else if ready {
                    return Ok(Next::Bytes);
                }
            }
        }
    }

    /// So many bytes have arrived, and so many are held back now.
    fn arrived(&mut self, length: usize, held: usize) {
        if let Some(LastWords { owed, .. }) = &mut self.last_words {
            *owed = owed.saturating_sub(length as u64);
        }
        // The first of them decides, so that none waits longer.
        if held == 0 {
            self.release_at = None;
        } else if held <= length || self.release_at.is_none() {
            self.release_at = Some(Instant::now() + MAX_HOLD);
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
