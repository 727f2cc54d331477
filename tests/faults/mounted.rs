//! A file system of a cache's own, small or read-only: a tmpfs in a mount namespace that no other process sees.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::harness::Call;
use crate::scene::Scene;
use crate::seen::Seen;

/// How a mount namespace is had: by root, or by anybody in a user namespace where he is root.
#[derive(Clone, Copy)]
pub struct Way {
    unshare: &'static [&'static str],
    enter: &'static [&'static str],
}

const AS_ROOT: Way = Way { unshare: &["--mount"], enter: &["--mount"] };
const AS_ANYBODY: Way =
    Way { unshare: &["--mount", "--map-root-user"], enter: &["--mount", "--user", "--preserve-credentials"] };

/// The way that works here.
pub fn mounting() -> Result<Way, &'static str> {
    let works = |way: &Way| {
        let mut command = Command::new("unshare");
        command.args(way.unshare).args(["mount", "-t", "tmpfs", "none", "/mnt"]).stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    };
    [AS_ROOT, AS_ANYBODY]
        .into_iter()
        .find(works)
        .ok_or("it needs a mount, which neither root nor unshare gives here")
}

pub struct Disk {
    way: Way,
    /// Holds the namespace, until its stdin is closed.
    holder: Child,
    place: PathBuf,
}

impl Disk {
    /// A tmpfs at `place`.
    pub fn mount(way: Way, place: &Path, options: &str) -> Self {
        std::fs::create_dir(place).expect("a mount point");
        let script = r#"mount -t tmpfs -o "mode=700,$1" none "$0" && echo mounted && exec cat"#;
        let mut command = Command::new("unshare");
        command.args(way.unshare).args(["sh", "-c", script]).arg(place).arg(options);
        let mut holder =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("unshare starts");
        let mut said = String::new();
        let stdout = holder.stdout.as_mut().expect("a pipe");
        BufReader::new(stdout).read_line(&mut said).expect("it says something");
        assert_eq!(said, "mounted\n", "{options}");
        Self { way, holder, place: place.to_owned() }
    }

    /// `call` where this is mounted.
    pub fn enter(&self, call: Call) -> Call {
        let holder = self.holder.id().to_string();
        let words = ["nsenter", "--target", &holder].into_iter().chain(self.way.enter.iter().copied());
        call.under(words.chain(["--"]))
    }

    /// Mounts it anew with these options.
    pub fn run(&self, options: &str) {
        self.script(r#"exec mount -t tmpfs -o "$1" none "$0""#, options);
    }

    /// Leaves no byte of room.
    pub fn fill(&self) {
        self.script(
            r#"dd if=/dev/zero of="$0/filler" bs=4k status=none 2>"$0/full"; test -s "$0/filler""#,
            "",
        );
    }

    fn script(&self, script: &str, argument: &str) {
        let mut command = Command::new("nsenter");
        command.args(["--target", &self.holder.id().to_string()]).args(self.way.enter);
        command.args(["--", "sh", "-c", script]).arg(&self.place).arg(argument);
        assert!(command.status().expect("nsenter starts").success(), "{script}");
    }

    /// What a `get` does here, and the next one when the disk is as `options` say.
    pub fn see(&self, scene: &Scene, options: &str) -> Seen {
        let before = scene.server.token_requests();
        let done = self.enter(scene.get()).run();
        let requests = scene.server.token_requests() - before;
        self.run(options);
        scene.seen(&done, requests, self.enter(scene.get()))
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        drop(self.holder.stdin.take());
        let _ = self.holder.wait();
    }
}
