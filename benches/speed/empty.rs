//! An empty program, built with this package's release profile and flags.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const MANIFEST: &str = include_str!("../../Cargo.toml");

/// Builds the program as this package is built, and returns its path.
pub(crate) fn program() -> PathBuf {
    let dir = package();
    // From this package's directory, so that cargo reads the same configuration as for this package.
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--release", "--quiet", "--manifest-path"]).arg(dir.join("Cargo.toml"));
    run(cargo.arg("--target-dir").arg(dir.join("target")));
    dir.join("target/release").join(format!("empty{}", std::env::consts::EXE_SUFFIX))
}

/// Builds the program for `target` as a release is built, and returns its path.
pub(crate) fn released_program(target: &str) -> PathBuf {
    let dir = package();
    // Nothing is to be looked up when the release's compiler builds it.
    run(Command::new(env!("CARGO"))
        .args(["generate-lockfile", "--quiet", "--manifest-path"])
        .arg(dir.join("Cargo.toml")));
    run(Command::new("dist/compile").arg(target).arg(dir.join("Cargo.toml")));
    Path::new(env!("CARGO_MANIFEST_DIR")).join("target/dist/cargo").join(target).join("release/empty")
}

/// Writes the package, and returns its directory.
fn package() -> PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("empty");
    fs::create_dir_all(dir.join("src")).expect("the target directory can be written");
    let manifest = format!(
        "[package]\nname = \"empty\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n{}",
        release_profile()
    );
    fs::write(dir.join("Cargo.toml"), manifest).expect("a manifest can be written");
    fs::write(dir.join("src/main.rs"), "fn main() {}\n").expect("a program can be written");
    dir
}

fn run(command: &mut Command) {
    let built = command.current_dir(env!("CARGO_MANIFEST_DIR")).status().expect("the command starts");
    assert!(built.success(), "{command:?} can't build the empty program: {built}");
}

/// The section of this package's manifest, unchanged.
fn release_profile() -> &'static str {
    let start = MANIFEST.find("[profile.release]").expect("the manifest has a release profile");
    let section = &MANIFEST[start..];
    section[1..].find("\n[").map_or(section, |end| &section[..=end + 1])
}
