//! One real process of the program: started, perhaps killed, and what it left behind.

use std::io::{Read as _, Write as _};
use std::os::unix::process::ExitStatusExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::plan::{Plan, Trouble, Verb, Wish};

/// A process that is still there so long after its deadline hangs.
const HANGS: Duration = Duration::from_secs(20);
/// Whoever stutters does so no more often: by then it asks or waits.
const STOPS: u32 = 25;

/// Where it all happens.
pub struct Site {
    pub program: PathBuf,
    pub url: String,
    pub cache: PathBuf,
}

/// A caller's own record.
#[derive(Debug)]
pub struct Caller {
    pub plan: Plan,
    pub pid: u32,
    /// Just before it was started.
    pub began: Instant,
    /// When it was seen to have ended: at most a moment after it did.
    pub ended: Instant,
    /// Just before the signal was sent, if it was still there then.
    pub killed: Option<Instant>,
    /// Whether it stuttered.
    pub stopped: bool,
    pub end: End,
    pub stdout: String,
    pub stderr: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    Code(i32),
    Signal(i32),
    Hung,
}

/// A caller that has not ended yet.
pub struct Running {
    child: Child,
    plan: Plan,
    began: Instant,
    killed: Option<Instant>,
    /// How often it was stopped.
    stops: u32,
    stopped: bool,
    /// When it was last started, stopped or let go on.
    turned: Instant,
}

impl Running {
    /// Starts it. `seen` is the token that it is to drop, if it drops only one it has seen.
    pub fn start(site: &Site, plan: Plan, seen: Option<&str>) -> Self {
        let seen = seen.filter(|_| plan.verb == Verb::Invalidate { only_seen: true });
        let mut command = command(site, &plan, seen.is_some());
        command.stdin(if seen.is_some() { Stdio::piped() } else { Stdio::null() });
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let began = Instant::now();
        let mut child = command.spawn().expect("the program starts");
        if let (Some(mut pipe), Some(token)) = (child.stdin.take(), seen) {
            // It may be killed before it reads.
            let _ = pipe.write_all(token.as_bytes());
        }
        Self { child, plan, began, killed: None, stops: 0, stopped: false, turned: Instant::now() }
    }

    /// Sends what signal is due, and says whether it has ended.
    pub fn poll(&mut self) -> Option<End> {
        if let Some(status) = self.child.try_wait().expect("it is our child") {
            return Some(End::of(status));
        }
        let age = self.began.elapsed();
        if let Some((_, signal)) = self.next().filter(|(due, _)| Instant::now() >= *due) {
            self.befall(signal);
        }
        if age > self.plan.timeout + HANGS {
            self.child.kill().and_then(|()| self.child.wait()).expect("a killed process ends");
            return Some(End::Hung);
        }
        None
    }

    /// The signal that is to come next, and when.
    fn next(&self) -> Option<(Instant, Signal)> {
        match self.plan.trouble? {
            Trouble::Kill { after, signal } if self.killed.is_none() => Some((self.began + after, signal)),
            Trouble::Stutter { rest, .. } if self.stopped => Some((self.turned + rest, Signal::CONT)),
            Trouble::Stutter { run, .. } if self.stops < STOPS => Some((self.turned + run, Signal::STOP)),
            _ => None,
        }
    }

    fn befall(&mut self, signal: Signal) {
        match signal {
            Signal::CONT => self.stopped = false,
            Signal::STOP => (self.stopped, self.stops) = (true, self.stops + 1),
            _ => self.killed = Some(Instant::now()),
        }
        kill_process(Pid::from_child(&self.child), signal).expect("it has not been waited for");
        self.turned = Instant::now();
    }

    /// How long to leave it alone.
    pub fn rest(&self) -> Duration {
        const LOOK: Duration = Duration::from_millis(2);
        self.next().map_or(LOOK, |(due, _)| due.saturating_duration_since(Instant::now())).min(LOOK)
    }

    /// Its record.
    pub fn finish(mut self, end: End) -> Caller {
        let ended = Instant::now();
        // An answer and a line fit into their pipes, so nobody had to read while it ran.
        let (mut stdout, mut stderr) = (String::new(), String::new());
        let out = self.child.stdout.take().expect("a pipe").read_to_string(&mut stdout);
        let err = self.child.stderr.take().expect("a pipe").read_to_string(&mut stderr);
        out.and(err).expect("it writes text");
        let (plan, began, killed) = (self.plan, self.began, self.killed);
        let stopped = self.stops > 0;
        Caller { plan, pid: self.child.id(), began, ended, killed, stopped, end, stdout, stderr }
    }
}

impl End {
    fn of(status: ExitStatus) -> Self {
        status.code().map_or_else(|| Self::Signal(status.signal().unwrap_or_default()), Self::Code)
    }
}

impl Caller {
    /// How it wanted its token, if it wanted one.
    pub fn wish(&self) -> Option<Wish> {
        match self.plan.verb {
            Verb::Get(wish) => Some(wish),
            _ => None,
        }
    }

    /// Whether it asked the server itself and ended well: what it learned is in the cache by now.
    pub fn has_fetched(&self) -> bool {
        self.end == End::Code(0) && self.stderr.starts_with("genesys-token: fetched")
    }

    /// Whether it got its token from the cache, at once or after it waited.
    pub fn has_reused(&self) -> bool {
        self.end == End::Code(0) && self.stderr.starts_with("genesys-token: reused")
    }

    /// Whether our signal ended it.
    pub fn was_killed(&self) -> bool {
        self.killed.is_some() && matches!(self.end, End::Signal(_))
    }

    /// From when on it may go without the lock: half of its deadline.
    pub fn goes_alone(&self) -> Instant {
        self.began + self.plan.timeout / 2
    }
}

impl std::fmt::Display for Caller {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "pid {} ({:?} of {})", self.pid, self.plan.verb, self.plan.key)
    }
}

fn command(site: &Site, plan: &Plan, from_stdin: bool) -> Command {
    let mut command = Command::new(&site.program);
    command.env_clear().env("GENESYS_TOKEN_CACHE_DIR", &site.cache);
    let with_client = match plan.verb {
        Verb::Get(wish) => {
            command.arg("get");
            command.args(wish.force.then_some("--force-refresh"));
            command.args(wish.min_ttl.map(|seconds| format!("--min-ttl={seconds}")));
            command.args(wish.json.then_some("--format=json"));
            true
        }
        Verb::Invalidate { .. } => {
            command.arg("invalidate").args(from_stdin.then_some("--token-stdin"));
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
    if with_client {
        command
            .env("GENESYSCLOUD_OAUTHCLIENT_ID", plan.key.id)
            .env("GENESYSCLOUD_OAUTHCLIENT_SECRET", plan.key.secret)
            .env("GENESYS_TOKEN_SCOPE", plan.scope)
            .env("GENESYS_TOKEN_LOGIN_URL", &site.url)
            .env("GENESYS_TOKEN_API_URL", &site.url)
            .env("GENESYS_TOKEN_TIMEOUT", format!("{}s", plan.timeout.as_secs()));
    }
    command
}
