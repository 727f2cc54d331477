//! Starting the command on Unix: pipes, process group, limits.

use std::env;
use std::ffi::OsString;
use std::io::{self, PipeReader, PipeWriter};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus};
use std::thread;

use rustix::process::{Pid, getpid, getppid};
use rustix::stdio::{stderr, stdout};

use super::group::Group;
use super::pump;
use super::signals::{Dispositions, Relay};
use crate::error::Result;
use crate::exec::interface::{CHUNK_LEN, Supervisor};
use crate::exec::plan::{Outcome, Plan};
use crate::mask::{Filter, Masker};
use crate::platform::ProcessLimits as _;
use crate::platform::unix::raw;

/// What a POSIX shell uses to run an executable file whose format the kernel does not know.
const SHELL: &str = "/bin/sh";

/// The two ways on Unix.
pub(in crate::exec) struct Unix;

impl Supervisor for Unix {
    /// Returns only when the command can't be started.
    fn replace(plan: &Plan) -> Result<Outcome> {
        plan.core_limit.restore();
        let Err(cause) = or_as_script(plan, |argv| Err::<(), _>(plan.to_command(argv).exec())) else {
            unreachable!("exec returns only errors");
        };
        Ok(plan.not_started(&cause))
    }

    fn supervise(plan: &Plan, masker: &Masker) -> io::Result<Outcome> {
        let group = Group::choose();
        let relay = Relay::install(&group)?;
        let (streams, outlets) = connect()?;
        let (ended, ending) = io::pipe()?;
        let ended = ended.as_fd();
        thread::scope(move |scope| {
            // The threads come first: without them the command would have output that nobody reads.
            let mut pumps = Vec::new();
            for Stream { source, sink } in streams {
                let pump = move || pump::pump(source, ended, Filter::new(masker), sink);
                pumps.push(thread::Builder::new().spawn_scoped(scope, pump)?);
            }
            let started = or_as_script(plan, |argv| start(plan, argv, &outlets, &group, relay.before()));
            drop(outlets);
            let command = match started {
                Ok(child) => Pid::from_child(&child),
                Err(cause) => return Ok(plan.not_started(&cause)),
            };
            let status = relay.wait(command, &group);
            drop(ending);
            for pump in pumps {
                pump.join().unwrap_or_else(|_| Err(io::Error::other("a thread panicked")))?;
            }
            Ok(Outcome::Ended(exit_code(status?)))
        })
    }
}

/// One output stream of the command.
struct Stream {
    source: PipeReader,
    sink: BorrowedFd<'static>,
}

/// The ends the command writes to.
struct Outlets {
    stdout: PipeWriter,
    stderr: PipeWriter,
}

fn connect() -> io::Result<(Vec<Stream>, Outlets)> {
    let (source, to_stdout) = large_pipe()?;
    let mut streams = vec![Stream { source, sink: stdout() }];
    let to_stderr = if is_same_file(stdout(), stderr()) {
        to_stdout.try_clone()?
    } else {
        let (source, to_stderr) = large_pipe()?;
        streams.push(Stream { source, sink: stderr() });
        to_stderr
    };
    Ok((streams, Outlets { stdout: to_stdout, stderr: to_stderr }))
}

fn is_same_file(one: BorrowedFd<'_>, other: BorrowedFd<'_>) -> bool {
    let identity = |fd| rustix::fs::fstat(fd).map(|stat| (stat.st_dev, stat.st_ino));
    identity(one).is_ok_and(|one| identity(other).is_ok_and(|other| one == other))
}

/// A pipe that holds one read. The default size only costs speed.
fn large_pipe() -> io::Result<(PipeReader, PipeWriter)> {
    let (reader, writer) = io::pipe()?;
    #[cfg(target_os = "linux")]
    let _ = rustix::pipe::fcntl_setpipe_size(&reader, CHUNK_LEN);
    Ok((reader, writer))
}

fn start(
    plan: &Plan,
    argv: &[OsString],
    outlets: &Outlets,
    group: &Group,
    signals: &Dispositions,
) -> io::Result<Child> {
    let mut command: Command = plan.to_command(argv);
    command.stdout(outlets.stdout.try_clone()?).stderr(outlets.stderr.try_clone()?);
    if let Group::Own(_) = group {
        command.process_group(0);
    }
    let core_limit = plan.core_limit;
    let signals = signals.clone();
    let parent = getpid();
    raw::before_exec(&mut command, move || {
        core_limit.restore();
        signals.restore();
        die_with(parent)
    });
    command.spawn()
}

/// Lets the kernel kill this process when `parent` dies, so that `kill -9` of us leaves no orphan.
#[cfg_attr(not(target_os = "linux"), allow(clippy::unnecessary_wraps))]
fn die_with(parent: Pid) -> io::Result<()> {
    #[cfg(target_os = "linux")]
    rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL))?;
    // It may have died before that.
    if getppid() == Some(parent) { Ok(()) } else { Err(io::ErrorKind::Interrupted.into()) }
}

/// Runs a file without a `#!` line as a shell does, since not every C library's `execvp` does it.
fn or_as_script<T>(plan: &Plan, mut run: impl FnMut(&[OsString]) -> io::Result<T>) -> io::Result<T> {
    let error = match run(&plan.command) {
        Err(error) if error.raw_os_error() == Some(libc::ENOEXEC) => error,
        result => return result,
    };
    let Some(script) = find(&plan.command[0]) else { return Err(error) };
    let mut argv = vec![OsString::from(SHELL), script.into_os_string()];
    argv.extend_from_slice(&plan.command[1..]);
    run(&argv)
}

/// The file that `program` names, looked up on PATH as `execvp` does.
fn find(program: &OsString) -> Option<PathBuf> {
    if program.as_bytes().contains(&b'/') {
        return Some(PathBuf::from(program));
    }
    env::split_paths(&env::var_os("PATH")?)
        .map(|directory| directory.join(program))
        .find(|file| is_executable(file))
}

fn is_executable(file: &Path) -> bool {
    file.metadata().is_ok_and(|file| file.is_file() && file.permissions().mode() & 0o111 != 0)
}

fn exit_code(status: ExitStatus) -> i32 {
    status.code().or_else(|| status.signal().map(|signal| 128 + signal)).unwrap_or(1)
}
