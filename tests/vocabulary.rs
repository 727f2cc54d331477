//! The words of `vocabulary.txt` are used nowhere: the field has better ones.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// What is not ours, or made by a tool.
const SKIPPED: [&str; 8] = [
    "target",
    "node_modules",
    "corpus",
    "artifacts",
    "LICENSE",
    "Cargo.lock",
    "package-lock.json",
    "vocabulary.txt",
];

/// What defines a name, in front of it.
const DEFINING: [&str; 8] = ["struct ", "enum ", "trait ", "type ", "fn ", "const ", "static ", "mod "];

fn root_dir() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn files(dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir).expect("a directory").map(|entry| entry.expect("an entry").path());
    let is_ours = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        !SKIPPED.contains(&name.as_str()) && (!name.starts_with('.') || name == ".ci")
    };
    let ours = entries.filter(is_ours);
    ours.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// The text of every file that is text.
fn texts() -> Vec<(PathBuf, String)> {
    let read = |path: PathBuf| fs::read_to_string(&path).ok().map(|text| (path, text));
    files(root_dir()).into_iter().filter_map(read).collect()
}

/// The words of a section of the list, each with what to say instead.
fn listed(section: &str) -> BTreeMap<String, String> {
    let list = fs::read_to_string(root_dir().join("tests/vocabulary.txt")).expect("the list");
    let lines = list.lines().skip_while(|line| *line != section).skip(1);
    let lines = lines.take_while(|line| !line.starts_with('['));
    let mut words = BTreeMap::new();
    for line in lines.filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let (instead, old) = line.split_once(": ").unwrap_or(("a plainer sentence", line));
        words.extend(old.split(' ').map(|word| (word.to_owned(), instead.to_owned())));
    }
    assert!(words.len() > 5, "{section}: {words:?}");
    words
}

fn is_of_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// The name at the beginning of `text`.
fn leading_name(text: &str) -> &str {
    text.split(|c| !is_of_name(c)).next().unwrap_or_default()
}

/// The names that a line of Rust defines: items by their keyword, and a field at its beginning.
fn defined(line: &str) -> Vec<&str> {
    let line = line.trim_start();
    if line.starts_with("//") {
        return Vec::new();
    }
    let items = DEFINING.iter().flat_map(|keyword| {
        let starts = line.match_indices(keyword);
        starts
            .filter(|(at, _)| !line[..*at].ends_with(is_of_name))
            .map(|(at, keyword)| leading_name(&line[at + keyword.len()..]))
    });
    let unrestricted = line.strip_prefix("pub").map_or(line, |rest| match rest.strip_prefix('(') {
        Some(restricted) => restricted.split_once(") ").map_or(line, |(_, rest)| rest),
        None => rest.trim_start(),
    });
    let field = leading_name(unrestricted);
    let rest = &unrestricted[field.len()..];
    let is_field = rest.starts_with(": ");
    items.chain(is_field.then_some(field)).filter(|name| !name.is_empty()).collect()
}

#[test]
fn no_definition_has_a_name_of_the_list() {
    let listed = listed("[identifiers]");
    let mut found = Vec::new();
    for (path, text) in texts().iter().filter(|(path, _)| path.extension().is_some_and(|end| end == "rs")) {
        let path = path.strip_prefix(root_dir()).expect("a file below the root");
        let stem = path.file_stem().expect("a name").to_string_lossy().into_owned();
        found.extend(listed.get(&stem).map(|instead| format!("{}: {instead}", path.display())));
        for (number, line) in text.lines().enumerate() {
            let old = defined(line).into_iter().filter_map(|name| Some((name, listed.get(name)?)));
            let described = old
                .map(|(name, instead)| format!("{}:{}: {name}, say {instead}", path.display(), number + 1));
            found.extend(described);
        }
    }
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn no_text_has_a_word_of_the_list() {
    let listed = listed("[prose]");
    let mut found = Vec::new();
    for (path, text) in texts() {
        for (number, line) in text.lines().enumerate() {
            let words = line.split(|c: char| !c.is_alphabetic()).map(str::to_lowercase);
            let old = words.filter(|word| listed.contains_key(word));
            found.extend(old.map(|word| {
                let path = path.strip_prefix(root_dir()).expect("a file below the root");
                format!("{}:{}: {word}", path.display(), number + 1)
            }));
        }
    }
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn definitions_are_found_in_every_form() {
    for (line, names) in [
        ("pub(crate) struct Requirements {", vec!["Requirements"]),
        ("    pub(super) async fn assess(&self) -> u8 {", vec!["assess"]),
        ("pub const PAUSE: Duration = X;", vec!["PAUSE"]),
        ("    pub(in crate::exec) started: Timestamp,", vec!["started"]),
        ("    pub kind: Kind,", vec!["kind"]),
        ("mod scan;", vec!["scan"]),
        ("// struct Requirements", vec![]),
        ("    match kind {", vec![]),
        ("let kind = error.kind();", vec![]),
    ] {
        assert_eq!(defined(line), names, "{line}");
    }
}
