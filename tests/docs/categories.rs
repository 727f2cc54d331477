//! The categories of errors on the pages, against the program's own.

use std::collections::BTreeSet;

use genesys_token::error::Category;
use serde_json::Value;

use crate::pages::read;

/// A name such as `RateLimited` in the form of the JSON.
fn in_json(name: &str) -> String {
    let word =
        |c: char| if c.is_uppercase() { format!("_{}", c.to_ascii_lowercase()) } else { c.to_string() };
    name.chars().map(word).collect::<String>().trim_start_matches('_').to_owned()
}

/// Every category with its name, from the source that gives each its exit code.
fn categories() -> Vec<(String, Category)> {
    let source = read("src/error/category.rs");
    let (_, body) = source.split_once("fn exit_code(self)").expect("the exit codes");
    let (body, _) = body.split_once("\n    }\n").expect("the end of the function");
    let names = body.lines().filter_map(|line| line.trim().strip_prefix("Self::")?.split(' ').next());
    let category = |name: String| {
        let category = serde_json::from_value(Value::from(name.clone())).expect("a category");
        (name, category)
    };
    names.map(in_json).map(category).collect()
}

#[test]
fn every_category_has_a_row_with_its_exit_code_in_the_readme() {
    let readme = read("README.md");
    let categories = categories();
    assert!(categories.len() >= 7, "{categories:?}");
    for (name, category) in categories {
        let row = format!("\n| {} | `{name}` | ", category.exit_code());
        assert!(readme.contains(&row), "README.md has no row {row:?}");
    }
}

#[test]
fn the_schemas_know_every_category() {
    for (page, path) in [
        ("docs/doctor.schema.json", "/properties/checks/items/properties/category/enum"),
        ("docs/log.schema.json", "/properties/category/enum"),
    ] {
        let schema: Value = serde_json::from_str(&read(page)).expect("JSON");
        let known = schema.pointer(path).and_then(Value::as_array).expect("the categories");
        let known: BTreeSet<&str> = known.iter().filter_map(Value::as_str).collect();
        let categories = categories();
        assert_eq!(known, categories.iter().map(|(name, _)| name.as_str()).collect(), "{page}");
    }
}
