//! A file system for the cache alone, small or read-only: a tmpfs in a mount namespace that no other process sees.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use super::call::Call;

/// How to get a mount namespace: as root, or as any user in a user namespace in which that user is root.
#[derive(Clone, Copy)]
pub struct Namespace {
    unshare: &'static [&'static str],
    enter: &'static [&'static str],
}

const AS_ROOT: Namespace = Namespace { unshare: &["--mount"], enter: &["--mount"] };
const AS_ANY_USER: Namespace = Namespace {
    unshare: &["--mount", "--map-root-user"],
    enter: &["--mount", "--user", "--preserve-credentials"],
};

/// The kind of namespace that works here.
pub fn namespace() -> Result<Namespace, &'static str> {
    let works = |namespace: &Namespace| {
        let mut command = Command::new("unshare");
        command.args(namespace.unshare).args(["mount", "-t", "tmpfs", "none", "/mnt"]).stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    };
    [AS_ROOT, AS_ANY_USER].into_iter().find(works).ok_or("neither root nor unshare can mount a tmpfs here")
}

pub struct Disk {
    namespace: Namespace,
    /// Keeps the namespace until its stdin is closed.
    holder: Child,
    mount_point: PathBuf,
}

impl Disk {
    /// Mounts a tmpfs at `mount_point`, which must not exist.
    pub fn mount(namespace: Namespace, mount_point: &Path, options: &str) -> Self {
        std::fs::create_dir(mount_point).expect("a mount point");
        let script = r#"mount -t tmpfs -o "mode=700,$1" none "$0" && echo mounted && exec cat"#;
        let mut command = Command::new("unshare");
        command.args(namespace.unshare).args(["sh", "-c", script]).arg(mount_point).arg(options);
        let mut holder =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("unshare starts");
        let mut said = String::new();
        let stdout = holder.stdout.as_mut().expect("a pipe");
        BufReader::new(stdout).read_line(&mut said).expect("a line");
        assert_eq!(said, "mounted\n", "{options}");
        Self { namespace, holder, mount_point: mount_point.to_owned() }
    }

    /// `call` in the namespace of the mount.
    pub fn enter(&self, call: Call) -> Call {
        let holder = self.holder.id().to_string();
        let words = ["nsenter", "--target", &holder].into_iter().chain(self.namespace.enter.iter().copied());
        call.under(words.chain(["--"]))
    }

    /// Changes the options of the mount.
    pub fn remount(&self, options: &str) {
        self.script(r#"exec mount -t tmpfs -o "remount,$1" none "$0""#, options);
    }

    /// Writes until the last page is used.
    pub fn fill(&self) {
        self.script(
            r#"dd if=/dev/zero of="$0/filler" bs=4k status=none 2>"$0/full"; test -s "$0/filler""#,
            "",
        );
    }

    fn script(&self, script: &str, argument: &str) {
        let mut command = Command::new("nsenter");
        command.args(["--target", &self.holder.id().to_string()]).args(self.namespace.enter);
        command.args(["--", "sh", "-c", script]).arg(&self.mount_point).arg(argument);
        assert!(command.status().expect("nsenter starts").success(), "{script}");
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        drop(self.holder.stdin.take());
        let _ = self.holder.wait();
    }
}
