//! Versions that stand in several files are the same everywhere.

use crate::pages::read;

/// What follows `prefix` in a file, up to the next character that is no part of a version.
fn version(path: &str, prefix: &str) -> String {
    let text = read(path);
    let (_, rest) = text.split_once(prefix).unwrap_or_else(|| panic!("{path} has no {prefix:?}"));
    let version = rest.split(|c: char| !c.is_ascii_digit() && c != '.').next().unwrap_or_default();
    version.trim_end_matches('.').to_owned()
}

#[test]
fn the_oldest_rust_that_builds_it_is_the_one_of_the_agent_image_and_of_ci() {
    let declared = version("Cargo.toml", "rust-version = \"");
    for (path, prefix) in [
        ("tests/support/Cargo.toml", "rust-version = \""),
        ("fuzz/Cargo.toml", "rust-version = \""),
        ("jenkins/agent.Dockerfile", "FROM rust:"),
        ("CHANGELOG.md", "Rust "),
    ] {
        assert_eq!(version(path, prefix), declared, "{path}");
    }
}

#[test]
fn the_changelog_names_the_protocol_version_of_program_and_step() {
    let protocol = version("src/bound/step.rs", "PROTOCOL: u32 = ");
    assert_eq!(version("vars/withGenesysToken.groovy", "bind --for-step "), protocol);
    assert_eq!(version("CHANGELOG.md", "## Unreleased\n\nProtocol version "), protocol);
    let features = version("src/bound/step.rs", "STEP_FEATURES: u32 = ");
    assert_eq!(version("vars/withGenesysToken.groovy", "'GENESYS_TOKEN_STEP="), features);
}
