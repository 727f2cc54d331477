//! One wrong input: what the program says first, and what comes of doing it.

use crate::harness::{Call, Done, Scene};

/// What separates a warning from what came before it, and its remedy from the warning.
const WARNING: &str = "; warning: ";
const REMEDY: &str = "; fix: ";

/// A row of the table.
pub(crate) struct Row {
    pub(crate) input: &'static str,
    /// `None` when the row was skipped.
    pub(crate) cells: Option<String>,
}

/// A call that fails. `fix` is its first `fix:` line.
#[track_caller]
pub(crate) fn fails(input: &'static str, call: Call, code: i32, fix: &str) -> Wrong {
    let done = call.any_stderr().exit(code);
    done.leaks_nothing([""; 0]);
    assert_eq!(first_fix(&done.stderr).as_deref(), Some(fix), "{input}: {done:#?}");
    Wrong { input, code, fix: fix.to_owned() }
}

/// A call that prints a token with this warning. `fix` is the warning's remedy.
#[track_caller]
pub(crate) fn warns(input: &'static str, call: Call, warning: &str, fix: &str) -> Wrong {
    let done = call.any_stderr().prints_token().success();
    let line = done.stderr.trim_end();
    let expected = if fix == warning { fix.to_owned() } else { [warning, REMEDY, fix].concat() };
    assert!(line.contains(&[WARNING, &expected].concat()), "{input}: {expected:?} is not in {done:#?}");
    Wrong { input, code: 0, fix: fix.to_owned() }
}

/// A call that went wrong, and said what to do.
pub(crate) struct Wrong {
    input: &'static str,
    code: i32,
    fix: String,
}

impl Wrong {
    /// The call after its remedy prints a token of `scene`, and has nothing more to remedy.
    #[track_caller]
    pub(crate) fn after_it(self, scene: &Scene, call: Call) -> Row {
        let done = call.any_stderr().prints_token().success();
        assert!(scene.server.tokens().iter().any(|token| token == done.token()), "{}: {done:#?}", self.input);
        let Self { input, code, fix } = self;
        assert!(!done.stderr.contains(&fix), "{input}: it says so again: {done:#?}");
        Row { input, cells: Some(format!("{code} | {} | {}", shown(&fix), what_came(&done))) }
    }
}

/// What the line about the token says of it.
fn what_came(done: &Done) -> &'static str {
    let said = |verb: &str| done.stderr.starts_with(&format!("genesys-token: {verb} token of client "));
    match (said("fetched"), said("reused")) {
        (true, _) => "a token is fetched",
        (_, true) => "a token is reused",
        _ => panic!("no line about a token: {done:#?}"),
    }
}

/// The first `fix:` line of an error, with the lines that continue it.
fn first_fix(stderr: &str) -> Option<String> {
    let mut lines = stderr.lines().skip_while(|line| !line.starts_with("  fix: "));
    let first = lines.next()?.strip_prefix("  fix: ")?.to_owned();
    let more = lines.map_while(|line| line.strip_prefix("    "));
    Some(more.fold(first, |text, line| text + " " + line))
}

/// The fix without what differs between runs: the port of a loopback server.
fn shown(fix: &str) -> String {
    let mut parts = fix.split("localhost:");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + "HOST" + part.trim_start_matches(|c: char| c.is_ascii_digit()))
}
