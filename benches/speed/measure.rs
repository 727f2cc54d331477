//! Commands, their times and their instructions.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use genesys_token::cache::{Owner, Store};
use genesys_token::random::SystemRandom;
use genesys_token::scope::Scopes;
use genesys_token::secret::Secret;
use genesys_token::sys::PrivateDir;
use genesys_token::time::{Clock as _, SystemClock};
use genesys_token::token::{Lifetime, Token};
use loopback_login_server::{CLIENT_ID, CLIENT_SECRET};
use tempfile::TempDir;

/// The program as it is shipped. Built apart: beside benches and tests it would have the features that their
/// packages switch on in ours.
pub fn program() -> &'static Path {
    static PROGRAM: LazyLock<PathBuf> = LazyLock::new(|| {
        let ours = Path::new(env!("CARGO_MANIFEST_DIR"));
        build(&ours.join("Cargo.toml"), &ours.join("target/product"), &["--bin", "genesys-token"]);
        ours.join("target/product/release/genesys-token")
    });
    &PROGRAM
}

fn build(manifest: &Path, target: &Path, args: &[&str]) {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["build", "--release", "--quiet", "--manifest-path"]).arg(manifest);
    let status = command.arg("--target-dir").arg(target).args(args).status();
    assert!(status.is_ok_and(|status| status.success()), "{} does not build", manifest.display());
}

/// A cache with one warm entry.
pub struct Scene {
    cache: TempDir,
}

impl Scene {
    pub fn new() -> Self {
        let scene = Self { cache: tempfile::tempdir().expect("a temporary directory") };
        scene.add(CLIENT_ID);
        scene
    }

    /// Caches a token of another client.
    pub fn add(&self, client_id: &str) {
        let owner = Owner {
            client_id: client_id.to_owned(),
            login_url: "https://login.mypurecloud.com".to_owned(),
            scopes: Scopes::default(),
        };
        let dir = PrivateDir::open(self.cache()).expect("the cache is there");
        let now = SystemClock::start().now();
        let expires_at = now.plus(Duration::from_secs(86_399));
        let token = Token {
            value: Secret::new("t".repeat(86)),
            lifetime: Some(Lifetime { requested_at: now, received_at: now, expires_at }),
            scope: None,
        };
        Store::new(dir, owner, Secret::from(CLIENT_SECRET))
            .put_token(&token, &SystemRandom::default())
            .expect("the token can be cached");
    }

    pub fn cache(&self) -> &Path {
        self.cache.path()
    }

    /// A call that hits.
    pub fn call(&self, args: &[&str]) -> Command {
        let mut command = call(args);
        command.env("GENESYS_TOKEN_CACHE_DIR", self.cache());
        command
    }
}

/// A call with the credential and nothing else of this environment.
pub fn call(args: &[&str]) -> Command {
    let mut command = Command::new(program());
    command.args(args).env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command
        .env("GENESYSCLOUD_OAUTHCLIENT_ID", CLIENT_ID)
        .env("GENESYSCLOUD_OAUTHCLIENT_SECRET", CLIENT_SECRET);
    command
}

/// How long one run takes.
pub fn time(command: &mut Command) -> Duration {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let started = Instant::now();
    let status = command.status().expect("the command starts");
    let took = started.elapsed();
    assert!(status.success(), "{command:?}: {status}");
    took
}

/// The median ratio of `one` to `other`, run in turn.
pub fn paired(runs: usize, mut one: impl FnMut() -> Duration, mut other: impl FnMut() -> Duration) -> f64 {
    let mut ratios: Vec<f64> =
        (0..=runs).map(|_| one().as_secs_f64() / other().as_secs_f64()).skip(1).collect();
    ratios.sort_by(f64::total_cmp);
    ratios[ratios.len() / 2]
}

/// The instructions of one run, counted by callgrind: the same in every run.
pub fn instructions(command: &Command) -> f64 {
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]);
    valgrind.arg(command.get_program()).args(command.get_args()).env_clear();
    for (name, value) in command.get_envs() {
        valgrind.env(name, value.unwrap_or_default());
    }
    let output = valgrind.output().expect("valgrind is installed");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let collected = said.lines().find_map(|line| line.split_once("Collected : "));
    collected.and_then(|(_, count)| count.trim().parse().ok()).unwrap_or_else(|| panic!("no count in {said}"))
}

/// A Rust program that does nothing, built with our profile.
pub fn empty_program(dir: &Path) -> PathBuf {
    let manifest =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")).expect("our own");
    let (_, rest) = manifest.split_once("[profile.release]").expect("our manifest has a release profile");
    let profile = rest.split("\n[").next().unwrap_or_default();
    let package = "[package]\nname = \"empty\"\nversion = \"0.0.0\"\nedition = \"2024\"\n[workspace]\n";
    std::fs::write(dir.join("Cargo.toml"), format!("{package}[profile.release]{profile}")).expect("writable");
    std::fs::create_dir(dir.join("src")).expect("writable");
    std::fs::write(dir.join("src/main.rs"), "fn main() {}\n").expect("writable");
    build(&dir.join("Cargo.toml"), &dir.join("target"), &[]);
    dir.join("target/release/empty")
}

/// One line of the table.
pub fn report(what: &str, ratio: f64, bar: &str) {
    println!("{what:<62} {ratio:>8.2} {bar:>8}");
}
