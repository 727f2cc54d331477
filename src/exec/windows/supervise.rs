//! Starting the command on Windows: job, pipes, exit code.

use std::env;
use std::io::{self, PipeReader, PipeWriter};
use std::process::{Child, ExitStatus};
use std::sync::Arc;
use std::time::Instant;

use super::program::{self, Search};
use super::pump::{Pump, Sink};
use crate::error::{Error, Result};
use crate::exec::interface::{DRAIN, Supervisor};
use crate::exec::plan::{Outcome, Plan};
use crate::mask::Masker;
use crate::platform::ProcessLimits as _;
use crate::platform::windows::raw::{Job, leave_console_events_to_children};

/// The two ways on Windows.
pub(in crate::exec) struct Windows;

impl Supervisor for Windows {
    /// Runs the command on our own streams, since no process can become another here.
    fn replace(plan: &Plan) -> Result<Outcome> {
        let _job = Job::enter();
        leave_console_events_to_children();
        match start(plan, None) {
            Ok(mut child) => {
                let status = child.wait();
                let status = status
                    .map_err(|error| Error::internal(format!("cannot wait for the command: {error}")))?;
                Ok(Outcome::Ended(exit_code(status)))
            }
            Err(cause) => Ok(plan.not_started(&cause)),
        }
    }

    fn supervise(plan: &Plan, masker: &Masker) -> io::Result<Outcome> {
        let _job = Job::enter();
        leave_console_events_to_children();
        let masker = Arc::new(masker.clone());
        let (streams, outlets) = connect()?;
        let mut child = match start(plan, Some(outlets)) {
            Ok(child) => child,
            Err(cause) => return Ok(plan.not_started(&cause)),
        };
        let pumps: Vec<Pump> = streams
            .into_iter()
            .map(|Stream { source, sink }| Pump::start(source, Arc::clone(&masker), sink))
            .collect();
        let status = child.wait()?;
        let until = Instant::now() + DRAIN;
        // The one that fails does not cut off the other one.
        let drained: Vec<io::Result<()>> = pumps.into_iter().map(|pump| pump.drain(until)).collect();
        drained.into_iter().collect::<io::Result<()>>()?;
        Ok(Outcome::Ended(exit_code(status)))
    }
}

/// One output stream of the command.
struct Stream {
    source: PipeReader,
    sink: Sink,
}

/// The ends the command writes to.
struct Outlets {
    stdout: PipeWriter,
    stderr: PipeWriter,
}

fn connect() -> io::Result<(Vec<Stream>, Outlets)> {
    let (source, to_stdout) = io::pipe()?;
    let mut streams = vec![Stream { source, sink: Sink::of(&io::stdout())? }];
    let to_stderr = if Sink::are_same(&io::stdout(), &io::stderr()) {
        to_stdout.try_clone()?
    } else {
        let (source, to_stderr) = io::pipe()?;
        streams.push(Stream { source, sink: Sink::of(&io::stderr())? });
        to_stderr
    };
    Ok((streams, Outlets { stdout: to_stdout, stderr: to_stderr }))
}

/// Starts the command, on our own streams or on these. Batch files are started by the standard library, which quotes for
/// `cmd.exe` what that takes apart again, and refuses what it can't quote.
fn start(plan: &Plan, outlets: Option<Outlets>) -> io::Result<Child> {
    plan.core_limit.restore();
    let (path, endings) = (env::var_os("PATH"), env::var_os("PATHEXT"));
    let search = Search::new(path.as_deref(), endings.as_deref());
    let mut argv = plan.command.clone();
    argv[0] = program::find(&argv[0], &search)?.into_os_string();
    let mut command = plan.to_command(&argv);
    if let Some(Outlets { stdout, stderr }) = outlets {
        command.stdout(stdout).stderr(stderr);
    }
    command.spawn()
}

fn exit_code(status: ExitStatus) -> i32 {
    status.code().unwrap_or(1)
}
