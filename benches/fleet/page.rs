//! The tables of the page, and its plot: compared with what there is, or written anew.

use std::fs;
use std::path::Path;

use crate::harness::page::Part;

const UPDATE: &str = "UPDATE_FLEET";
const PLOT: &str = "docs/fleet.svg";

/// Prints a table, and compares it with the page's.
pub(crate) fn check(name: &str, head: &str, rows: &str) {
    println!("{head}{rows}");
    let begin = format!("<!-- simulation: {name} -->");
    Part { page: "docs/fleet.md", begin: &begin, variable: UPDATE }.check(head, |_| rows.to_owned());
}

pub(crate) fn check_plot(svg: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(PLOT);
    if std::env::var_os(UPDATE).is_some() {
        return fs::write(path, svg).expect("the plot can be written");
    }
    assert!(fs::read_to_string(path).expect("the plot") == svg, "{PLOT} differs; {UPDATE}=1 writes it anew");
}
