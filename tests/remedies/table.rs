//! The table in `docs/troubleshooting.md`. The rows of each module stand between two comments.

use crate::harness::page::Part;
use crate::harness::skipped;
use crate::row::Row;

const HEAD: &str = "| wrong input | exit | what the first fix says | after it |\n|---|---|---|---|\n";

/// Compares the rows with those of the page.
pub(crate) fn check(part: &str, rows: &[Row]) {
    let begin = format!("<!-- remedies: {part} -->");
    let part = Part { page: "docs/troubleshooting.md", begin: &begin, variable: "UPDATE_REMEDIES" };
    part.check(HEAD, |documented| rows.iter().map(|row| row.line(documented)).collect());
}

/// A row that needs `means`. Without them it is skipped: stderr says why, and the page keeps it.
pub(crate) fn row_if<T>(
    means: Result<T, &'static str>,
    input: &'static str,
    row: impl FnOnce(T) -> Row,
) -> Row {
    match means {
        Ok(means) => row(means),
        Err(reason) => {
            skipped(input, reason);
            Row { input, cells: None }
        }
    }
}

impl Row {
    fn line(&self, documented: &str) -> String {
        let Self { input, cells } = self;
        let begins = format!("| {input} |");
        if let Some(cells) = cells {
            return format!("{begins} {cells} |\n");
        }
        let line = documented.lines().find(|line| line.starts_with(&begins));
        line.unwrap_or_else(|| panic!("the page has no row {input:?}")).to_owned() + "\n"
    }
}
