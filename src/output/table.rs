//! Tables and colours for people.

use std::fmt::Write as _;

/// How a table may look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Style {
    /// Whether ANSI colours are wanted.
    pub colours: bool,
}

impl Style {
    /// `text` in the colour with this ANSI number, if colours are wanted.
    pub(crate) fn paint(self, colour: &str, text: &str) -> String {
        if self.colours { format!("\u{1b}[{colour}m{text}\u{1b}[0m") } else { text.to_owned() }
    }
}

/// `rows` with aligned columns, without trailing blanks. Each row has as many cells as the first.
// Slices, not arrays: for each length of a row the compiler would unroll a copy of 25 kB.
pub(crate) fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.first().map_or(0, Vec::len);
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut table = String::new();
    for row in rows {
        for (cell, &width) in row.iter().zip(&widths) {
            let _ = write!(table, "{cell:<width$}  ");
        }
        table.truncate(table.trim_end_matches(' ').len());
        table.push('\n');
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let rows = [["A", "B"], ["längst", "x"]].map(|row| row.map(str::to_owned).to_vec());
        assert_eq!(table(&rows), "A       B\nlängst  x\n");
    }
}
