//! How a call ended, and what must never be seen of any call.

use std::process::Output;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use genesys_token::error::Error;
use loopback_login_server::{CLIENT_ID, CLIENT_SECRET};
use serde_json::Value;

use super::canaries::Canaries;

/// How a call ended.
#[derive(Clone, Debug)]
pub struct Done {
    /// The exit code; -1 after a signal.
    pub code: i32,
    pub stdout: String,
    /// Without what a call says only when it takes long, as any call does on a busy machine.
    pub stderr: String,
    /// The lines that say what was waited for.
    pub waited_for: Vec<String>,
    /// How long the call took, when the line about its answer says so.
    pub took: Option<String>,
}

/// `id:secret` in base64: what stands behind `Basic`.
pub fn basic_credentials() -> String {
    BASE64_STANDARD.encode(format!("{CLIENT_ID}:{CLIENT_SECRET}"))
}

/// The text without `, took 2.1s`, and that time.
fn without_took(text: &str) -> (String, Option<String>) {
    let Some((before, rest)) = text.split_once(", took ") else { return (text.to_owned(), None) };
    let is_of_time = |c: char| c.is_ascii_digit() || c == '.';
    let end = rest.find(|c| !is_of_time(c)).unwrap_or(rest.len());
    match rest[end..].strip_prefix('s') {
        Some(after) if end > 0 => ([before, after].concat(), Some(rest[..=end].to_owned())),
        _ => (text.to_owned(), None),
    }
}

impl From<Output> for Done {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
        Self::new(output.status.code().unwrap_or(-1), text(&output.stdout), &text(&output.stderr))
    }
}

/// What the line of a wait begins with.
const WAITING: &str = "genesys-token: waiting for ";

impl Done {
    pub fn new(code: i32, stdout: String, all_stderr: &str) -> Self {
        let lines = all_stderr.split_inclusive('\n');
        let (waits, others): (Vec<&str>, Vec<&str>) = lines.partition(|line| line.starts_with(WAITING));
        let waited_for = waits.iter().map(|line| line[WAITING.len()..].trim_end().to_owned()).collect();
        let (stderr, took) = without_took(&others.concat());
        Self { code, stdout, stderr, waited_for, took }
    }

    /// The token that a successful call printed.
    #[track_caller]
    pub fn token(&self) -> &str {
        assert_eq!(self.code, 0, "{self:?}");
        self.stdout.trim_end_matches('\n')
    }

    /// Fails if the secret, the Basic header or one of `values` is in the output, in any spelling. Only the answer of
    /// a successful call may hold a token.
    #[track_caller]
    pub fn leaks_nothing<S: AsRef<str>>(&self, values: impl IntoIterator<Item = S>) -> &Self {
        let values: Vec<S> = values.into_iter().collect();
        // A shorter value may be a word.
        let given = values.iter().map(AsRef::as_ref).filter(|value| value.len() >= 8);
        let basic = basic_credentials();
        let ours = [CLIENT_SECRET, &basic].map(|value| (false, value));
        let canaries = Canaries::new(given.map(|value| (self.code == 0, value)).chain(ours));
        let in_stdout = canaries.found_in(self.stdout.as_bytes());
        assert!(!in_stdout.contains(&false), "a secret is in stdout: {self:?}");
        assert!(
            canaries.found_in(self.stderr.as_bytes()).is_empty(),
            "a secret or a token is in stderr: {self:?}"
        );
        self
    }

    /// The error of a call with `--error-format json`: one line on stderr, nothing on stdout, of the category that
    /// the exit code says, with a hint.
    #[track_caller]
    pub fn error(&self) -> Error {
        assert_eq!(self.stdout, "", "{self:?}");
        let line = self.stderr.strip_suffix('\n').filter(|line| !line.contains('\n'));
        let json: Value = line
            .and_then(|line| serde_json::from_str(line).ok())
            .unwrap_or_else(|| panic!("stderr is not one line of JSON: {self:?}"));
        let fields = json.as_object().expect("an object").keys().map(String::as_str);
        let fields: Vec<&str> = fields.filter(|field| *field != "server").collect();
        assert_eq!(fields, ["category", "causes", "fixes", "hint", "message", "retry_after"]);
        let error: Error = serde_json::from_value(json).expect("an error");
        assert_eq!(self.code, error.category.exit_code(), "{self:?}");
        assert!(!error.hint().is_empty(), "no hint: {self:?}");
        // As a script sees it.
        Error { message: error.whole_message(), ..error }
    }
}

#[test]
fn what_a_slow_call_says_is_kept_apart() {
    let stderr = "genesys-token: waiting for x, 2s left\ngenesys-token: fetched y, took 2.1s; warning: z\n";
    let done = Done::new(0, String::new(), stderr);
    assert_eq!(done.stderr, "genesys-token: fetched y; warning: z\n");
    assert_eq!((done.waited_for, done.took), (vec!["x, 2s left".to_owned()], Some("2.1s".to_owned())));
}
