//! `docs/dependencies.md` lists every dependency of `Cargo.toml`.

use std::collections::BTreeSet;
use std::process::Command;

use serde_json::Value;

use crate::pages::{read, repository};

/// The dependencies of `Cargo.toml`: name, and features as the page writes them.
fn dependencies() -> BTreeSet<(String, String)> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["metadata", "--format-version", "1", "--no-deps", "--offline"]).current_dir(repository());
    let metadata = cargo.output().expect("cargo starts").stdout;
    let metadata: Value = serde_json::from_slice(&metadata).expect("cargo prints JSON");
    let packages = metadata["packages"].as_array().expect("a list");
    let ours =
        packages.iter().find(|package| package["name"] == env!("CARGO_PKG_NAME")).expect("our package");
    let row = |dependency: &Value| {
        let name = dependency["name"].as_str().expect("a name").to_owned();
        (name, features(dependency))
    };
    ours["dependencies"].as_array().expect("a list").iter().map(row).collect()
}

fn features(dependency: &Value) -> String {
    let names = dependency["features"].as_array().expect("a list").iter().filter_map(Value::as_str);
    let mut names: Vec<String> = names.map(|name| format!("`{name}`")).collect();
    names.sort_unstable();
    match (names.is_empty(), dependency["uses_default_features"] == true) {
        (true, true) => "default".to_owned(),
        (true, false) => "–".to_owned(),
        (false, _) => names.join(", "),
    }
}

#[test]
fn the_page_lists_every_dependency_with_its_features_and_its_purpose() {
    let page = read("docs/dependencies.md");
    let tables = page.split("## Left out").next().expect("the page has this section");
    let rows = tables.lines().filter_map(|line| line.strip_prefix("| `")?.strip_suffix(" |"));
    let rows: BTreeSet<(String, String)> = rows
        .map(|row| {
            let cells: Vec<&str> = row.split(" | ").collect();
            let [name, features, purpose] = cells[..] else { panic!("not three cells: {row}") };
            assert!(purpose.len() > 10, "{row}");
            (name.trim_end_matches('`').to_owned(), features.to_owned())
        })
        .collect();
    assert_eq!(rows, dependencies());
}
