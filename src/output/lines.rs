//! Lines on stderr. Each is one `write`, so that lines of parallel stages never mix.

use std::io::Write;

/// Writes lines to stderr, and on a terminal one that the next line replaces.
pub(super) struct Lines<'a> {
    stderr: &'a mut (dyn Write + Send),
    /// The columns of the line that stands on the terminal and has no end yet.
    standing: usize,
}

impl<'a> Lines<'a> {
    pub(super) fn new(stderr: &'a mut (dyn Write + Send)) -> Self {
        Self { stderr, standing: 0 }
    }

    /// Writes a line for people. It may have further lines, such as a hint.
    pub(super) fn write(&mut self, text: &str) {
        self.write_as_is(&labelled(text));
    }

    /// Writes a line for scripts.
    pub(super) fn write_as_is(&mut self, line: &str) {
        let erased = self.erased();
        self.put(&[&erased, line, "\n"]);
    }

    /// Puts a line in the place of the one that stands.
    pub(super) fn rewrite(&mut self, text: &str) {
        let line = labelled(text);
        let columns = line.chars().count();
        let rest = " ".repeat(self.standing.saturating_sub(columns));
        // With the cursor behind the line.
        let back = "\u{8}".repeat(rest.len());
        self.put(&["\r", &line, &rest, &back]);
        self.standing = columns;
    }

    /// What takes the standing line away: blanks, since not every terminal knows an escape sequence for it.
    fn erased(&mut self) -> String {
        match std::mem::take(&mut self.standing) {
            0 => String::new(),
            columns => format!("\r{}\r", " ".repeat(columns)),
        }
    }

    fn put(&mut self, parts: &[&str]) {
        // Without stderr there is no way left to report anything.
        let _ = self.stderr.write_all(parts.concat().as_bytes());
    }
}

impl Drop for Lines<'_> {
    fn drop(&mut self) {
        let erased = self.erased();
        if !erased.is_empty() {
            self.put(&[&erased]);
        }
    }
}

fn labelled(text: &str) -> String {
    ["genesys-token: ", text].concat()
}
