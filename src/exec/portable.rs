//! The same with the standard library alone, for systems without Unix signals and processes.

use std::io::{self, PipeReader, Read, Write};
use std::process::ExitStatus;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use super::{CHUNK, DRAIN, Outcome, Plan, command, not_started};
use crate::error::{Error, Result};
use crate::mask::{Filter, Masker};

/// How often to look whether a slow reader has taken the last write: too seldom to cost anything.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// The place of a limit on core dumps where there is none.
#[derive(Clone, Copy, Debug, Default)]
pub struct CoreLimit;

/// Does nothing: there are no core dumps.
pub fn disable_core_dumps() -> CoreLimit {
    CoreLimit
}

/// Does nothing: no limit on file sizes ends a process.
pub fn outlive_file_size_limit() {}

/// Runs the command on our own streams, since no process can become another here.
pub(super) fn replace(plan: &Plan) -> Result<Outcome> {
    match command(plan, &plan.command).spawn() {
        Ok(mut child) => {
            let status = child
                .wait()
                .map_err(|error| Error::internal(format!("cannot wait for the command: {error}")))?;
            Ok(Outcome::Ended(exit_code(status)))
        }
        Err(cause) => Ok(not_started(&plan.command[0], &cause)),
    }
}

/// Runs the command as a child, its output through `masker`.
pub(super) fn supervise(plan: &Plan, masker: &Masker) -> io::Result<Outcome> {
    let masker = Arc::new(masker.clone());
    let (from_stdout, to_stdout) = io::pipe()?;
    let (from_stderr, to_stderr) = io::pipe()?;
    let mut child = {
        let mut command = command(plan, &plan.command);
        command.stdout(to_stdout).stderr(to_stderr);
        match command.spawn() {
            Ok(child) => child,
            Err(cause) => return Ok(not_started(&plan.command[0], &cause)),
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

/// A thread that carries one stream. It is left behind when a descendant of the command keeps the stream
/// open.
struct Pump {
    is_writing: Arc<AtomicBool>,
    result: Receiver<io::Result<()>>,
}

impl Pump {
    fn start(source: PipeReader, masker: Arc<Masker>, sink: impl Write + Send + 'static) -> Self {
        let is_writing = Arc::new(AtomicBool::new(false));
        let (send, result) = channel();
        let writing = Arc::clone(&is_writing);
        thread::spawn(move || send.send(carry(source, &masker, sink, &writing)));
        Self { is_writing, result }
    }

    /// Waits for the end of the stream, or until `until` and the end of a write: a reader may be slow. What
    /// the filter holds back of a stream that is given up is lost.
    fn drain(self, until: Instant) -> io::Result<()> {
        loop {
            let patience = until.saturating_duration_since(Instant::now()).max(LOOK_AGAIN);
            match self.result.recv_timeout(patience) {
                Ok(result) => return result,
                Err(RecvTimeoutError::Timeout) if self.is_writing.load(Ordering::Relaxed) => {}
                Err(_) => return Ok(()),
            }
        }
    }
}

fn carry(
    mut source: PipeReader,
    masker: &Masker,
    mut sink: impl Write,
    writing: &AtomicBool,
) -> io::Result<()> {
    let mut filter = Filter::new(masker);
    let mut chunk = vec![0; CHUNK];
    let mut carry = || {
        loop {
            let length = source.read(&mut chunk)?;
            if length == 0 {
                break;
            }
            writing.store(true, Ordering::Relaxed);
            filter.write(&chunk[..length], &mut sink)?;
            sink.flush()?;
            writing.store(false, Ordering::Relaxed);
        }
        Ok(())
    };
    let result = carry().and_then(|()| filter.finish(&mut sink)).and_then(|()| sink.flush());
    match result {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => result,
    }
}

fn exit_code(status: ExitStatus) -> u8 {
    status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1)
}
