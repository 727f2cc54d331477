//! The table of layers in the crate docs against the sources: every module is in it, every arrow runs down, and the
//! files of a folder form no circle.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// A longer file says in its first lines why it is one.
const MAX_LINES: usize = 300;

fn src() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn files(dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir).expect("a directory").map(|entry| entry.expect("an entry").path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).expect("a source file")
}

/// The code of a file: without comments and unit tests, which may use what they like.
fn code(path: &Path) -> String {
    let text = read(path);
    let text = text.split("\nmod tests {").next().unwrap_or_default();
    let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

/// The modules in `table`, each with its layer.
fn layers(table: &str) -> BTreeMap<String, usize> {
    let mut layers = BTreeMap::new();
    for row in table.lines().filter_map(|line| line.strip_prefix("//! | ")) {
        let mut cells = row.split(" | ");
        let Some(layer) = cells.next().and_then(|cell| cell.parse().ok()) else { continue };
        let names = cells.next().expect("a cell with modules").split(", ");
        for name in names.map(|name| name.trim_matches('`').to_owned()) {
            assert!(layers.insert(name.clone(), layer).is_none(), "{name} is in two layers");
        }
    }
    layers
}

/// The names that follow `prefix` in `code`, alone or in a group: `crate::{a, b}`.
fn names_after<'a>(code: &'a str, prefix: &str) -> BTreeSet<&'a str> {
    let is_of_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let name = |text: &'a str| text.split(|c| !is_of_name(c)).next().unwrap_or_default();
    let mut names = BTreeSet::new();
    for (at, _) in code.match_indices(prefix) {
        // `my_crate::x` is another crate's.
        if code[..at].ends_with(is_of_name) {
            continue;
        }
        let rest = &code[at + prefix.len()..];
        match rest.strip_prefix('{') {
            Some(group) => {
                let group = group.split("};").next().unwrap_or_default();
                names.extend(group.split(',').map(|item| name(item.trim())));
            }
            None => drop(names.insert(name(rest))),
        }
    }
    names
}

/// Every arrow of `code` that does not run down from the layer of `module`.
fn wrong_arrows(module: &str, code: &str, layers: &BTreeMap<String, usize>) -> Vec<String> {
    let Some(own) = layers.get(module) else { return vec![format!("{module} is in no layer")] };
    let used = names_after(code, "crate::").into_iter().filter(|name| *name != module);
    let wrong = used.filter_map(|name| match layers.get(name) {
        Some(layer) if layer < own => None,
        Some(layer) => Some(format!("{module} (layer {own}) uses {name} (layer {layer})")),
        None => Some(format!("{module} uses {name}, which is in no layer")),
    });
    wrong.collect()
}

/// The top module of a file below `src`; none for `main.rs` and `lib.rs`.
fn module_of(path: &Path) -> Option<String> {
    let relative = path.strip_prefix(src()).expect("a file below src");
    let first = relative.iter().next().expect("a name").to_str().expect("UTF-8");
    let name = first.strip_suffix(".rs").unwrap_or(first);
    (!matches!(name, "main" | "lib")).then(|| name.to_owned())
}

#[test]
fn every_module_is_in_the_table_and_uses_lower_layers_only() {
    let layers = layers(&read(&src().join("lib.rs")));
    let mut modules = BTreeSet::new();
    let mut wrong = Vec::new();
    for path in files(&src()) {
        let Some(module) = module_of(&path) else { continue };
        wrong.extend(wrong_arrows(&module, &code(&path), &layers));
        modules.insert(module);
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(
        layers.into_keys().collect::<BTreeSet<_>>(),
        modules,
        "the table names exactly the modules of src"
    );
}

#[test]
fn an_arrow_that_runs_up_is_found() {
    let layers = layers(&read(&src().join("lib.rs")));
    for (line, found) in [
        ("use crate::commands as _;", true),
        ("use crate::{commands, error};", true),
        ("let run = crate::commands::run;", true),
        ("use crate::nowhere::Thing;", true),
        ("use crate::base_url::BaseUrl;", true),
        ("use crate::error::Error;", false),
        ("use genesys_crate::commands;", false),
    ] {
        assert_eq!(!wrong_arrows("error", line, &layers).is_empty(), found, "{line}");
    }
    assert!(!wrong_arrows("unknown", "", &layers).is_empty(), "a module in no layer is found");
}

/// The files of the folder of `path` that it uses, by module name: `super::name` and `crate::folder::name`.
fn siblings(path: &Path, folder: &str, names: &BTreeSet<String>) -> BTreeSet<String> {
    let code = code(path);
    let used = names_after(&code, "super::").into_iter().chain(names_after(&code, folder));
    used.filter(|name| names.contains(*name)).map(str::to_owned).collect()
}

fn name_of(path: &Path) -> String {
    path.file_stem().expect("a name").to_str().expect("UTF-8").to_owned()
}

#[test]
fn no_files_of_a_folder_use_each_other_in_a_circle() {
    let all = files(&src());
    let folders: BTreeSet<&Path> = all.iter().filter_map(|path| path.parent()).collect();
    for folder in folders.into_iter().filter(|folder| *folder != src()) {
        let members: Vec<&PathBuf> = all.iter().filter(|path| path.parent() == Some(folder)).collect();
        let names: BTreeSet<String> =
            members.iter().map(|path| name_of(path)).filter(|name| name != "mod").collect();
        let relative = folder.strip_prefix(src()).expect("a folder below src").display().to_string();
        let prefix = format!("crate::{}::", relative.replace('/', "::"));
        let mut uses: BTreeMap<String, BTreeSet<String>> = members
            .iter()
            .filter(|path| name_of(path) != "mod")
            .map(|path| (name_of(path), siblings(path, &prefix, &names)))
            .collect();
        // Files that use no other one go first, again and again; what is left is a circle.
        while let Some(name) = uses.iter().find(|(_, used)| used.is_empty()).map(|(name, _)| name.clone()) {
            uses.remove(&name);
            for used in uses.values_mut() {
                used.remove(&name);
            }
        }
        assert!(uses.is_empty(), "{relative}: {uses:#?}");
    }
}

#[test]
fn a_folders_files_do_not_use_its_face() {
    for path in files(&src()).iter().filter(|path| name_of(path) != "mod" && name_of(path) != "lib") {
        let folder = path.parent().expect("a folder");
        if folder == src() {
            continue;
        }
        let code = code(path);
        let siblings: BTreeSet<String> = fs::read_dir(folder)
            .expect("a folder")
            .map(|entry| name_of(&entry.expect("an entry").path()))
            .collect();
        let of_face: Vec<&str> =
            names_after(&code, "use super::").into_iter().filter(|name| !siblings.contains(*name)).collect();
        assert!(of_face.is_empty(), "{}: {of_face:?} are not in a file of their own", path.display());
    }
}

#[test]
fn a_file_of_more_than_300_lines_says_why() {
    for path in files(&src()) {
        let text = read(&path);
        let says_why = text.lines().take(10).any(|line| line.contains("one file because"));
        assert!(
            text.lines().count() <= MAX_LINES || says_why,
            "{} is longer than {MAX_LINES} lines",
            path.display()
        );
    }
}
