//! Tests that this machine can't run.

use std::io::{self, Write as _};

/// Says so on stderr itself: what a test prints by `eprintln!` is kept from sight when the test passes.
pub fn skipped(what: &str, reason: &str) {
    let _ = writeln!(io::stderr(), "skipped: {what}: {reason}");
}
