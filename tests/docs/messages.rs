//! The messages that tables of the pages quote, against the sources of the program and of the step.

use std::fs;
use std::path::Path;

use crate::pages::{read, repository};

/// The tables whose first column quotes messages: their page, and the first cell of their header.
const TABLES: [(&str, &str); 6] = [
    ("docs/jenkins.md", "the message begins with"),
    ("docs/troubleshooting.md", "in the console"),
    ("docs/troubleshooting.md", "in the console, with the proxy's address"),
    ("docs/troubleshooting.md", "behind `cannot trust`"),
    ("docs/troubleshooting.md", "behind `no cache:`"),
    ("docs/troubleshooting.md", "behind `not shared:`"),
];

/// Parts of messages that a format string contains with placeholders.
const FORMATTED: [(&str, &str); 6] = [
    ("no client id", "no {what}: neither"),
    ("no client secret", "no {what}: neither"),
    ("the client id has", "the {what} has {kind}"),
    ("the client secret has", "the {what} has {kind}"),
    ("cannot reach the proxy", "cannot reach {}: {reason}"),
    ("answered HTTP 503", "{server} answered HTTP {status}"),
];

/// Parts of messages that other programs print, or the operating system.
const OF_OTHERS: [&str; 8] = [
    "Could not find credentials entry with ID",
    "Credentials '",
    "' is of type",
    "Not a directory",
    "Permission denied",
    "Read-only file system",
    "No space left on device",
    "File too large",
];

/// The texts of all files in a directory and below it.
fn texts(dir: &Path) -> Vec<String> {
    let entries = fs::read_dir(dir).expect("a directory").map(|entry| entry.expect("an entry").path());
    entries.flat_map(|path| if path.is_dir() { texts(&path) } else { vec![read(&path)] }).collect()
}

/// All sources, with the lines of a string literal joined.
fn sources() -> String {
    let text = [texts(&repository().join("src")), texts(&repository().join("vars"))].concat().concat();
    let mut parts = text.split("\\\n");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + part.trim_start())
}

/// The code in the first column of a table.
fn quoted(page: &str, header: &str) -> Vec<String> {
    let text = read(page);
    let lines = text.lines().skip_while(|line| !line.starts_with(&format!("| {header}"))).skip(2);
    let rows = lines.take_while(|line| line.starts_with('|'));
    let cells = rows.map(|row| row.split(" | ").next().expect("a first cell").to_owned());
    cells.flat_map(|cell| cell.split('`').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>()).collect()
}

/// The parts of a message between `…`, and before and after a colon.
fn parts(message: &str) -> impl Iterator<Item = &str> {
    let parts = message.split('…').flat_map(|part| part.split(": "));
    parts.map(|part| part.trim_matches([' ', ':'])).filter(|part| !part.is_empty())
}

#[test]
fn every_message_in_a_table_is_in_the_sources() {
    let sources = sources();
    let is_known = |part: &str| match FORMATTED.iter().find(|(formatted, _)| *formatted == part) {
        Some((_, format)) => sources.contains(format),
        None => sources.contains(part) || OF_OTHERS.contains(&part),
    };
    for (page, header) in TABLES {
        let messages = quoted(page, header);
        assert!(messages.len() > 5, "{page}, {header}: {messages:?}");
        for message in messages {
            let unknown: Vec<&str> = parts(&message).filter(|part| !is_known(part)).collect();
            assert!(unknown.is_empty(), "{page}: {message}: nothing prints {unknown:?}");
        }
    }
}
