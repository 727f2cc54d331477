//! Running a command by the standard library alone, on systems without Unix signals and processes.

use std::io::{self, PipeReader, Read, Write};
use std::process::ExitStatus;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, channel, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use zeroize::Zeroizing;

use super::interface::{CHUNK_LEN, DRAIN, MAX_HOLD, Supervisor};
use super::plan::{Outcome, Plan};
use crate::error::{Error, Result};
use crate::mask::{Filter, Masker};
use crate::platform::ProcessLimits as _;

/// How often to check whether a slow reader has taken the last write: too seldom to cost anything.
const POLL_INTERVAL: Duration = Duration::from_millis(50);

/// The two ways by the standard library.
pub(super) struct Portable;

impl Supervisor for Portable {
    /// Runs the command on our own streams, since no process can become another here.
    fn replace(plan: &Plan) -> Result<Outcome> {
        plan.core_limit.restore();
        match plan.to_command(&plan.command).spawn() {
            Ok(mut child) => {
                let status = child
                    .wait()
                    .map_err(|error| Error::internal(format!("cannot wait for the command: {error}")))?;
                Ok(Outcome::Ended(exit_code(status)))
            }
            Err(cause) => Ok(plan.not_started(&cause)),
        }
    }

    fn supervise(plan: &Plan, masker: &Masker) -> io::Result<Outcome> {
        plan.core_limit.restore();
        let masker = Arc::new(masker.clone());
        let (from_stdout, to_stdout) = io::pipe()?;
        let (from_stderr, to_stderr) = io::pipe()?;
        let mut child = {
            let mut command = plan.to_command(&plan.command);
            command.stdout(to_stdout).stderr(to_stderr);
            match command.spawn() {
                Ok(child) => child,
                Err(cause) => return Ok(plan.not_started(&cause)),
            }
        };
        let pumps = [
            Pump::start(from_stdout, Arc::clone(&masker), io::stdout()),
            Pump::start(from_stderr, masker, io::stderr()),
        ];
        let status = child.wait()?;
        let until = Instant::now() + DRAIN;
        for pump in pumps {
            pump.drain(until)?;
        }
        Ok(Outcome::Ended(exit_code(status)))
    }
}

/// A thread that copies one stream. It is left behind when a descendant of the command keeps the stream open.
struct Pump {
    is_writing: Arc<AtomicBool>,
    result: Receiver<io::Result<()>>,
}

impl Pump {
    fn start(source: PipeReader, masker: Arc<Masker>, sink: impl Write + Send + 'static) -> Self {
        let is_writing = Arc::new(AtomicBool::new(false));
        let (send, result) = channel();
        let writing = Arc::clone(&is_writing);
        thread::spawn(move || send.send(copy(source, &masker, sink, &writing)));
        Self { is_writing, result }
    }

    /// Waits for the end of the stream, or until `until` and the end of a write: a reader may be slow. What the filter
    /// holds back of an abandoned stream is lost.
    fn drain(self, until: Instant) -> io::Result<()> {
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

fn copy(source: PipeReader, masker: &Masker, mut sink: impl Write, writing: &AtomicBool) -> io::Result<()> {
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

fn exit_code(status: ExitStatus) -> u8 {
    status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1)
}
