//! An empty program, built with this package's release profile and flags.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const MANIFEST: &str = include_str!("../../Cargo.toml");

/// Builds the program and returns its path.
pub(crate) fn program() -> PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("empty");
    fs::create_dir_all(dir.join("src")).expect("the target directory can be written");
    let manifest = format!(
        "[package]\nname = \"empty\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n{}",
        release_profile()
    );
    fs::write(dir.join("Cargo.toml"), manifest).expect("a manifest can be written");
    fs::write(dir.join("src/main.rs"), "fn main() {}\n").expect("a program can be written");
    // From this package's directory, so that cargo reads the same configuration as for this package.
    let built = Command::new(env!("CARGO"))
        .args(["build", "--release", "--quiet", "--manifest-path"])
        .arg(dir.join("Cargo.toml"))
        .arg("--target-dir")
        .arg(dir.join("target"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .status()
        .expect("cargo starts");
    assert!(built.success(), "cargo can't build the empty program: {built}");
    dir.join("target/release").join(format!("empty{}", std::env::consts::EXE_SUFFIX))
}

/// The section of this package's manifest, unchanged.
fn release_profile() -> &'static str {
    let start = MANIFEST.find("[profile.release]").expect("the manifest has a release profile");
    let section = &MANIFEST[start..];
    section[1..].find("\n[").map_or(section, |end| &section[..=end + 1])
}
