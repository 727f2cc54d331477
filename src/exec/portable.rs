//! The same with the standard library alone, for systems without Unix signals and processes.

use std::io::{self, PipeReader, Read, Write};
use std::process::ExitStatus;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;

use super::{CHUNK, DRAIN, Outcome, Plan, command, not_started};
use crate::error::{Error, Result};
use crate::output::mask::{Filter, Masker};

/// The place of a limit on core dumps where there is none.
#[derive(Clone, Copy, Debug, Default)]
pub struct CoreLimit;

/// Does nothing: there are no core dumps.
pub fn disable_core_dumps() -> CoreLimit {
    CoreLimit
}

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
    for pump in pumps {
        pump.drain()?;
    }
    Ok(Outcome::Ended(exit_code(status)))
}

/// A thread that carries one stream. It is left behind when a descendant of the command keeps the stream open.
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

    /// Waits for the end of the stream, but for silence no longer than [`DRAIN`]: a reader may be slow.
    fn drain(self) -> io::Result<()> {
        loop {
            match self.result.recv_timeout(DRAIN) {
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
