//! One real process of the program, from its start to its record.

use std::io::{Read as _, Write as _};
use std::os::unix::process::ExitStatusExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::plan::{Disturbance, GetFlags, Plan, Step, Verb};

/// A process that is still running so long after its deadline hangs.
const HANG_LIMIT: Duration = Duration::from_secs(20);
const POLL_INTERVAL: Duration = Duration::from_millis(2);

/// What every caller uses.
pub(crate) struct Setup {
    pub(crate) program: PathBuf,
    pub(crate) login_url: String,
    pub(crate) cache_dir: PathBuf,
}

/// The record of a process that has ended.
#[derive(Debug)]
pub(crate) struct Caller {
    pub(crate) plan: Plan,
    pub(crate) pid: u32,
    /// Just before its start.
    pub(crate) started_at: Instant,
    /// When its end was noticed, at most a moment later.
    pub(crate) ended_at: Instant,
    /// Just before the signal was sent, if the process was still running.
    pub(crate) killed_at: Option<Instant>,
    pub(crate) end: End,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Code(i32),
    Signal(i32),
    Hung,
}

/// A process that has not ended yet.
pub(crate) struct RunningCaller {
    child: Child,
    plan: Plan,
    started_at: Instant,
    killed_at: Option<Instant>,
}

impl RunningCaller {
    /// Starts the process. `seen` is the token that it drops, if its plan says so.
    pub(crate) fn start(setup: &Setup, plan: Plan, seen: Option<&str>) -> Self {
        let seen = seen.filter(|_| plan.verb == Verb::Invalidate { only_seen: true });
        let mut command = command(setup, &plan, seen.is_some());
        command.stdin(if seen.is_some() { Stdio::piped() } else { Stdio::null() });
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let started_at = Instant::now();
        let mut child = command.spawn().expect("the program starts");
        if let (Some(mut pipe), Some(token)) = (child.stdin.take(), seen) {
            // The process may be killed before it reads.
            let _ = pipe.write_all(token.as_bytes());
        }
        Self { child, plan, started_at, killed_at: None }
    }

    /// Sends the signal when it is due. Returns how the process ended, if it has.
    pub(crate) fn poll(&mut self) -> Option<End> {
        if let Some(status) = self.child.try_wait().expect("it is our child") {
            return Some(End::of(status));
        }
        if let Some((due, signal)) = self.next_signal()
            && Instant::now() >= due
        {
            self.killed_at = Some(Instant::now());
            kill_process(Pid::from_child(&self.child), signal).expect("it has not been waited for");
        }
        if self.started_at.elapsed() > self.plan.timeout + HANG_LIMIT {
            self.child.kill().and_then(|()| self.child.wait()).expect("a killed process ends");
            return Some(End::Hung);
        }
        None
    }

    /// The signal to send, and when.
    fn next_signal(&self) -> Option<(Instant, Signal)> {
        match self.plan.disturbance {
            Some(Disturbance::Kill { after, signal }) if self.killed_at.is_none() => {
                Some((self.started_at + after, signal))
            }
            _ => None,
        }
    }

    /// The time until the next [`poll`](Self::poll).
    pub(crate) fn pause(&self) -> Duration {
        let due = self.next_signal().map(|(due, _)| due.saturating_duration_since(Instant::now()));
        due.unwrap_or(POLL_INTERVAL).min(POLL_INTERVAL)
    }

    /// The record of the process, which has ended like this.
    pub(crate) fn finish(mut self, end: End) -> Caller {
        let ended_at = Instant::now();
        // An answer and a line fit into their pipes, so they need no reader while the process runs.
        let (mut stdout, mut stderr) = (String::new(), String::new());
        let out = self.child.stdout.take().expect("a pipe").read_to_string(&mut stdout);
        let err = self.child.stderr.take().expect("a pipe").read_to_string(&mut stderr);
        out.and(err).expect("it writes text");
        let (plan, started_at, killed_at) = (self.plan, self.started_at, self.killed_at);
        Caller { plan, pid: self.child.id(), started_at, ended_at, killed_at, end, stdout, stderr }
    }
}

impl End {
    fn of(status: ExitStatus) -> Self {
        status.code().map_or_else(|| Self::Signal(status.signal().unwrap_or_default()), Self::Code)
    }
}

impl Caller {
    /// The flags of its `get`, if it is one.
    pub(crate) fn get_flags(&self) -> Option<GetFlags> {
        match self.plan.verb {
            Verb::Get(flags) => Some(flags),
            _ => None,
        }
    }

    /// Whether it got its token from the server: then the token is in the cache by now.
    pub(crate) fn has_fetched(&self) -> bool {
        self.end == End::Code(0) && self.stderr.starts_with("genesys-token: fetched")
    }

    /// Whether it got its token from the cache, at once or after waiting.
    pub(crate) fn has_reused(&self) -> bool {
        self.end == End::Code(0) && self.stderr.starts_with("genesys-token: reused")
    }

    /// Whether the plan's signal ended it.
    pub(crate) fn was_killed(&self) -> bool {
        self.killed_at.is_some() && matches!(self.end, End::Signal(_))
    }

    /// When half of its deadline has passed, from which on it may continue without the lock.
    pub(crate) fn half_deadline(&self) -> Instant {
        self.started_at + self.plan.timeout / 2
    }
}

impl std::fmt::Display for Caller {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "pid {} ({:?} of {})", self.pid, self.plan.verb, self.plan.soak_key)
    }
}

fn command(setup: &Setup, plan: &Plan, has_stdin: bool) -> Command {
    let mut command = program(setup, plan.disturbance);
    command.env_clear().env("GENESYS_TOKEN_CACHE_DIR", &setup.cache_dir);
    let needs_client = match plan.verb {
        Verb::Get(flags) => {
            command.arg("get");
            command.args(flags.force.then_some("--force-refresh"));
            command.args(flags.min_ttl.map(|seconds| format!("--min-ttl={seconds}")));
            command.args(flags.json.then_some("--format=json"));
            true
        }
        Verb::Invalidate { .. } => {
            command.arg("invalidate").args(has_stdin.then_some("--token-stdin"));
            true
        }
        Verb::Clear => {
            command.arg("clear");
            false
        }
        Verb::Status => {
            command.args(["status", "--format", "json"]);
            false
        }
    };
    if needs_client {
        command
            .env("GENESYSCLOUD_OAUTHCLIENT_ID", plan.soak_key.id)
            .env("GENESYSCLOUD_OAUTHCLIENT_SECRET", plan.soak_key.secret)
            .env("GENESYS_TOKEN_SCOPE", plan.scope)
            .env("GENESYS_TOKEN_LOGIN_URL", &setup.login_url)
            .env("GENESYS_TOKEN_API_URL", &setup.login_url)
            .env("GENESYS_TOKEN_TIMEOUT", format!("{}s", plan.timeout.as_secs()));
    }
    command
}

/// The program, or `strace`, which runs it with a delay and otherwise keeps its output and its exit code.
fn program(setup: &Setup, disturbance: Option<Disturbance>) -> Command {
    let Some(Disturbance::Delay { step: Step { calls, when, in_cache }, by }) = disturbance else {
        return Command::new(&setup.program);
    };
    let mut command = Command::new("strace");
    command.args(["-f", "-qq", "--seccomp-bpf", "-o", "/dev/null", "-e", &format!("trace={calls}")]);
    command.args(["-e", &format!("inject={calls}:delay_enter={}:when={when}", by.as_micros())]);
    if in_cache {
        command.arg("-P").arg(&setup.cache_dir);
    }
    command.arg(&setup.program);
    command
}
