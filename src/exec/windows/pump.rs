//! Copying one stream through the filter, by threads: a read of a pipe can't be given up on Windows.

use std::fs::File;
use std::io::{self, PipeReader, Read, Write};
use std::os::windows::io::{AsHandle, AsRawHandle as _, OwnedHandle};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, channel, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use zeroize::Zeroizing;

use crate::exec::interface::{CHUNK_LEN, MAX_HOLD};
use crate::mask::{Filter, Masker};
use crate::platform::windows::raw::is_same_object;

/// How often to check whether a slow reader has taken the last write: too seldom to cost anything.
const POLL_INTERVAL: Duration = Duration::from_millis(50);

/// One of our own streams, for bytes: the standard library writes only UTF-8 to a console, and a command writes in its
/// code page.
pub(super) struct Sink(File);

impl Sink {
    pub(super) fn of(stream: &impl AsHandle) -> io::Result<Self> {
        let handle: OwnedHandle = stream.as_handle().try_clone_to_owned()?;
        Ok(Self(handle.into()))
    }

    /// Whether two of our streams are one, as after `>log 2>&1`: two pipes would lose the order of what is written.
    pub(super) fn are_same(one: &impl AsHandle, other: &impl AsHandle) -> bool {
        is_same_object(one.as_handle(), other.as_handle())
    }
}

impl Write for Sink {
    /// A process without such a stream writes into nothing.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.as_raw_handle().is_null() { Ok(bytes.len()) } else { self.0.write(bytes) }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// A thread that copies one stream. It is left behind when a descendant of the command keeps the stream open.
pub(super) struct Pump {
    is_writing: Arc<AtomicBool>,
    result: Receiver<io::Result<()>>,
}

impl Pump {
    pub(super) fn start(source: PipeReader, masker: Arc<Masker>, sink: Sink) -> Self {
        let is_writing = Arc::new(AtomicBool::new(false));
        let (send, result) = channel();
        let writing = Arc::clone(&is_writing);
        thread::spawn(move || send.send(copy(source, &masker, sink, &writing)));
        Self { is_writing, result }
    }

    /// Waits for the end of the stream, or until `until` and the end of a write: a reader may be slow. What the filter
    /// holds back of an abandoned stream is lost.
    pub(super) fn drain(self, until: Instant) -> io::Result<()> {
        loop {
            let patience = until.saturating_duration_since(Instant::now()).max(POLL_INTERVAL);
            match self.result.recv_timeout(patience) {
                Ok(result) => return result,
                Err(RecvTimeoutError::Timeout) if self.is_writing.load(Ordering::Relaxed) => {}
                Err(_) => return Ok(()),
            }
        }
    }
}

fn copy(source: PipeReader, masker: &Masker, mut sink: Sink, writing: &AtomicBool) -> io::Result<()> {
    // A read can't be given up here, so another thread does it, at most one chunk ahead.
    let (send, chunks) = sync_channel(1);
    thread::spawn(move || read(source, &send));
    let mut filter = Filter::new(masker);
    let mut release_at: Option<Instant> = None;
    let mut copy_all = || {
        loop {
            let next = match release_at {
                Some(at) => chunks.recv_timeout(at.saturating_duration_since(Instant::now())),
                None => chunks.recv().map_err(RecvTimeoutError::from),
            };
            writing.store(true, Ordering::Relaxed);
            match next {
                Ok(chunk) => {
                    let chunk: Zeroizing<Vec<u8>> = chunk?;
                    filter.write(&chunk, &mut sink)?;
                    // The first byte that is held back decides.
                    if filter.held() == 0 {
                        release_at = None;
                    } else if filter.held() <= chunk.len() || release_at.is_none() {
                        release_at = Some(Instant::now() + MAX_HOLD);
                    }
                }
                Err(RecvTimeoutError::Timeout) => {
                    filter.release(&mut sink)?;
                    release_at = None;
                }
                Err(RecvTimeoutError::Disconnected) => return filter.release(&mut sink),
            }
            sink.flush()?;
            writing.store(false, Ordering::Relaxed);
        }
    };
    let result = copy_all().and_then(|()| sink.flush());
    match result {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => result,
    }
}

/// Sends what `source` gives, until its end, an error, or nobody listens.
fn read(mut source: PipeReader, chunks: &SyncSender<io::Result<Zeroizing<Vec<u8>>>>) {
    let mut room = Zeroizing::new(vec![0; CHUNK_LEN]);
    loop {
        let chunk = match source.read(&mut room) {
            Ok(0) => return,
            Ok(length) => Ok(Zeroizing::new(room[..length].to_vec())),
            Err(error) => Err(error),
        };
        let is_last = chunk.is_err();
        if chunks.send(chunk).is_err() || is_last {
            return;
        }
    }
}
