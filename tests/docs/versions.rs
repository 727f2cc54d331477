//! Versions that stand in several files are the same everywhere.

use crate::pages::{pages, read};

/// What follows `prefix` in a file, up to the next character that is no part of a version.
fn version(path: &str, prefix: &str) -> String {
    let text = read(path);
    let (_, rest) = text.split_once(prefix).unwrap_or_else(|| panic!("{path} has no {prefix:?}"));
    let version = rest.split(|c: char| !c.is_ascii_digit() && c != '.').next().unwrap_or_default();
    version.trim_end_matches('.').to_owned()
}

#[test]
fn the_oldest_rust_that_builds_it_is_the_same_everywhere() {
    let declared = version("Cargo.toml", "rust-version = \"");
    for (path, prefix) in [
        ("tests/support/Cargo.toml", "rust-version = \""),
        ("fuzz/Cargo.toml", "rust-version = \""),
        ("CHANGELOG.md", "Rust "),
    ] {
        assert_eq!(version(path, prefix), declared, "{path}");
    }
}

#[test]
fn the_changelog_names_the_protocol_version_of_program_and_step() {
    let protocol = version("src/bound/step.rs", "PROTOCOL: u32 = ");
    assert_eq!(version("vars/withGenesysToken.groovy", "bind --for-step "), protocol);
    assert_eq!(version("CHANGELOG.md", "Protocol version "), protocol);
    let features = version("src/bound/step.rs", "STEP_FEATURES: u32 = ");
    assert_eq!(version("vars/withGenesysToken.groovy", "'GENESYS_TOKEN_STEP="), features);
}

/// What stands before the release's own version, wherever a reader copies it from.
const BEFORE_OWN_VERSION: [&str; 11] = [
    "genesys-token@v",
    "genesys-token/",
    "genesys-token-",
    "genesys-agent:",
    "`v",
    ":-v",
    "genesys-token_",
    "git tag -a v",
    "Tool Home is `",
    "mkdir -p ",
    "cd ",
];

#[test]
fn every_page_and_example_names_the_version_of_the_manifest() {
    let declared = version("Cargo.toml", "version = \"");
    let examples = ["Jenkinsfile.example", "jenkins/agent.Dockerfile", "jenkins/casc.yaml"];
    let pages = pages().into_iter().map(|page| (page.path, page.text));
    let files = pages.chain(examples.map(|path| (path.to_owned(), read(path))));
    let mut seen = 0;
    for (path, text) in files.filter(|(path, _)| path != "CHANGELOG.md") {
        for prefix in BEFORE_OWN_VERSION {
            for (at, _) in text.match_indices(prefix) {
                let rest = &text[at + prefix.len()..];
                if !rest.starts_with(|c: char| c.is_ascii_digit()) {
                    continue;
                }
                let named = rest.split(|c: char| !c.is_ascii_digit() && c != '.').next().unwrap_or_default();
                assert_eq!(named.trim_end_matches('.'), declared, "{path}, after {prefix:?}");
                seen += 1;
            }
        }
    }
    assert!(seen > 5, "only {seen} were found");
}
