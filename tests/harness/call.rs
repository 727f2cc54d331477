//! A call being prepared: its arguments, its environment, and what it is expected to print.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use genesys_token::error::{Category, Error};
use loopback_login_server::{CLIENT_ID, CLIENT_SECRET, LoginServer};

use super::done::Done;
use super::expected::Expected;

/// Of Windows.
const ERROR_INTERNAL_ERROR: i32 = 1359;

/// The compiled program. Benches name another one: beside tests and benches it is built with what they need of shared
/// dependencies, and so is larger than the released one.
pub const PROGRAM: &str = match option_env!("GENESYS_TOKEN_PROGRAM") {
    Some(released) => released,
    None => env!("CARGO_BIN_EXE_genesys-token"),
};

/// The variables that a scene sets to servers that are not Genesys' own, and that the program warns of.
const SERVER_VARIABLES: [&str; 2] = ["GENESYS_TOKEN_LOGIN_URL", "GENESYS_TOKEN_API_URL"];

/// The program, before its verb.
pub struct Program;

/// What of the test's own environment reaches the program. Without the second, Windows has no network.
const PASSED_ON: [&str; 2] = ["PATH", "SystemRoot"];

/// The program, without any setting. Nothing of the test's own environment but [`PASSED_ON`] reaches it.
pub fn genesys_token() -> Program {
    Program
}

#[allow(clippy::unused_self, reason = "a call reads as `genesys_token().get()`")]
impl Program {
    pub fn verb(self, verb: &str) -> Call {
        Call::new(PROGRAM.into(), vec![verb.into()])
    }

    pub fn get(self) -> Call {
        self.verb("get")
    }

    pub fn bind(self) -> Call {
        self.verb("bind")
    }

    pub fn exec<const N: usize>(self, command: [&str; N]) -> Call {
        self.verb("exec").command(command)
    }

    pub fn doctor(self) -> Call {
        self.verb("doctor")
    }

    pub fn status(self) -> Call {
        self.verb("status")
    }

    pub fn clear(self) -> Call {
        self.verb("clear")
    }

    /// A shell script, which may call the program as `$GENESYS_TOKEN`.
    pub fn script(self, script: &str) -> Call {
        Call::new("sh".into(), vec!["-c".into(), script.into()]).env("GENESYS_TOKEN", PROGRAM)
    }
}

/// A call being prepared.
#[derive(Clone)]
pub struct Call {
    /// The program, and what starts it.
    program: Vec<OsString>,
    args: Vec<OsString>,
    /// What follows `--`.
    command: Option<Vec<OsString>>,
    environment: BTreeMap<OsString, OsString>,
    dir: Option<PathBuf>,
    stdin: Input,
    stdout: Expected,
    stderr: Expected,
    /// The servers' `HOST:PORT`, which stands as `HOST` in what is expected.
    hosts: Vec<String>,
}

#[derive(Clone)]
enum Input {
    Nothing,
    Text(String),
    Pipe,
}

impl Call {
    fn new(program: OsString, args: Vec<OsString>) -> Self {
        let passed_on = |name: &str| Some((OsString::from(name), std::env::var_os(name)?));
        Self {
            program: vec![program],
            args,
            command: None,
            environment: PASSED_ON.iter().filter_map(|name| passed_on(name)).collect(),
            dir: None,
            stdin: Input::Nothing,
            stdout: Expected::Text(String::new()),
            stderr: Expected::Text(String::new()),
            hosts: Vec::new(),
        }
    }

    /// With the server's own client, its URLs and its CA.
    pub fn at(self, server: &LoginServer) -> Self {
        let call = self.credential(CLIENT_ID, CLIENT_SECRET).login_url(&server.login_url());
        let call = call.env("GENESYS_TOKEN_API_URL", server.api_url());
        if server.login_url().starts_with("https:") {
            call.env("GENESYS_TOKEN_CA_CERT", server.ca_file())
        } else {
            call
        }
    }

    pub fn credential(self, id: &str, secret: &str) -> Self {
        self.env("GENESYSCLOUD_OAUTHCLIENT_ID", id).env("GENESYSCLOUD_OAUTHCLIENT_SECRET", secret)
    }

    pub fn without_credential(self) -> Self {
        self.without("GENESYSCLOUD_OAUTHCLIENT_ID").without("GENESYSCLOUD_OAUTHCLIENT_SECRET")
    }

    pub fn cache(self, dir: &Path) -> Self {
        self.env("GENESYS_TOKEN_CACHE_DIR", dir)
    }

