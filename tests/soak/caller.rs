//! One real process of the program, from its start to its record.

use std::io::{Read as _, Write as _};
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::command::Setup;
use crate::harness::faketime;
use crate::plan::{Disturbance, GetFlags, Plan, Verb};

/// A process that is still running so long after its deadline hangs.
const HANG_LIMIT: Duration = Duration::from_secs(20);
const POLL_INTERVAL: Duration = Duration::from_millis(2);

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
        let mut command = setup.command(&plan, seen.is_some());
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
        if !matches!(end, End::Code(_)) {
            faketime::remove_leftovers(self.child.id());
        }
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
        self.has_got("fetched")
    }

    /// Whether it got its token from the cache, at once or after waiting.
    pub(crate) fn has_reused(&self) -> bool {
        self.has_got("reused")
    }

    /// Whether its line about the token begins like this. Before that line stands what it waited for.
    fn has_got(&self, how: &str) -> bool {
        let mut said = self.stderr.lines().filter_map(|line| line.strip_prefix("genesys-token: "));
        self.end == End::Code(0) && said.any(|sentence| sentence.starts_with(how))
    }

    /// Whether the plan's signal ended it.
    pub(crate) fn was_killed(&self) -> bool {
        self.killed_at.is_some() && matches!(self.end, End::Signal(_))
    }

    /// Whether it did without the shared cache, which it says. A call that is killed or fails does not say it.
    pub(crate) fn was_unshared(&self) -> bool {
        self.stderr.contains("not shared: ")
    }

    /// Whether it got another machine's token from the shared cache.
    pub(crate) fn has_shared(&self) -> bool {
        self.has_reused() && self.stderr.contains("(from the shared cache")
    }

    /// From when on it may continue without the lock, or without the lease of the shared cache.
    pub(crate) fn patience_ends(&self) -> Instant {
        let timeout = self.plan.timeout;
        self.started_at + if self.plan.soak_key.in_fleet { timeout * 2 / 5 } else { timeout / 2 }
    }

    /// Whether it was running at that moment, or had ended just before.
    pub(crate) fn was_running(&self, at: Instant, notice: Duration) -> bool {
        self.started_at <= at && at <= self.ended_at + notice
    }
}

impl std::fmt::Display for Caller {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Plan { verb, soak_key, lane, machine, .. } = &self.plan;
        write!(f, "pid {} ({verb:?} of {soak_key}", self.pid)?;
        if let Some(lane) = lane {
            write!(f, " lane {lane}")?;
        }
        write!(f, " on {machine})")
    }
}
