//! The events of a call.

use std::fmt;
use std::time::Duration;

use super::level::Level;
use crate::duration::format_duration;
use crate::time::Timestamp;

/// Something that happened in a call.
#[derive(Clone, Copy, Debug)]
pub enum Event<'e> {
    /// The call waits.
    Waiting(Waiting),
    /// A request for a token has ended.
    Attempt(Attempt<'e>),
    /// The call goes on in this way.
    Decision(Decision<'e>),
}

/// What a call waits for, and until when at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// What it waits for.
    pub awaited: Awaited,
    /// When it stops to wait.
    pub until: Timestamp,
}

/// What a call waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Awaited {
    /// The request of another process.
    AnotherProcess,
    /// The request of another machine.
    AnotherMachine,
    /// The end of the login server's rate limit.
    RateLimit,
    /// The end of the pause after a failed request.
    FailurePause,
    /// The login server.
    LoginServer,
    /// All login servers, for the search of a region.
    LoginServers,
    /// The API host.
    ApiHost,
    /// The cache that machines share.
    SharedCache,
}

/// A request for a token that has ended.
#[derive(Clone, Copy, Debug)]
pub struct Attempt<'e> {
    /// Which request of this call it was, counted from 1.
    pub number: u32,
    /// What it brought.
    pub outcome: Outcome<'e>,
    /// How long it took.
    pub took: Duration,
}

/// What a request for a token brought.
#[derive(Clone, Copy, Debug)]
pub enum Outcome<'e> {
    /// A token.
    Token,
    /// No token.
    Failed {
        /// The failure class.
        class: &'static str,
        /// The error's message.
        message: &'e str,
    },
}

/// Something that was found out or decided.
#[derive(Clone, Copy, Debug)]
pub struct Decision<'e> {
    /// What it is about.
    pub subject: Subject,
    /// The decision in a word, for scripts.
    pub outcome: &'static str,
    /// The decision and its reason in words.
    pub reason: fmt::Arguments<'e>,
}

/// What a decision is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// The cached token.
    Cache,
    /// The token of another agent of the build.
    Build,
    /// What the machines of a fleet share.
    SharedCache,
    /// What the last failure means for this call.
    Failure,
    /// The lock of the cache entry.
    Lock,
    /// A request that is about to be sent.
    Request,
    /// The host that a request goes to, and the proxy before it.
    Host,
    /// The addresses of a host.
    Address,
    /// Whether the API host still takes a token.
    Liveness,
}

impl Event<'_> {
    /// The level from which it is said.
    pub fn level(&self) -> Level {
        match self {
            Self::Waiting(_) => Level::Normal,
            Self::Attempt(_) => Level::Verbose,
            Self::Decision(_) => Level::Debug,
        }
    }

    /// Its name, for scripts.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Waiting(_) => "waiting",
            Self::Attempt(_) => "attempt",
            Self::Decision(decision) => decision.subject.name(),
        }
    }

    /// What a person reads at the time `now`, in one line.
    pub fn text(&self, now: Timestamp) -> String {
        match self {
            Self::Waiting(waiting) => {
                format!("waiting for {}, {} left", waiting.awaited, format_duration(waiting.left(now)))
            }
            Self::Attempt(attempt) => attempt.to_string(),
            Self::Decision(Decision { subject, reason, .. }) => format!("{}: {reason}", subject.name()),
        }
    }
}

impl Waiting {
    /// The time left, rounded up to seconds: a wait that is not over has some left.
    pub fn left(&self, now: Timestamp) -> Duration {
        let left = self.until.since(now);
        Duration::from_secs(left.as_secs() + u64::from(left.subsec_nanos() > 0))
    }
}

impl Awaited {
    /// Its name, for scripts.
    pub fn name(self) -> &'static str {
        match self {
            Self::AnotherProcess => "another_process",
            Self::AnotherMachine => "another_machine",
            Self::RateLimit => "rate_limit",
            Self::FailurePause => "failure_pause",
            Self::LoginServer => "login_server",
            Self::LoginServers => "login_servers",
            Self::ApiHost => "api_host",
            Self::SharedCache => "shared_cache",
        }
    }
}

impl fmt::Display for Awaited {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AnotherProcess => "another process's request",
            Self::AnotherMachine => "another machine's request",
            Self::RateLimit => "the login server's rate limit",
            Self::FailurePause => "the pause after a failed request",
            Self::LoginServer => "the login server's answer",
            Self::LoginServers => "the login servers' answers",
            Self::ApiHost => "the API host's answer",
            Self::SharedCache => "the shared cache's answer",
        })
    }
}

impl Subject {
    /// Its name, for scripts and people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Cache => "cache",
            Self::Build => "build",
            Self::SharedCache => "shared_cache",
            Self::Failure => "failure",
            Self::Lock => "lock",
            Self::Request => "request",
            Self::Host => "host",
            Self::Address => "address",
            Self::Liveness => "liveness",
        }
    }
}

impl fmt::Display for Attempt<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { number, took, .. } = self;
        let took = took.as_secs_f64();
        match self.outcome {
            Outcome::Token => write!(f, "attempt {number} brought a token in {took:.3}s"),
            Outcome::Failed { message, .. } => {
                write!(f, "attempt {number} failed after {took:.3}s: ")?;
                // The server's words may stand on a line of their own.
                let mut lines = message.lines().map(str::trim);
                f.write_str(lines.next().unwrap_or_default())?;
                lines.try_for_each(|line| write!(f, " {line}"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_says_what_is_waited_for_and_how_long_at_most() {
        let until = Timestamp::from_secs(30);
        let event = Event::Waiting(Waiting { awaited: Awaited::RateLimit, until });
        let text = |now: Duration| event.text(Timestamp::from_secs(0).plus(now));
        assert_eq!(text(Duration::from_secs(2)), "waiting for the login server's rate limit, 28s left");
        assert_eq!(text(Duration::from_millis(2_001)), "waiting for the login server's rate limit, 28s left");
        assert_eq!(text(Duration::from_secs(31)), "waiting for the login server's rate limit, 0s left");
    }

    #[test]
    fn an_attempt_is_one_line_whatever_the_server_said() {
        let message = "the login server refused the client\n  it said: no";
        let outcome = Outcome::Failed { class: "refused", message };
        let attempt = Attempt { number: 2, outcome, took: Duration::from_millis(34) };
        let text = "attempt 2 failed after 0.034s: the login server refused the client it said: no";
        assert_eq!(Event::Attempt(attempt).text(Timestamp::from_secs(0)), text);
    }
}