    pub fn login_url(mut self, url: &str) -> Self {
        self.hosts.extend(url.split('/').nth(2).map(str::to_owned));
        self.env("GENESYS_TOKEN_LOGIN_URL", url)
    }

    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.environment.insert(name.into(), value.as_ref().to_owned());
        self
    }

    /// With these variables, such as the lines of a bound block.
    pub fn envs(mut self, variables: impl IntoIterator<Item = (String, String)>) -> Self {
        self.environment.extend(variables.into_iter().map(|(name, value)| (name.into(), value.into())));
        self
    }

    pub fn without(mut self, name: &str) -> Self {
        self.environment.remove(OsStr::new(name));
        self
    }

    pub fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.args.push(arg.as_ref().to_owned());
        self
    }

    pub fn args<S: AsRef<OsStr>>(mut self, args: impl IntoIterator<Item = S>) -> Self {
        self.args.extend(args.into_iter().map(|arg| arg.as_ref().to_owned()));
        self
    }

    /// With this command behind `--`.
    pub fn command<S: AsRef<OsStr>>(mut self, command: impl IntoIterator<Item = S>) -> Self {
        self.command = Some(command.into_iter().map(|word| word.as_ref().to_owned()).collect());
        self
    }

    /// As the last arguments of another program, such as `strace`.
    pub fn under<S: AsRef<OsStr>>(mut self, words: impl IntoIterator<Item = S>) -> Self {
        let words: Vec<OsString> = words.into_iter().map(|word| word.as_ref().to_owned()).collect();
        self.program.splice(0..0, words);
        self
    }

    /// In this directory.
    pub fn inside(mut self, dir: &Path) -> Self {
        self.dir = Some(dir.to_owned());
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

    /// Expects this on stdout; a `*` stands for anything within a line.
    pub fn stdout(mut self, expected: impl Into<String>) -> Self {
        self.stdout = Expected::Text(expected.into());
        self
    }

    /// Expects this on stderr, likewise. A server's `HOST:PORT` is `HOST`, and the warnings that a scene's servers are
    /// not Genesys' own are left out.
    pub fn stderr(mut self, expected: impl Into<String>) -> Self {
        self.stderr = Expected::Text(expected.into());
        self
    }

    /// Expects exactly this on stdout: the `*` of a masked value stands for itself.
    pub fn stdout_exactly(mut self, expected: impl Into<String>) -> Self {
        self.stdout = Expected::Exactly(expected.into());
        self
    }

    /// Expects a token on stdout.
    pub fn prints_token(mut self) -> Self {
        self.stdout = Expected::Token;
        self
    }

    /// Leaves stdout to the test.
    pub fn any_stdout(mut self) -> Self {
        self.stdout = Expected::Anything;
        self
    }

    /// Leaves stderr to the test.
    pub fn any_stderr(mut self) -> Self {
        self.stderr = Expected::Anything;
        self
    }

    /// Expects the line that says that a token was fetched for this reason, and the token if nothing else is expected
    /// on stdout.
    pub fn fetched(self, reason: &str) -> Self {
        self.provided(&format!("fetched token of client 1111…5555 at HOST, * left ({reason})"))
    }

    /// Expects the line that says that a token was reused, likewise.
    pub fn reused(self) -> Self {
        self.provided("reused token of client 1111…5555 at HOST, * left")
    }

    /// Expects either of these lines, likewise: for calls beside others.
    pub fn fetched_or_reused(self) -> Self {
        self.provided("* token of client 1111…5555 at HOST, * left*")
    }

    /// Expects the line that says that the bound token was reused, likewise.
    pub fn reused_bound(self) -> Self {
        self.provided("reused the bound token, * left")
    }

    /// Expects this line about the token, likewise.
    pub fn provided(self, line: &str) -> Self {
        let is_bare_get = self.args.first().is_some_and(|verb| verb == "get")
            && !self.has("--format")
            && !self.has("--output");
        let call = self.stderr(format!("genesys-token: {line}\n"));
        match &call.stdout {
            Expected::Text(text) if text.is_empty() && is_bare_get => call.prints_token(),
            _ => call,
        }
    }

    /// Expects this warning as well, at the end of the line about the token.
    pub fn warns(mut self, warning: impl std::fmt::Display) -> Self {
        match &mut self.stderr {
            Expected::Text(line) if line.ends_with('\n') => {
                line.insert_str(line.len() - 1, &format!("; warning: {warning}"));
            }
            other => panic!("no line is expected: {other:?}"),
        }
        self
    }

    fn has(&self, flag: &str) -> bool {
        self.args.iter().any(|arg| arg == flag)
    }

    /// Runs it. It must end with exit code 0, and print what is expected.
    #[track_caller]
    pub fn success(self) -> Done {
        self.exit(0)
    }

    /// Runs it. It must end with this exit code, and print what is expected.
    #[track_caller]
    pub fn exit(self, code: i32) -> Done {
        let done = self.clone().run_unchecked();
        self.check(&done, code);
        done
    }

    /// Runs it with errors in JSON. It must fail with this category, print nothing else, and leak nothing.
    #[track_caller]
    pub fn refused(self, category: Category) -> Error {
        self.refused_hiding(category, [""; 0])
    }

    /// The same, and none of `values` may be seen either.
    #[track_caller]
    pub fn refused_hiding<S: AsRef<str>>(
        self,
        category: Category,
        values: impl IntoIterator<Item = S>,
    ) -> Error {
        let done = self.args(["--error-format", "json"]).run_unchecked();
        let error = done.leaks_nothing(values).error();
        assert_eq!(error.category, category, "{error:?}");
        error
    }

    /// Runs it, whatever it prints and however it ends.
    pub fn run_unchecked(self) -> Done {
        Done::from(self.spawn().wait_with_output().expect("the program ends"))
    }

    /// Checks how it ended, for a test that runs it in its own way.
    #[track_caller]
    pub fn check(&self, done: &Done, code: i32) {
        let stderr = self.normalized(&done.stderr);
        let expectation = (&self.stdout, &self.stderr);
        let is_as_expected = self.stdout.matches(&done.stdout) && self.stderr.matches(&stderr);
        assert!(
            done.code == code && is_as_expected,
            "expected {code} and {expectation:?}:\n{done:#?}\n{stderr}"
        );
    }

    /// stderr without what only the loopback servers cause.
    pub fn normalized(&self, stderr: &str) -> String {
        let mut text = stderr.to_owned();
        for variable in SERVER_VARIABLES.iter().filter(|name| self.environment.contains_key(OsStr::new(name)))
        {
            for (label, end) in [("; warning: ", ""), ("; ", ""), ("  cause: ", "\n")] {
                for host in ["127.0.0.1", "localhost"] {
                    let warning = format!("{label}{host} is not Genesys' own host, set by {variable}{end}");
                    text = text.replace(&warning, "");
                }
            }
        }
        self.hosts.iter().fold(text, |text, host| {
            text.replace(&format!("http://{host}"), "HOST").replace(host.as_str(), "HOST")
        })
    }

    /// The environment that it is to have.
    pub fn environment(&self) -> impl Iterator<Item = (&OsString, &OsString)> {
        self.environment.iter()
    }

    /// The command, for tests that start it in their own way.
    pub fn into_command(self) -> Command {
        let mut command = Command::new(&self.program[0]);
        command.args(&self.program[1..]).args(self.args).env_clear().envs(self.environment);
        if let Some(words) = self.command {
            command.arg("--").args(words);
        }
        if let Some(dir) = self.dir {
            command.current_dir(dir);
        }
        command
    }

    /// Starts it, with pipes on stdout and stderr.
    pub fn spawn(self) -> Child {
        let stdin = self.stdin.clone();
        let mut command = self.into_command();
        command.stdin(if matches!(stdin, Input::Nothing) { Stdio::null() } else { Stdio::piped() });
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        // Wine now and then starts no process on a busy machine, with this error.
        let mut child = match command.spawn() {
            Err(error) if cfg!(windows) && error.raw_os_error() == Some(ERROR_INTERNAL_ERROR) => {
                command.spawn()
            }
            started => started,
        }
        .expect("the program starts");
        if let Input::Text(text) = stdin {
            let mut pipe = child.stdin.take().expect("stdin is a pipe");
            // A program that fails early does not read it.
            let _ = pipe.write_all(text.as_bytes());
        }
        child
    }
}

/// Starts all calls, then waits for all of them. Each must succeed, and print what is expected.
#[track_caller]
pub fn together(calls: impl IntoIterator<Item = Call>) -> Vec<Done> {
    together_exit(calls, 0)
}

/// Starts all calls, then waits for all of them. Each must end with this exit code, and print what is expected.
#[track_caller]
pub fn together_exit(calls: impl IntoIterator<Item = Call>, code: i32) -> Vec<Done> {
    let started: Vec<(Call, Child)> = calls.into_iter().map(|call| (call.clone(), call.spawn())).collect();
    let mut all = Vec::new();
    for (call, child) in started {
        let done = Done::from(child.wait_with_output().expect("the program ends"));
        call.check(&done, code);
        all.push(done);
    }
    all
}
