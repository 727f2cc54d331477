//! The table in `docs/reliability.md`. Each family's part stands between two comments.

use std::collections::BTreeSet;

use crate::harness::page::Part;
use crate::harness::skipped;
use crate::seen::Seen;

const HEAD: &str = "| fault | ends with | says | requests | next call |\n|---|---|---|---|---|\n";

pub(crate) struct Row {
    fault: String,
    /// `None` when the fault was skipped.
    seen: Option<Seen>,
}

/// A fault that was produced.
pub(crate) fn row(fault: &str, seen: Seen) -> Row {
    Row { fault: fault.to_owned(), seen: Some(seen) }
}

/// A fault that needs `means`. Without them it is skipped: stderr says why, and the page keeps its row.
pub(crate) fn row_if<T>(means: Result<T, &'static str>, fault: &str, see: impl FnOnce(T) -> Seen) -> Row {
    let seen = means.map(see).map_err(|reason| skipped(fault, reason));
    Row { fault: fault.to_owned(), seen: seen.ok() }
}

impl Row {
    fn line(&self, documented: &str) -> String {
        let Some(seen) = &self.seen else {
            let begins = format!("| {} |", self.fault);
            let line = documented.lines().find(|line| line.starts_with(&begins));
            return line.unwrap_or_else(|| panic!("the page has no row {:?}", self.fault)).to_owned() + "\n";
        };
        let cell = |values: &BTreeSet<String>, joint: &str| {
            let shown = values.iter().filter(|value| !value.is_empty());
            shown.map(|value| value.replace('|', "\\|")).collect::<Vec<_>>().join(joint)
        };
        format!(
            "| {} | {} | {} | {} | {} |\n",
            self.fault,
            cell(&seen.outcome, " or "),
            cell(&seen.says, "; or "),
            cell(&seen.requests, " or "),
            cell(&seen.next, " or "),
        )
    }
}

/// Compares `rows` with the part of the page that begins with `<!-- faults: family -->`.
pub(crate) fn check(family: &str, rows: &[Row]) {
    check_table(family, HEAD, |documented| rows.iter().map(|row| row.line(documented)).collect());
}

/// The same for a table with another `head`; `rows` may look at the documented ones.
pub(crate) fn check_table(family: &str, head: &str, rows: impl FnOnce(&str) -> String) {
    let begin = format!("<!-- faults: {family} -->");
    Part { page: "docs/reliability.md", begin: &begin, variable: "UPDATE_RELIABILITY" }.check(head, rows);
}
