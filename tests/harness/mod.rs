//! A call of the compiled program as a child process, in an environment of its own.

#![allow(dead_code, reason = "each test file uses its part of the harness")]

pub mod cached;
pub mod clock;
pub mod marks;
pub mod refused;
pub mod scene;

use std::ffi::{OsStr, OsString};
use std::io::Write as _;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use loopback_login_server::{CLIENT_ID, CLIENT_SECRET, LoginServer};

/// The compiled program. Benches name another one: beside tests and benches it is built with what they need of shared
/// dependencies, and so is larger than what is shipped.
pub const PROGRAM: &str = match option_env!("GENESYS_TOKEN_PROGRAM") {
    Some(shipped) => shipped,
    None => env!("CARGO_BIN_EXE_genesys-token"),
};

/// A call being prepared. Nothing of the test's own environment reaches it.
pub struct Call {
    command: Command,
    stdin: Input,
}

enum Input {
    Nothing,
    Text(String),
    Pipe,
}

/// How a call ended.
#[derive(Clone, Debug)]
pub struct Done {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Call {
    /// `genesys-token VERB`, without any setting.
    pub fn bare(verb: &str) -> Self {
        let mut command = Command::new(PROGRAM);
        command.arg(verb).env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
        Self { command, stdin: Input::Nothing }
    }

    /// `genesys-token VERB` with the loopback server's own client, its URLs and its CA, and this cache.
    pub fn new(verb: &str, server: &LoginServer, cache: &Path) -> Self {
        let call =
            Self::bare(verb).credential(CLIENT_ID, CLIENT_SECRET).cache(cache).login_url(&server.login_url());
        let call = call.env("GENESYS_TOKEN_API_URL", server.api_url());
        if server.login_url().starts_with("https:") {
            call.env("GENESYS_TOKEN_CA_CERT", server.ca_file())
        } else {
            call
        }
    }

    /// A shell script in the environment of [`Call::new`].
    pub fn shell(script: &str, server: &LoginServer, cache: &Path) -> Self {
        let call = Self::new("get", server, cache);
        let mut command = Command::new("sh");
        command.args(["-c", script]).env_clear();
        command.envs(call.environment());
        Self { command, stdin: Input::Nothing }
    }

    pub fn credential(self, id: &str, secret: &str) -> Self {
        self.env("GENESYSCLOUD_OAUTHCLIENT_ID", id).env("GENESYSCLOUD_OAUTHCLIENT_SECRET", secret)
    }

    pub fn cache(self, dir: &Path) -> Self {
        self.env("GENESYS_TOKEN_CACHE_DIR", dir)
    }

    pub fn login_url(self, url: &str) -> Self {
        self.env("GENESYS_TOKEN_LOGIN_URL", url)
    }

    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    pub fn without(mut self, name: &str) -> Self {
        self.command.env_remove(name);
        self
    }

    pub fn args<S: AsRef<OsStr>>(mut self, args: impl IntoIterator<Item = S>) -> Self {
        self.command.args(args);
        self
    }

    /// The same as the last arguments of another program.
    pub fn under<S: AsRef<OsStr>>(self, words: impl IntoIterator<Item = S>) -> Self {
        let mut words = words.into_iter();
        let mut command = Command::new(words.next().expect("a program"));
        command.args(words).arg(self.command.get_program()).args(self.command.get_args());
        command.env_clear().envs(self.environment());
        if let Some(dir) = self.command.get_current_dir() {
            command.current_dir(dir);
        }
        Self { command, ..self }
    }

    /// Runs in this directory.
    pub fn inside(mut self, dir: &Path) -> Self {
        self.command.current_dir(dir);
        self
    }

    pub fn stdin(mut self, text: &str) -> Self {
        self.stdin = Input::Text(text.to_owned());
        self
    }

    /// Leaves the other end of stdin to the test.
    pub fn stdin_pipe(mut self) -> Self {
        self.stdin = Input::Pipe;
        self
    }

    /// The environment it is to have.
    pub fn environment(&self) -> Vec<(OsString, OsString)> {
        let set = self.command.get_envs();
        set.filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned()))).collect()
    }

    /// The command, for tests that start it in their own way.
    pub fn into_command(self) -> Command {
        self.command
    }

    /// Starts it, with pipes on stdout and stderr.
    pub fn start(mut self) -> Child {
        let stdin = if matches!(self.stdin, Input::Nothing) { Stdio::null() } else { Stdio::piped() };
        self.command.stdin(stdin).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = self.command.spawn().expect("the program starts");
        if let Input::Text(text) = self.stdin {
            let mut pipe = child.stdin.take().expect("stdin is a pipe");
            // A program that refuses early does not read it.
            let _ = pipe.write_all(text.as_bytes());
        }
        child
    }

    /// Runs it to its end.
    pub fn run(self) -> Done {
        Done::from(self.start().wait_with_output().expect("the program ends"))
    }
}

impl From<Output> for Done {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
        Self {
            code: output.status.code().unwrap_or(-1),
            stdout: text(&output.stdout),
            stderr: text(&output.stderr),
        }
    }
}

impl Done {
    /// The token of a call that must have gone well.
    #[track_caller]
    pub fn token(&self) -> &str {
        assert_eq!(self.code, 0, "{self:?}");
        self.stdout.trim_end_matches('\n')
    }
}

/// Starts all the calls, then waits for all of them.
pub fn together(calls: impl IntoIterator<Item = Call>) -> Vec<Done> {
    let children: Vec<Child> = calls.into_iter().map(Call::start).collect();
    children
        .into_iter()
        .map(|child| Done::from(child.wait_with_output().expect("the program ends")))
        .collect()
}
