//! One real process of the program: started, perhaps killed, and what it left behind.

use std::io::{Read as _, Write as _};
use std::os::unix::process::ExitStatusExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::plan::{Plan, Step, Trouble, Verb, Wish};

/// A process that is still there so long after its deadline hangs.
const HANGS: Duration = Duration::from_secs(20);

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
        Self { child, plan, began, killed: None }
    }

    /// Sends the signal that is due, and says whether it has ended.
    pub fn poll(&mut self) -> Option<End> {
        if let Some(status) = self.child.try_wait().expect("it is our child") {
            return Some(End::of(status));
        }
        if let Some((due, signal)) = self.next()
            && Instant::now() >= due
        {
            self.killed = Some(Instant::now());
            kill_process(Pid::from_child(&self.child), signal).expect("it has not been waited for");
        }
        if self.began.elapsed() > self.plan.timeout + HANGS {
            self.child.kill().and_then(|()| self.child.wait()).expect("a killed process ends");
            return Some(End::Hung);
        }
        None
    }

    /// The signal that is to come, and when.
    fn next(&self) -> Option<(Instant, Signal)> {
        match self.plan.trouble {
            Some(Trouble::Kill { after, signal }) if self.killed.is_none() => {
                Some((self.began + after, signal))
            }
            _ => None,
        }
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
        Caller { plan, pid: self.child.id(), began, ended, killed, end, stdout, stderr }
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
    let mut command = program(site, plan.trouble);
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

/// The program, or `strace` that holds it up and otherwise passes on what it says and how it ends.
fn program(site: &Site, trouble: Option<Trouble>) -> Command {
    let Some(Trouble::HeldUp { step: Step { calls, when, in_cache }, by }) = trouble else {
        return Command::new(&site.program);
    };
    let mut command = Command::new("strace");
    command.args(["-f", "-qq", "--seccomp-bpf", "-o", "/dev/null", "-e", &format!("trace={calls}")]);
    command.args(["-e", &format!("inject={calls}:delay_enter={}:when={when}", by.as_micros())]);
    if in_cache {
        command.arg("-P").arg(&site.cache);
    }
    command.arg(&site.program);
    command
}
