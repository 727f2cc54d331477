//! What a call in this process writes to stderr, and when.

use std::io::{self, Write};
use std::time::Duration;

use genesys_token::time::Clock as _;

use crate::harness::Call;
use crate::harness::clock::FakeClock;
use crate::harness::in_process::{FakeMachine, run_at};

/// One write to stderr.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Said {
    /// How long the call had been running.
    pub(crate) at: Duration,
    /// With `HOST` in place of the server, and without the warnings that it is not Genesys' own.
    pub(crate) text: String,
}

/// Keeps every write by itself.
struct Writes<'c> {
    clock: &'c FakeClock,
    said: Vec<(Duration, String)>,
}

impl Write for Writes<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8(bytes.to_vec()).expect("UTF-8");
        self.said.push((self.clock.elapsed(), text));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Runs a call by `clock`, with a terminal on stderr or without. It must end with this exit code.
#[track_caller]
pub(crate) fn said(call: &Call, clock: &FakeClock, stderr_is_terminal: bool, code: i32) -> Vec<Said> {
    clock.restart();
    let mut writes = Writes { clock, said: Vec::new() };
    let machine = FakeMachine { stderr_is_terminal, ..FakeMachine::default() };
    let (actual, _) = run_at(call, &machine, clock, &mut writes);
    assert_eq!(actual, code, "{:?}", writes.said);
    writes.said.into_iter().map(|(at, text)| Said { at, text: call.normalized(&text) }).collect()
}

/// The same for a call that must succeed, on a stderr that is no terminal.
#[track_caller]
pub(crate) fn said_in_lines(call: &Call, clock: &FakeClock) -> Vec<Said> {
    let said = said(call, clock, false, 0);
    for Said { text, .. } in &said {
        assert!(text.ends_with('\n') && text.lines().count() == 1, "a write is one line: {said:?}");
    }
    said
}
